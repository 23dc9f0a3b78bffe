import pytest
from django.core.exceptions import FieldError
from django.db.models import Count, Q

from houqin.notices.actions import mark_read
from houqin.notices.models import Notice
from houqin.schools.models import Place, School
from houqin.web.counts import Hits, Narrowed, PageCounts, Where, capped_counts, shown
from houqin.web.views import any_of
from tests.notices.factories import make_notice
from tests.schools.factories import make_place, make_school, make_user

pytestmark = pytest.mark.django_db


def test_all_counts_of_a_page_cost_one_query(django_assert_num_queries):
    school = make_school()
    for _ in range(3):
        make_place(school)
    with django_assert_num_queries(1):
        counts = capped_counts(
            {"all": Place.objects.all(), "schools": School.objects.all(), "none": Place.objects.none()}
        )
    assert counts == {"all": 3, "schools": 1, "none": 0}


def test_counting_stops_at_the_cap():
    school = make_school()
    for _ in range(5):
        make_place(school)
    assert capped_counts({"all": Place.objects.all()}, cap=3) == {"all": 4}
    assert shown(4, cap=3) == "3+"
    assert shown(1001) == "1,000+"
    assert shown(1000) == "1,000"


def test_what_is_asked_for_a_page_is_counted_together(django_assert_num_queries):
    make_place(make_school())
    counts = PageCounts()
    counts.ask("places", Place.objects.all())
    counts.ask("schools", School.objects.all())
    with django_assert_num_queries(1):
        assert (counts.get("places"), counts.get("schools"), counts.get("unasked")) == (1, 1, 0)


def test_nothing_asked_costs_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert PageCounts().get("places") == 0


def test_querysets_that_share_conditions_are_counted_each_by_its_own():
    here, elsewhere = make_school(), make_school()
    building = make_place(here, kind="building")
    make_place(here, parent=building)
    make_place(elsewhere)
    rows = Place.objects.filter(school=here)
    counts = capped_counts(
        {
            "here": rows,
            "rooms": rows.filter(kind="room"),
            "rooms or buildings": rows.filter(Q(kind="room") | Q(kind="building")),
            "not rooms": rows.exclude(kind="room"),
            "inside": rows.filter(parent__kind="building"),
            "impossible": rows.filter(pk__in=[]),
            "certain": rows.exclude(pk__in=[]),
            "elsewhere": Place.objects.filter(school=elsewhere),
        }
    )
    assert counts == {
        "here": 2,
        "rooms": 1,
        "rooms or buildings": 2,
        "not rooms": 1,
        "inside": 1,
        "impossible": 0,
        "certain": 2,
        "elsewhere": 1,
    }


def test_groups_and_distinct_rows_are_counted_as_they_are():
    school = make_school()
    for _ in range(3):
        make_place(school)
    counts = capped_counts(
        {
            "groups": School.objects.annotate(n=Count("places")).filter(n=3),
            "distinct": School.objects.filter(places__isnull=False).distinct(),
        }
    )
    assert counts == {"groups": 1, "distinct": 1}


def hits_of(here):
    """Return what a search might have found at a school, and chips of every kind."""
    found = Place.objects.filter(school=here).filter(Q(search_text__contains="室") | Q(search_text__contains="楼"))
    return found, {
        "all": found,
        "rooms": found.filter(kind="room"),
        "rooms or buildings": found.filter(Q(kind="room") | Q(kind="building")),
        "not rooms": found.exclude(kind="room"),
        "inside": found.filter(parent__kind="building"),
        "holds": found.filter(children__isnull=False).distinct(),
        "impossible": found.filter(pk__in=[]),
    }


def test_among_the_hits_of_a_search_the_counts_are_the_same(django_assert_num_queries):
    here = make_school()
    building = make_place(here, kind="building", name="教学楼")
    make_place(here, parent=building, name="一室")
    make_place(here, name="操场")
    make_place(make_school(), name="二室")
    found, chips = hits_of(here)
    with django_assert_num_queries(1):
        counts = capped_counts({"schools": School.objects.all()}, Hits(found, chips))
    assert counts == {
        "schools": 2,
        "hits": 2,
        "all": 2,
        "rooms": 1,
        "rooms or buildings": 2,
        "not rooms": 1,
        "inside": 1,
        "holds": 1,
        "impossible": 0,
    }


def test_a_search_stops_beyond_the_cap_and_says_at_least(monkeypatch):
    monkeypatch.setattr("houqin.web.counts.CAP", 3)
    here = make_school()
    for n in range(6):
        make_place(here, name=f"{n}室")
    found, chips = hits_of(here)
    counts = capped_counts({}, Hits(found, chips), cap=3)
    assert (counts["hits"], counts["rooms"]) == (4, 4)
    page = PageCounts()
    page.ask("schools", School.objects.all())
    page.ask_among(Place.objects.filter(school=here), {"buildings": Place.objects.filter(school=here, kind="building")})
    assert page.shown("schools") == "1"
    assert page.shown("buildings") == "0+"


def test_a_search_that_can_find_nothing_counts_nothing():
    nothing = Place.objects.none()
    assert capped_counts({}, Hits(nothing, {"all": nothing}))["all"] == 0


def test_a_condition_that_is_written_once_narrows_any_rows():
    here = make_school()
    building = make_place(here, kind="building")
    make_place(here, parent=building)
    make_place(make_school())
    user = make_user()
    rooms = any_of(kind="room")
    rows = Place.objects.filter(school=here)
    either = rows.filter(Q(kind="room") | Q(kind="building"))
    counts = capped_counts(
        {
            "plain": Narrowed(rows, rooms, user),
            "all": Narrowed(Place.objects.all(), rooms, user),
            "distinct": Narrowed(rows.filter(children__isnull=False).distinct(), any_of(kind="building"), user),
            "either": Narrowed(either, any_of(kind__in=["room", "ground"]), user),
            "nobody's": Narrowed(rows.none(), rooms, user),
            "any": Narrowed(rows, Where(lambda places, _person, _now: places), user),
            "any of all": Narrowed(Place.objects.all(), Where(lambda places, _person, _now: places), user),
        }
    )
    assert counts == {"plain": 1, "all": 2, "distinct": 1, "either": 1, "nobody's": 0, "any": 2, "any of all": 3}


def test_person_and_time_of_a_condition_are_those_of_the_page():
    mine, theirs = make_user(), make_user()
    for person, opened in ((mine, True), (mine, False), (theirs, False)):
        notice = make_notice(person)
        if opened:
            mark_read(notice, by=person)
    unread = Where(lambda notices, person, _now: notices.visible_to(person).unread())
    earlier = Where(lambda notices, person, now: notices.filter(person=person, created_at__lt=now))
    counts = capped_counts(
        {
            f"{name} of {person.pk}": Narrowed(Notice.objects.all(), where, person)
            for person in (mine, theirs)
            for name, where in (("unread", unread), ("earlier", earlier))
        }
    )
    assert list(counts.values()) == [1, 2, 1, 1]


def test_a_condition_on_other_tables_is_refused():
    inside = any_of(parent__kind="building")
    with pytest.raises(FieldError):
        capped_counts({"inside": Narrowed(Place.objects.all(), inside, make_user())})

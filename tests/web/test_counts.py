import pytest
from django.db.models import Count, Q

from houqin.schools.models import Place, School
from houqin.web.counts import PageCounts, capped_counts, shown
from tests.schools.factories import make_place, make_school

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

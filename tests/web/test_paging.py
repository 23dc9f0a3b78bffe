import base64
import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from houqin.accounts.models import User
from houqin.schools.models import Membership, Place
from houqin.web.paging import Sort, choose, keyset_page
from tests.schools.factories import make_membership, make_place, make_school, make_user

pytestmark = pytest.mark.django_db

BY_NAME = Sort("name_pinyin", descending=False)


def walk(queryset, sort, *, size, forward=True, start=""):
    """All pages in one direction, as lists of keys."""
    pages, cursor = [], start
    while True:
        page = keyset_page(queryset, sort, cursor, size=size)
        pages.append([row.pk for row in page.rows])
        cursor = page.older if forward else page.newer
        if not cursor:
            return pages, page


@pytest.fixture
def places():
    school = make_school()
    for name in ("甲", "乙", "丙", "丁", "戊", "己", "庚"):
        make_place(school, name=name)
    return Place.objects.filter(school=school)


def test_pages_forward_are_the_whole_list_in_order(places):
    pages, _last = walk(places, BY_NAME, size=3)
    assert [key for page in pages for key in page] == list(
        places.order_by("name_pinyin", "pk").values_list("pk", flat=True)
    )
    assert [len(page) for page in pages] == [3, 3, 1]


def test_pages_backward_are_the_pages_forward(places):
    forward, last = walk(places, BY_NAME, size=3)
    before = keyset_page(places, BY_NAME, last.newer, size=3)
    assert [row.pk for row in before.rows] == forward[1]
    first = keyset_page(places, BY_NAME, before.newer, size=3)
    assert [row.pk for row in first.rows] == forward[0]
    assert not first.newer
    assert first.older


def test_ties_are_neither_lost_nor_doubled():
    joined = timezone.now()
    people = [make_user(date_joined=joined) for _ in range(7)]
    queryset = User.objects.filter(pk__in=[person.pk for person in people])
    pages, last = walk(queryset, Sort("date_joined"), size=2)
    assert [key for page in pages for key in page] == sorted((p.pk for p in people), reverse=True)
    back, _first = walk(queryset, Sort("date_joined"), size=2, forward=False, start=last.newer)
    assert sorted(key for page in back for key in page) == sorted(p.pk for p in people[1:])


def test_days_can_be_a_sort():
    school = make_school()
    for days in range(5):
        make_membership(make_user(), school, since=date(2024, 1, 1) + timedelta(days=days))
    pages, _last = walk(Membership.objects.filter(school=school), Sort("since"), size=2)
    assert [len(page) for page in pages] == [2, 2, 1]


def test_descending_starts_with_the_last(places):
    page = keyset_page(places, Sort("name_pinyin"), size=1)
    assert page.rows[0] == places.order_by("-name_pinyin").first()


def test_values_page_like_records(places):
    records, values = Place.objects.all(), Place.objects.values("pk", "name_pinyin", "code")
    sort = Sort("name_pinyin", descending=False)
    of_records, of_values = keyset_page(records, sort, size=3), keyset_page(values, sort, size=3)
    assert [row["pk"] for row in of_values.rows] == [place.pk for place in of_records.rows]
    assert of_values.older == of_records.older
    assert (
        keyset_page(values, sort, of_values.older, size=3).newer
        == keyset_page(records, sort, of_records.older, size=3).newer
    )


def test_a_page_costs_one_query(places, django_assert_num_queries):
    with django_assert_num_queries(1):
        keyset_page(places, BY_NAME, size=3)


def test_an_empty_list_has_no_neighbours():
    page = keyset_page(Place.objects.none(), BY_NAME)
    assert (page.rows, page.newer, page.older) == ([], "", "")


def cursor(*content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "broken",
    [
        "x",
        "!!!",
        "é",
        "A" * 501,
        cursor(),
        cursor("o", "x"),
        cursor("z", "x", 1),
        cursor("o", "x", "1"),
        cursor("o", ["x"], 1),
        cursor("o", {"x": 1}, 1),
        cursor("o", None, 1),
        cursor("o", "a\x00b", 1),
        cursor("o", "\ud800", 1),
        cursor("o", "x", 10**30),
        cursor("o", "x", -1),
        base64.urlsafe_b64encode(b"17").decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_a_broken_cursor_gives_the_first_page(places, broken):
    assert keyset_page(places, BY_NAME, broken, size=3).rows == keyset_page(places, BY_NAME, size=3).rows


@pytest.mark.parametrize(
    "value", ["yesterday", 12, True, "2024-13-45T00:00:00+08:00", "2024-09-01", "0001-01-01T00:00"]
)
def test_a_cursor_of_another_type_gives_the_first_page(value):
    make_user()
    assert len(keyset_page(User.objects.all(), Sort("date_joined"), cursor("o", value, 1)).rows) == 1


def test_only_listed_sorts_are_chosen():
    sorts = {"name": BY_NAME, "new": Sort("id")}
    assert choose("new", sorts, "name") == ("new", sorts["new"])
    assert choose("password", sorts, "name") == ("name", BY_NAME)
    assert choose(None, sorts, "name") == ("name", BY_NAME)

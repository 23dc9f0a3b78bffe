import pytest

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

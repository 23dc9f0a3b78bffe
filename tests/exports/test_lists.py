import pytest
from django.http import QueryDict

from houqin.exports.lists import rows_of
from houqin.schools.models import Place
from houqin.web.paging import Sort
from houqin.web.views import Chip, Filter, ListPage, any_of
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db


class PlaceList(ListPage):
    model = Place
    sorts = {"name": Sort("name_pinyin", descending=False), "new": Sort("id")}
    default_sort = "name"
    chips = [Chip("used", "在用", any_of(is_active=True))]
    filters = [Filter("kind", "种类", lambda request: Place.Kind.choices, lambda rows, value: rows.filter(kind=value))]


def exported(person, school, query=""):
    return [place.code for place in rows_of(PlaceList)(person, school, QueryDict(query))]


def test_an_export_holds_what_its_list_shows():
    school, other = make_school(), make_school()
    make_place(school, code="B", name="北门", kind="structure")
    make_place(school, code="A", name="操场", kind="ground", is_active=False)
    make_place(school, code="C", name="大门", kind="structure")
    make_place(other, code="X", name="门")
    person = make_person(school)
    assert exported(person, school) == ["B", "A", "C"]
    assert exported(person, school, "sort=new") == ["C", "A", "B"]
    assert exported(person, school, "chip=used") == ["B", "C"]
    assert exported(person, school, "kind=ground") == ["A"]
    assert exported(person, school, "kind=nonsense&chip=nonsense") == ["B", "A", "C"]
    assert exported(person, school, "q=dm") == ["C"]
    assert exported(person, other) == []

import pytest
from django import forms
from django.test import RequestFactory

from houqin.schools.models import Place
from houqin.web.widgets import DayInput, TypeAheadField, options
from tests.schools.factories import make_place, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def form_class(school):
    class PlaceForm(forms.Form):
        place = TypeAheadField(Place.objects.filter(school=school), url="/places/options/")
        day = forms.DateField(widget=DayInput, required=False)

    return PlaceForm


def codes(form):
    return [error.code for error in form.errors.as_data()["place"]]


def test_the_chosen_row_is_taken(form_class, school):
    place = make_place(school)
    form = form_class({"place": str(place.pk), "place_text": str(place)})
    assert form.is_valid()
    assert form.cleaned_data["place"] == place


def test_without_script_the_only_fitting_row_is_taken(form_class, school):
    place = make_place(school, name="大会议室")
    make_place(school, name="操场")
    assert form_class({"place": "", "place_text": "dhys"}).is_valid()
    form = form_class({"place_text": "会议"})
    assert form.is_valid()
    assert form.cleaned_data["place"] == place


def test_without_script_several_rows_become_radio_buttons(form_class, school):
    rooms = [make_place(school, name=f"{n}教室") for n in (101, 102)]
    form = form_class({"place_text": "教室"})
    assert codes(form) == ["several"]
    drawn = str(form["place"])
    assert 'value="教室"' in drawn
    for room in rooms:
        assert f'type="radio" name="place" value="{room.pk}"' in drawn


def test_an_exact_name_wins_over_what_contains_it(form_class, school):
    make_place(school, name="101教室后门")
    room = make_place(school, name="101教室")
    form = form_class({"place_text": "101教室"})
    assert form.is_valid()
    assert form.cleaned_data["place"] == room


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({}, "required"),
        ({"place": "", "place_text": ""}, "required"),
        ({"place_text": "月球"}, "not_found"),
        ({"place": "0"}, "invalid_choice"),
        ({"place": "x"}, "invalid_choice"),
    ],
)
def test_what_does_not_fit_is_refused(form_class, school, data, code):
    make_place(school, name="操场")
    assert codes(form_class(data)) == [code]


def test_rows_of_others_cannot_be_chosen(form_class):
    foreign = make_place(make_school(), name="别处")
    assert codes(form_class({"place": str(foreign.pk)})) == ["invalid_choice"]
    assert codes(form_class({"place_text": "别处"})) == ["not_found"]


def test_the_field_shows_what_is_chosen(form_class, school):
    place = make_place(school, name="大会议室")
    drawn = str(form_class(initial={"place": place})["place"])
    assert 'value="大会议室"' in drawn
    assert f'type="hidden" name="place" value="{place.pk}"' in drawn
    assert 'id="id_place_text"' in drawn
    assert 'for="id_place_text"' in form_class()["place"].label_tag()


def test_hundreds_of_rows_are_not_drawn(form_class, school, django_assert_num_queries):
    for _ in range(3):
        make_place(school)
    with django_assert_num_queries(0):
        assert "<option" not in str(form_class()["place"])


def test_has_changed(form_class, school):
    place, other = make_place(school), make_place(school)
    field = form_class().fields["place"]
    chosen = field.widget.value_from_datadict({"place": str(place.pk)}, {}, "place")
    typed = field.widget.value_from_datadict({"place_text": "x"}, {}, "place")
    assert not field.has_changed(place, chosen)
    assert not field.has_changed(place.pk, chosen)
    assert field.has_changed(other, chosen)
    assert field.has_changed(None, typed)


def test_options_answer_what_is_typed_with_one_query(school, django_assert_num_queries):
    for n in range(20):
        make_place(school, name=f"{n}教室<")
    request = RequestFactory().get("/", {"q": "js"})
    with django_assert_num_queries(1):
        answer = options(
            request, Place.objects.filter(school=school), facts=lambda place: [place.code]
        ).content.decode()
    assert answer.count('role="option"') == 12
    assert "教室&lt;" in answer


def test_options_say_when_nothing_fits(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = options(RequestFactory().get("/"), Place.objects.all())
    assert 'class="none"' in answer.content.decode()


def test_a_day_is_written_as_the_device_wants_it(form_class):
    drawn = str(form_class(initial={"day": "2026-09-01"})["day"])
    assert 'type="date"' in drawn
    assert 'value="2026-09-01"' in drawn

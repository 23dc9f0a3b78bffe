import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.urls import path

from houqin import urls as house
from houqin.errors import NotAllowed, Refused
from houqin.history.models import ActionLog
from houqin.history.trail import changes
from houqin.schools.models import Place
from tests.schools.factories import make_person, make_place, make_school

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def rename(request, pk):
    with transaction.atomic():
        place = Place.objects.get(pk=pk)
        place.name = "改名了"
        place.save()
    return HttpResponse("ok")


@transaction.atomic
def not_allowed(request):
    Place.objects.update(name="半途")
    raise NotAllowed("请找总务主任。", code="too_high")


@transaction.atomic
def refused(request):
    Place.objects.update(name="半途")
    raise Refused("昨天已经结账，请改日期。", code="closed")


def denied(request):
    raise PermissionDenied


handler403 = house.handler403
urlpatterns = [
    path("rename/<int:pk>/", rename),
    path("not-allowed/", not_allowed, name="try_it"),
    path("refused/", refused, name="refused"),
    path("denied/", denied, name="denied"),
    *house.urlpatterns,
]


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def person(client, school):
    person = make_person(school)
    client.force_login(person)
    return person


def test_changes_carry_the_person(client, person, school):
    place = make_place(school)
    client.post(f"/rename/{place.pk}/")
    assert changes(place)[0].who == str(person)


def test_refused_person_is_told_and_logged_though_all_is_rolled_back(client, person, school):
    place = make_place(school)
    response = client.post("/not-allowed/", HTTP_USER_AGENT="x", REMOTE_ADDR="10.1.2.3")
    assert response.status_code == 403
    assert "请找总务主任。" in response.content.decode()
    place.refresh_from_db()
    assert place.name != "半途"
    entry = ActionLog.objects.get()
    assert (entry.user, entry.school, entry.code, entry.result) == (person, school, "try_it", "too_high")
    assert (entry.address, entry.path) == ("10.1.2.3", "/not-allowed/")
    assert entry.device


def test_plain_denial_is_logged_too(client, person):
    assert client.get("/denied/").status_code == 403
    assert ActionLog.objects.get().result == "not_allowed"


def test_refusal_that_no_view_caught_is_answered_in_words(client, person, school):
    place = make_place(school)
    response = client.post("/refused/")
    assert response.status_code == 409
    assert "昨天已经结账，请改日期。" in response.content.decode()
    place.refresh_from_db()
    assert place.name != "半途"
    assert ActionLog.objects.get().result == "closed"

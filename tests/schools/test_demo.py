from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from houqin.accounts.models import User
from houqin.schools import calendar, demo
from houqin.schools.demo_base import load_base
from houqin.schools.models import Membership, Place, School, Term
from houqin.schools.roles import CENTRAL_ROLES, Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_the_demo(settings):
    settings.DEMO = True
    settings.DEMO_PASSWORD = "houqin-demo"


def test_one_account_for_each_role():
    load_base()
    for role in Role.values:
        person = User.objects.get(username=role)
        post = person.memberships.get()
        assert post.role == role
        at_the_top = role in CENTRAL_ROLES - {Role.AUDITOR}
        assert post.school.name == ("太平中心学校" if at_the_top else "黄竹林学校")
        assert person.check_password("houqin-demo")
    assert User.objects.get(username="staff2").memberships.get().school.name == "示范小学"
    assert not User.objects.get(username="macheng").has_usable_password()


def test_places_are_called_as_in_the_year_of_repairs():
    load_base()
    names = set(Place.objects.filter(school__code="HZL").values_list("full_name", flat=True))
    assert {"二号楼302教室", "一号楼106教室", "图书室", "女厕所(二楼西)", "操场", "黄竹林学校大门"} <= names
    assert Place.objects.get(full_name="示范小学舞台").school.name == "示范小学"


def test_campuses_follow_the_terms_of_the_central_school():
    load_base()
    assert len(calendar.terms_of(School.objects.get(code="QM"))) == 6


def test_a_second_run_changes_nothing():
    load_base()
    User.objects.filter(username="staff").update(display_name="改名")
    Membership.objects.filter(user__username="macheng").delete()
    counts = [model.objects.count() for model in (School, Place, Term, User, Membership)]
    load_base()
    assert [model.objects.count() for model in (School, Place, Term, User, Membership)] == counts
    assert User.objects.get(username="staff").display_name == "改名"


def test_the_command_calls_the_loaders_in_order(monkeypatch):
    called = []
    monkeypatch.setattr(demo, "_loaders", {})
    demo.register("later", 20, lambda out: called.append("later"))
    demo.register("sooner", 10, lambda out: called.append("sooner"))
    call_command("load_demo", stdout=StringIO())
    assert called == ["sooner", "later"]
    assert School.objects.exists()


def test_outside_the_demo_nothing_is_loaded(settings):
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("load_demo")
    assert not School.objects.exists()

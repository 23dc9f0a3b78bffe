import pytest
from django.apps import apps
from django.db import models

from houqin.history import checks
from houqin.schools.models import School
from houqin.schools.querysets import SchoolQuerySet


def ids(monkeypatch, model):
    monkeypatch.setattr(checks, "_ours", lambda: [model])
    return [message.id for message in checks.check_visibility(None)]


@pytest.fixture
def registry():
    """Models made in a test leave no trace in the registry."""
    before = dict(apps.all_models["history"])
    yield
    apps.all_models["history"].clear()
    apps.all_models["history"].update(before)
    apps.clear_cache()


def test_model_of_a_school_says_who_sees_it(monkeypatch, registry):
    class Hidden(models.Model):  # noqa: DJ008  never printed
        school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "history"

    assert ids(monkeypatch, Hidden) == ["houqin.E001"]


def test_permission_must_stand_in_the_table(monkeypatch, registry):
    class Unnamed(models.Model):  # noqa: DJ008  never printed
        VIEW_PERMISSION = "history.dance"
        school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
        objects = SchoolQuerySet.as_manager()

        class Meta:
            app_label = "history"

    assert ids(monkeypatch, Unnamed) == ["houqin.E002"]


def test_house_keeps_its_own_rule():
    assert checks.check_visibility(None) == []

import pytest

from houqin.imports import registry
from tests.imports.factories import KIND
from tests.schools.factories import make_person, make_school


@pytest.fixture(autouse=True)
def _own_world(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(registry, "_kinds", {**registry._kinds, KIND.name: KIND})


@pytest.fixture
def school(db):
    return make_school()


@pytest.fixture
def head(school):
    return make_person(school, "logistics")

from collections.abc import Iterator

import pytest

from houqin.exports import registry
from houqin.exports.registry import Export
from tests.exports.factories import KIND, make_export


@pytest.fixture
def export(monkeypatch) -> Iterator[Export]:
    """The export of places, known to the registry during the test."""
    definition = make_export()
    monkeypatch.setitem(registry._definitions, KIND, definition)
    return definition


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path) -> None:
    """Keep the files of each test apart: a database that is rolled back gives the same keys again."""
    settings.MEDIA_ROOT = str(tmp_path / "home" / "media")

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from houqin.web.limits import count_use
from houqin.web.models import UseCount
from tests.web.threads import at_once

HOUR = timedelta(hours=1)


@pytest.mark.django_db
def test_uses_are_counted_by_name():
    assert [count_use("login:a", window=HOUR) for _ in range(3)] == [1, 2, 3]
    assert count_use("login:b", window=HOUR) == 1
    assert count_use("login:b", window=HOUR, amount=5) == 6


@pytest.mark.django_db
def test_a_new_window_starts_from_one(monkeypatch):
    now = datetime(2026, 9, 1, 8, 59, 59, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert count_use("x", window=HOUR) == 1
    now += timedelta(seconds=1)
    assert count_use("x", window=HOUR) == 1
    assert UseCount.objects.count() == 2


@pytest.mark.django_db
def test_a_long_name_still_counts():
    assert count_use("n" * 300, window=HOUR) == 1
    assert count_use("n" * 300, window=HOUR) == 2


def test_simultaneous_uses_get_different_numbers(committing_db):
    assert sorted(at_once(20, lambda: count_use("same", window=HOUR))) == list(range(1, 21))

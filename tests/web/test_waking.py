import logging

import pytest
from celery import shared_task
from kombu.exceptions import OperationalError

from houqin.web import waking

pytestmark = pytest.mark.django_db


@shared_task
def knock(number):
    """Do nothing."""


@pytest.fixture
def sent(monkeypatch):
    """What was handed to the broker; `sent.away` makes it fail."""

    class Sent(list):
        away = False

    sent = Sent()

    def delay(*arguments):
        sent.append(arguments)
        if sent.away:
            raise OperationalError("Connection refused.")

    monkeypatch.setattr(knock, "delay", delay)
    monkeypatch.setattr(waking, "_rests_until", 0.0)
    return sent


def test_the_message_goes_out_after_commit(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        waking.wake_after_commit(knock, 7)
        assert sent == []
    assert sent == [(7,)]


def test_a_broker_that_is_away_costs_one_line_and_one_try(sent, caplog, django_capture_on_commit_callbacks):
    sent.away = True
    with caplog.at_level(logging.INFO), django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            waking.wake_after_commit(knock, number)
    assert len(sent) == 1
    (line,) = [record for record in caplog.records if record.name == waking.logger.name]
    assert line.levelname == "WARNING"
    assert line.exc_info is None
    assert "Connection refused." in line.getMessage()


def test_a_broker_that_came_back_is_asked_again(sent, monkeypatch):
    sent.away = True
    assert not waking.wake(knock, 1)
    sent.away = False
    now = waking.time.monotonic()
    monkeypatch.setattr(waking.time, "monotonic", lambda: now + waking.REST_SECONDS + 1)
    assert waking.wake(knock, 2)
    assert sent == [(1,), (2,)]


def test_what_fails_after_commit_fails_no_page(monkeypatch, django_capture_on_commit_callbacks):
    def broken(*arguments):
        raise RuntimeError("a fault in the client of the broker")

    monkeypatch.setattr(knock, "delay", broken)
    monkeypatch.setattr(waking, "_rests_until", 0.0)
    with django_capture_on_commit_callbacks(execute=True):
        waking.wake_after_commit(knock, 1)


def test_a_page_does_not_wait_long_for_the_broker(settings):
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    assert options["socket_connect_timeout"] <= 2
    assert options["socket_timeout"] <= 5
    assert options["max_retries"] <= 1
    assert settings.CELERY_TASK_PUBLISH_RETRY is False

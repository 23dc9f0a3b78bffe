from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from houqin.notices import channels, delivery
from houqin.notices.actions import notify
from houqin.notices.delivery import MAX_ATTEMPTS, claim_next, deliver, wait_after
from houqin.notices.email import message_id
from houqin.notices.models import NoticeDelivery
from houqin.notices.tasks import deliver_due
from tests.notices.factories import make_delivery
from tests.schools.factories import make_school, make_user

pytestmark = pytest.mark.django_db


class Broken:
    """A channel whose server never answers."""

    name = "email"

    def reaches(self, *, urgent):
        raise NotImplementedError

    def send(self, delivery):
        raise OSError("no route to host")


@pytest.fixture
def broken(monkeypatch):
    monkeypatch.setitem(channels._channels, "email", Broken())


@pytest.fixture
def waiting():
    return make_delivery(make_user(email="a@example.org", display_name="王老师"))


def test_sweep_delivers_what_was_missed(waiting, mailoutbox):
    assert deliver_due() == 1
    waiting.refresh_from_db()
    assert waiting.state == "sent"
    assert waiting.sent_at is not None
    assert len(mailoutbox) == 1
    assert deliver_due() == 0
    assert len(mailoutbox) == 1


def test_message_says_it_all(mailoutbox, settings):
    settings.SITE_URL = "https://houqin.example.org"
    school = make_school(name="黄竹林学校")
    made = make_delivery(
        make_user(email="a@example.org", display_name="王老师"),
        title="窗户修好了\n",
        body="请您验收。<b>",
        url="/repairs/7/",
        school=school,
        urgent=True,
    )
    deliver_due()
    sent = mailoutbox[0]
    assert "窗户修好了" in sent.subject
    assert "\n" not in sent.subject
    assert sent.extra_headers["Message-ID"] == message_id(made) == f"<{made.key}@houqin.example.org>"
    html = sent.alternatives[0].content
    for text in (sent.body, html):
        assert "王老师" in text
        assert "黄竹林学校" in text
        assert "https://houqin.example.org/repairs/7/" in text
    assert "请您验收。<b>" in sent.body
    assert "请您验收。&lt;b&gt;" in html


def test_failure_waits_longer_each_time(waiting, broken):
    waits = []
    for _attempt in range(3):
        before = timezone.now()
        assert not deliver(claim_next())
        waiting.refresh_from_db()
        assert waiting.state == "waiting"
        assert "no route" in waiting.error
        assert claim_next() is None
        waits.append(round((waiting.next_try_at - before).total_seconds() / 60))
        NoticeDelivery.objects.update(next_try_at=timezone.now())
    assert waits == [1, 2, 4]


def test_given_up_after_the_last_attempt(waiting, broken, caplog):
    NoticeDelivery.objects.update(attempts=MAX_ATTEMPTS - 1)
    deliver_due()
    waiting.refresh_from_db()
    assert waiting.state == "failed"
    assert "given up" in caplog.text


def test_waits_are_bounded():
    assert wait_after(MAX_ATTEMPTS) == timedelta(hours=4)


def test_address_that_went_away_is_given_up_at_once(waiting):
    person = waiting.notice.person
    person.email = ""
    person.save(update_fields=["email"])
    deliver_due()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == ("failed", 1)
    assert mail.outbox == []


def test_claimed_delivery_is_left_alone_until_the_claim_runs_out(waiting, settings):
    claimed = claim_next()
    assert claimed.pk == waiting.pk
    assert claimed.state == "sending"
    assert claim_next() is None
    NoticeDelivery.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    again = claim_next()
    assert (again.pk, again.attempts, again.key) == (waiting.pk, 2, waiting.key)


def test_late_worker_does_not_undo_the_next_one(waiting):
    late = claim_next()
    NoticeDelivery.objects.update(next_try_at=timezone.now())
    deliver(claim_next())
    delivery._try_later(late, OSError("timed out"))
    waiting.refresh_from_db()
    assert waiting.state == "sent"


def test_unknown_channel_is_given_up(waiting):
    NoticeDelivery.objects.update(channel="pigeon")
    deliver_due()
    waiting.refresh_from_db()
    assert waiting.state == "failed"


def test_second_channel_needs_only_to_be_registered(monkeypatch):
    from django.db.models import Q

    class Board(Broken):
        name = "board"
        shown = []

        def reaches(self, *, urgent):
            return Q(phone__startswith="138")

        def send(self, delivery):
            self.shown.append(delivery.notice.title)

    monkeypatch.setitem(channels._channels, "board", Board())
    people = [make_user(phone="13800000001", email="a@example.org"), make_user(phone="13900000001")]
    for person in people:
        notify(person, cause="c", title="停水", school=None)
    assert sorted(NoticeDelivery.objects.values_list("channel", flat=True)) == ["board", "email"]
    deliver_due()
    assert Board.shown == ["停水"]


def test_sent_without_time_is_refused(waiting):
    with pytest.raises(IntegrityError, match="notices_delivery_sent_at"), transaction.atomic():
        NoticeDelivery.objects.update(state="sent")

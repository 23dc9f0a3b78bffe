"""A notice reaches its person whatever dies on the way."""

from collections import Counter

from houqin.notices.email import message_id
from houqin.notices.models import NoticeDelivery
from tests.faults.conftest import wait_until
from tests.schools.factories import make_user


def all_sent():
    return not NoticeDelivery.objects.exclude(state="sent").exists()


def expected_ids():
    return {message_id(delivery) for delivery in NoticeDelivery.objects.all()}


def test_killed_worker_loses_nothing(house, mailbox):
    person = make_user(email="a@example.org")
    deadly = {5, 9, 14}

    def kill_the_worker(number):
        """The worst moment: the mail is accepted, and nobody lives to write that down."""
        if number in deadly:
            house.workers[-1].kill()

    mailbox.before_answer = kill_the_worker
    house.start_worker()
    house.tell(person, 0, 20)

    def replace_the_dead():
        if not house.workers[-1].is_running:
            house.start_worker()
        house.sweep()

    wait_until(all_sent, meanwhile=replace_the_dead, seconds=90)
    copies = Counter(mailbox.message_ids)
    assert set(copies) == expected_ids()
    assert len(copies) == 20
    # A kill may cost a second copy of what its two processes had under way, under the same id.
    assert len(deadly) <= sum(copies.values()) - 20 <= 2 * len(deadly)


def test_emptied_broker_loses_nothing(house, mailbox):
    person = make_user(email="a@example.org")
    house.tell(person, 0, 10)
    house.flush_broker()
    house.start_worker()
    assert mailbox.message_ids == []
    wait_until(all_sent, meanwhile=house.sweep)
    assert Counter(mailbox.message_ids) == Counter(expected_ids())


def test_missing_broker_neither_stops_the_cause_nor_loses_a_notice(house, mailbox):
    person = make_user(email="a@example.org")
    house.valkey.stop()
    house.tell(person, 0, 5)
    assert NoticeDelivery.objects.filter(state="waiting").count() == 5
    house.valkey.start()
    house.environ["REDIS_URL"] = house.valkey.url()
    house.start_worker()
    wait_until(all_sent, meanwhile=house.sweep)
    assert Counter(mailbox.message_ids) == Counter(expected_ids())

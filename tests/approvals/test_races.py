"""Two people at once on one approval: one signature counts, the other is told, nothing is done twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from houqin.approvals import actions
from houqin.approvals.models import Approval, Signature, Tier
from houqin.errors import NotAllowed, Refused
from houqin.schools.models import Place
from tests.approvals.factories import KIND, Offices, told
from tests.schools.factories import make_place


def at_once(*steps):
    """Run the steps at the same moment, each on a connection of its own; return the codes of refusals, else "done"."""
    barrier = Barrier(len(steps))

    def run(step):
        try:
            barrier.wait(10)
            step()
        except (Refused, NotAllowed) as refusal:
            return refusal.code
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return sorted(pool.map(run, steps))


def by(approval, person):
    return lambda: actions.sign(approval, by=person, decision="approve")


def test_two_officers_sign_one_step_at_once(committing_db):
    offices = Offices()
    offices.tiers(Tier(role="central_officer", at_central=True))
    approval = offices.ask()
    results = at_once(by(approval, offices.officer), by(approval, offices.second_officer))
    assert results == ["done", "wrong_state"]
    assert told == [("approved", approval.subject_id)]


def test_one_person_taps_twice_at_the_same_moment(committing_db):
    offices = Offices()
    approval = offices.ask("9000")
    assert at_once(by(approval, offices.principal), by(approval, offices.principal)) == ["done", "signed_already"]
    assert Signature.objects.count() == 1


def test_both_of_two_signatures_given_at_once_approve_once(committing_db):
    offices = Offices()
    offices.tiers(Tier(role="central_officer", at_central=True, signatures=2))
    approval = offices.ask()
    assert at_once(by(approval, offices.officer), by(approval, offices.second_officer)) == ["done", "done"]
    approval.refresh_from_db()
    assert approval.state == Approval.State.APPROVED
    assert told == [("approved", approval.subject_id)]


def test_withdrawing_and_signing_at_once_leaves_one_of_both(committing_db):
    offices = Offices()
    approval = offices.ask()
    subject = Place.objects.get(pk=approval.subject_id)
    at_once(by(approval, offices.principal), lambda: actions.withdraw(KIND, subject, by=offices.requester))
    approval.refresh_from_db()
    signed = Signature.objects.filter(approval=approval).exists()
    assert (approval.state, signed) in [(Approval.State.APPROVED, True), (Approval.State.WITHDRAWN, False)]


def test_what_is_asked_for_twice_at_once_waits_once(committing_db):
    offices = Offices()
    subject = make_place(offices.school)
    results = at_once(*[lambda: offices.ask(subject=subject)] * 4)
    assert results == ["already_waiting"] * 3 + ["done"]
    assert Approval.objects.count() == 1

"""Who signs what, in which order, and who may not."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from houqin.approvals import actions, subjects
from houqin.approvals.models import Approval, Delegation, Signature, Tier
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.notices.models import Notice
from houqin.schools.models import Place
from houqin.schools.roles import Role
from tests.approvals.factories import KIND, Offices, told
from tests.schools.factories import make_membership, make_person, make_place

pytestmark = pytest.mark.django_db
State = Approval.State


@pytest.fixture
def offices():
    return Offices()


def refused(step, exception=NotAllowed):
    with pytest.raises(exception) as refusal, transaction.atomic():
        step()
    return refusal.value.code


def test_a_small_amount_needs_the_principal_alone(offices):
    approval = actions.sign(offices.ask("4999.99"), by=offices.principal, decision="approve")
    assert approval.state == State.APPROVED
    assert told == [("approved", approval.subject_id)]


def test_a_large_amount_goes_on_to_the_central_school(offices):
    approval = actions.sign(offices.ask("5000"), by=offices.principal, decision="approve")
    assert (approval.state, approval.current_role) == (State.WAITING, "central_officer")
    assert Notice.objects.filter(person=offices.officer).exists()
    assert actions.sign(approval, by=offices.officer, decision="approve").state == State.APPROVED


def test_nobody_signs_before_the_turn(offices):
    approval = offices.ask("5000")
    assert refused(lambda: actions.sign(approval, by=offices.officer, decision="approve")) == "not_your_turn"


def test_nobody_signs_twice(offices):
    make_membership(offices.principal, offices.central, "central_officer")
    approval = actions.sign(offices.ask("5000"), by=offices.principal, decision="approve")
    assert refused(lambda: actions.sign(approval, by=offices.principal, decision="approve")) == "signed_already"


def test_nobody_approves_the_own_request_and_the_next_office_up_signs(offices):
    approval = offices.ask(by=offices.principal)
    assert approval.current_role == "central_officer"
    assert refused(lambda: actions.sign(approval, by=offices.principal, decision="approve")) == "own_request"
    assert actions.sign(approval, by=offices.officer, decision="approve").state == State.APPROVED


def test_an_officer_who_asks_is_signed_for_by_the_other(offices):
    make_membership(offices.officer, offices.school, "principal")
    approval = offices.ask("9000", by=offices.officer)
    approval = actions.sign(approval, by=offices.principal, decision="approve")
    assert refused(lambda: actions.sign(approval, by=offices.officer, decision="approve")) == "own_request"
    assert actions.sign(approval, by=offices.second_officer, decision="approve").state == State.APPROVED


def test_where_nobody_is_left_it_is_said_before_asking(offices):
    offices.officer.memberships.all().update(until=date(2020, 2, 1))
    assert refused(lambda: offices.ask("9000", by=offices.second_officer), Refused) == "nobody_can_sign"


@pytest.mark.parametrize("decision", ["return", "reject"])
def test_one_word_against_ends_it_with_a_reason(offices, decision):
    approval = offices.ask()
    assert (
        refused(lambda: actions.sign(approval, by=offices.principal, decision=decision), Refused) == "comment_missing"
    )
    approval = actions.sign(approval, by=offices.principal, decision=decision, comment="太贵")
    assert told[-1][0] == {"return": "returned", "reject": "rejected"}[decision]
    assert (
        refused(lambda: actions.sign(approval, by=offices.principal, decision="approve"), WrongState) == "wrong_state"
    )


def test_a_changed_content_voids_what_was_asked(offices):
    approval = offices.ask()
    Place.objects.filter(pk=approval.subject_id).update(name="另一样")
    assert (
        refused(lambda: actions.sign(approval, by=offices.principal, decision="approve"), Refused) == "content_changed"
    )
    assert not approval.signatures.exists()
    assert actions.void_changed(approval, by=offices.principal).state == State.VOIDED
    assert told == [("returned", approval.subject_id)]


def test_a_subject_waits_once(offices):
    subject = make_place(offices.school)
    offices.ask(subject=subject)
    assert refused(lambda: offices.ask(subject=subject), Refused) == "already_waiting"


def test_after_a_withdrawal_it_can_be_asked_anew(offices):
    subject = make_place(offices.school)
    first = offices.ask(subject=subject)
    actions.withdraw(KIND, subject, by=offices.requester)
    first.refresh_from_db()
    assert first.state == State.WITHDRAWN
    assert offices.ask(subject=subject).state == State.WAITING


def test_a_role_lost_a_moment_ago_signs_no_more(offices):
    approval = offices.ask()
    offices.principal.memberships.update(until=timezone.localdate() - timedelta(days=1))
    assert refused(lambda: actions.sign(approval, by=offices.principal, decision="approve")) == "not_your_turn"


def lend(offices, to, **days):
    today = timezone.localdate()
    return actions.delegate(
        by=offices.principal,
        to=to,
        school=offices.school,
        since=days.get("since", today),
        until=days.get("until", today + timedelta(days=3)),
        reason="出差",
    )


def test_somebody_signs_in_the_principals_place(offices):
    deputy = make_person(offices.school, "logistics")
    lend(offices, deputy)
    approval = offices.ask()
    assert list(Approval.objects.waiting_for(deputy)) == [approval]
    actions.sign(approval, by=deputy, decision="approve")
    signature = Signature.objects.get()
    assert (signature.signer, signature.on_behalf_of) == (deputy, offices.principal)


def test_a_delegation_holds_for_its_days_only(offices):
    deputy = make_person(offices.school, "logistics")
    today = timezone.localdate()
    lend(offices, deputy, since=today + timedelta(days=1), until=today + timedelta(days=2))
    assert refused(lambda: actions.sign(offices.ask(), by=deputy, decision="approve")) == "not_your_turn"


def test_a_delegation_does_not_let_the_requester_sign(offices):
    lend(offices, offices.requester)
    assert refused(lambda: actions.sign(offices.ask(), by=offices.requester, decision="approve")) == "own_request"


def test_an_ended_delegation_signs_no_more(offices):
    deputy = make_person(offices.school, "logistics")
    actions.end_delegation(lend(offices, deputy), by=offices.principal)
    assert refused(lambda: actions.sign(offices.ask(), by=deputy, decision="approve")) == "not_your_turn"


def test_two_signatures_of_one_post_come_from_two_people(offices):
    offices.tiers(Tier(role="central_officer", at_central=True, signatures=2))
    approval = actions.sign(offices.ask(), by=offices.officer, decision="approve")
    assert approval.state == State.WAITING
    assert refused(lambda: actions.sign(approval, by=offices.officer, decision="approve")) == "signed_already"
    assert actions.sign(approval, by=offices.second_officer, decision="approve").state == State.APPROVED


def test_tiers_of_a_school_stand_before_those_of_the_central_school_and_these_before_the_shipped_ones(offices):
    make_person(offices.school, "logistics")
    offices.tiers(Tier(role="central_officer", at_central=True))
    assert offices.ask("10").current_role == "central_officer"
    tiers = [Tier(role="logistics")]
    assert refused(lambda: actions.set_tiers(KIND, tiers, by=offices.principal, school=offices.school)) == "not_allowed"
    actions.set_tiers(KIND, tiers, by=offices.officer, school=offices.school)
    assert offices.ask("9000").current_role == "logistics"
    assert refused(lambda: actions.drop_tiers(KIND, by=offices.principal, school=offices.school)) == "not_allowed"
    for school in (offices.school, offices.central):
        actions.drop_tiers(KIND, by=offices.officer, school=school)
    assert offices.ask("10").current_role == "principal"
    assert refused(lambda: actions.drop_tiers(KIND, by=offices.officer, school=offices.school), WrongState)


def test_one_person_in_two_offices_signs_once_for_both(offices):
    offices.second_officer.memberships.all().delete()
    offices.principal.memberships.all().delete()
    make_membership(offices.officer, offices.school, "principal")
    approval = offices.ask("9000")
    assert [step.role for step in approval.steps.all()] == ["central_officer"]
    assert approval.steps.get().reason
    assert actions.sign(approval, by=offices.officer, decision="approve").state == State.APPROVED


def test_too_few_different_people_are_said_before_asking(offices):
    offices.tiers(Tier(role="principal", at_central=False), Tier(role="central_officer", at_central=True, signatures=2))
    offices.second_officer.memberships.all().delete()
    make_membership(offices.principal, offices.central, "central_officer")
    assert offices.ask(by=offices.requester).steps.count() == 1
    offices.tiers(Tier(role="central_officer", at_central=True, signatures=3))
    assert refused(offices.ask, Refused) == "nobody_can_sign"


def test_whoever_was_signed_for_does_not_sign_again_in_another_post(offices):
    make_membership(offices.principal, offices.central, "central_officer")
    deputy = make_person(offices.school, "logistics")
    lend(offices, deputy)
    approval = actions.sign(offices.ask("9000"), by=deputy, decision="approve")
    assert not Approval.objects.waiting_for(offices.principal).exists()
    assert refused(lambda: actions.sign(approval, by=offices.principal, decision="approve")) == "signed_already"


def test_nobody_signs_in_the_place_of_who_asked(offices):
    second = make_person(offices.school, "principal")
    deputy = make_person(offices.school, "logistics")
    lend(offices, deputy)
    approval = offices.ask(by=offices.principal)
    assert approval.current_role == "principal"
    assert not Approval.objects.waiting_for(deputy).exists()
    assert list(Approval.objects.waiting_for(second)) == [approval]
    assert refused(lambda: actions.sign(approval, by=deputy, decision="approve")) == "not_your_turn"


@pytest.mark.parametrize(
    ("tiers", "code"), [([], "no_tier"), ([Tier(role="principal", from_amount=10)], "gap_at_zero")]
)
def test_tiers_that_leave_a_gap_are_refused(offices, tiers, code):
    step = lambda: actions.set_tiers(KIND, tiers, by=offices.officer, school=offices.school)  # noqa: E731
    assert refused(step, Refused) == code


def test_a_price_above_the_market_asks_one_office_more(offices):
    extra = subjects.ExtraSigner(Role.CENTRAL_OFFICER, True, "高于市场价")
    subjects.register(replace(subjects.get(KIND), extra_signers=lambda place: [extra]))
    approval = offices.ask("10")
    assert [(step.role, step.reason) for step in approval.steps.order_by("position")] == [
        ("principal", ""),
        ("central_officer", "高于市场价"),
    ]


def insert(approval, **fields):
    """INSERT a signature by plain SQL."""
    values = {
        "approval_id": approval.pk,
        "step_id": approval.steps.get(position=approval.current_position or 1).pk,
        "signer_id": 0,
        "on_behalf_of_id": None,
        "decision": "approve",
        "comment": "",
        "content_hash": approval.content_hash,
        "signed_at": timezone.now(),
    } | fields
    with connection.cursor() as cursor:
        names = ", ".join(values)
        marks = ", ".join(["%s"] * len(values))
        cursor.execute(f"INSERT INTO approvals_signature ({names}) VALUES ({marks})", list(values.values()))


@pytest.mark.parametrize(
    ("constraint", "forge"),
    [
        ("approvals_signature_not_own", lambda o, a: insert(a, signer_id=o.requester.pk)),
        ("approvals_signature_post", lambda o, a: insert(a, signer_id=o.officer.pk)),
        ("approvals_signature_content", lambda o, a: insert(a, signer_id=o.principal.pk, content_hash="0" * 64)),
        (
            "approvals_signature_turn",
            lambda o, a: insert(a, signer_id=o.officer.pk, step_id=a.steps.get(position=2).pk),
        ),
        (
            "approvals_signature_delegation",
            lambda o, a: insert(a, signer_id=o.second_officer.pk, on_behalf_of_id=o.principal.pk),
        ),
        ("approvals_signature_comment", lambda o, a: insert(a, signer_id=o.principal.pk, decision="reject")),
    ],
)
def test_the_database_stops_forged_signatures(offices, constraint, forge):
    approval = offices.ask("9000")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        forge(offices, approval)


def test_the_database_stops_a_second_and_a_late_signature(offices):
    approval = actions.sign(offices.ask("9000"), by=offices.principal, decision="approve")
    with pytest.raises(IntegrityError, match=r"approvals_signature_(enough|once)"), transaction.atomic():
        insert(approval, signer_id=offices.principal.pk, step_id=approval.steps.get(position=1).pk)
    approval = actions.sign(approval, by=offices.officer, decision="approve")
    with pytest.raises(IntegrityError, match="approvals_signature_waiting"), transaction.atomic():
        insert(approval, signer_id=offices.second_officer.pk, step_id=approval.steps.get(position=2).pk)


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("approvals_approval_complete", "state = 'approved', closed_at = now(), current_school_id = NULL"),
        ("approvals_approval_decided", "state = 'rejected', closed_at = now(), current_school_id = NULL"),
        ("approvals_approval_content_kept", "content_hash = repeat('0', 64)"),
        ("approvals_approval_content_kept", "amount = 1"),
        ("approvals_approval_closed", "state = 'withdrawn'"),
    ],
)
def test_the_database_keeps_an_approval_honest(offices, constraint, change):
    approval = offices.ask()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE approvals_approval SET {change} WHERE id = %s", [approval.pk])


@pytest.mark.parametrize("table", ["approvals_signature", "approvals_approvalstep"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_signatures_and_steps_cannot_be_changed(offices, table, statement):
    actions.sign(offices.ask("9000"), by=offices.principal, decision="approve")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.parametrize(
    ("constraint", "statement"),
    [
        ("append-only", "DELETE FROM approvals_approval WHERE id = {0}"),
        ("approvals_approval_closed_stays", "UPDATE approvals_approval SET state = 'voided' WHERE id = {0}"),
        (
            "approvals_approval_begins_waiting",
            "INSERT INTO approvals_approval (kind, subject_id, school_id, title, content, content_hash,"
            ' requested_by_id, requested_at, state, closed_at, "current_role")'
            " SELECT kind, subject_id, school_id, title, content, content_hash,"
            ' requested_by_id, requested_at, state, closed_at, "current_role"'
            " FROM approvals_approval WHERE id = {0}",
        ),
        (
            "approvals_step_before_signing",
            "INSERT INTO approvals_approvalstep (approval_id, position, role, school_id, signatures, reason)"
            " SELECT approval_id, 9, role, school_id, 1, '' FROM approvals_approvalstep WHERE approval_id = {0}",
        ),
    ],
)
def test_what_is_approved_stays_as_it_was_signed(offices, constraint, statement):
    approval = actions.sign(offices.ask(), by=offices.principal, decision="approve")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(approval.pk))


def test_who_sees_which_approvals(offices):
    approval = offices.ask()
    stranger = make_person(Offices().school, "principal")
    for person in (offices.requester, offices.principal, offices.officer):
        assert list(Approval.objects.visible_to(person)) == [approval]
    for person in (stranger, make_person(offices.school, "staff")):
        assert not Approval.objects.visible_to(person).filter(pk=approval.pk).exists()


def test_delegations_are_checked(offices):
    today = timezone.localdate()
    lent = {"by": offices.principal, "school": offices.school, "since": today, "until": today, "reason": "出差"}
    assert refused(lambda: actions.delegate(to=offices.officer, **lent), Refused) == "stranger"
    assert (
        refused(lambda: actions.delegate(to=offices.requester, **lent | {"reason": " "}), Refused) == "reason_missing"
    )
    past = {"since": today - timedelta(days=9), "until": today - timedelta(days=8)}
    assert refused(lambda: actions.delegate(to=offices.requester, **lent | past), Refused) == "long_past"
    assert not Delegation.objects.exists()


def test_amounts_are_compared_exactly(offices):
    assert offices.ask(Decimal("4999.99")).steps.count() == 1
    assert offices.ask(Decimal("5000.00")).steps.count() == 2

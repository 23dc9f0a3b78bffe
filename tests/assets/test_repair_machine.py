"""Whatever people do in whatever order: no work before approval, and the steps tell the state."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from assets.repairs import actions
from assets.repairs.actions.approval import signed_content
from assets.repairs.models import RepairRequest, State
from houqin.approvals import subjects
from houqin.approvals.models import Approval
from houqin.errors import NotAllowed, Refused
from tests.assets.repair_factories import Team, decide, make_repair

AT_WORK = (State.WORKING, State.DONE, State.CONFIRMED)
costs = st.sampled_from([None, Decimal("80.00"), Decimal("1000.00"), Decimal("1000.01"), Decimal("9000.00")])
words = st.sampled_from(["", "等料"])
people = st.sampled_from(["head", "maintainer", "second", "reporter", "officer"])


class Repair(RuleBasedStateMachine):
    """One repair and everybody who might touch it."""

    def __init__(self):
        super().__init__()
        self.before = transaction.savepoint()
        self.team = Team()
        self.repair = make_repair(self.team)

    def teardown(self):
        transaction.savepoint_rollback(self.before)

    def take(self, action, person, **values):
        """Take a step; a refusal changes nothing."""
        was = RepairRequest.objects.get(pk=self.repair.pk)
        try:
            with transaction.atomic():
                action(self.repair, by=getattr(self.team, person), **values)
        except (Refused, NotAllowed):
            now = RepairRequest.objects.get(pk=self.repair.pk)
            assert (now.state, now.approval, now.cost) == (was.state, was.approval, was.cost)

    @rule(person=people, cost=costs, structural=st.booleans(), to=st.sampled_from(["maintainer", "second"]))
    def assign(self, person, cost, structural, to):
        self.take(actions.assign, person, to=getattr(self.team, to), estimated_cost=cost, is_structural=structural)

    @rule(person=people, cost=costs, structural=st.booleans(), reason=words)
    def ask(self, person, cost, structural, reason):
        self.take(actions.ask_approval, person, estimated_cost=cost, is_structural=structural, reason=reason)

    @rule(person=people, decision=st.sampled_from(["approve", "return", "reject"]), reason=words)
    def decide(self, person, decision, reason):
        if Approval.objects.filter(subject_id=self.repair.pk).exists():
            self.take(decide, person, decision=decision, comment=reason)

    @rule(person=people)
    def start(self, person):
        self.take(actions.start, person)

    @rule(person=people, reason=words)
    def hold(self, person, reason):
        self.take(actions.hold, person, reason=reason)

    @rule(person=people)
    def resume(self, person):
        self.take(actions.resume, person)

    @rule(person=people, price=st.sampled_from([Decimal("35.50"), Decimal("999.00"), Decimal("5000.00")]))
    def finish(self, person, price):
        part = actions.Part("玻璃", Decimal(1), "块", price)
        self.take(actions.finish, person, outcome="repaired", parts=[part])

    @rule(person=people)
    def confirm(self, person):
        self.take(actions.confirm, person)

    @rule(person=people, reason=words)
    def reopen(self, person, reason):
        self.take(actions.reopen, person, reason=reason)

    @invariant()
    def no_work_before_approval(self):
        repair = RepairRequest.objects.get(pk=self.repair.pk)
        if repair.state in AT_WORK:
            assert repair.approval in ("not_needed", "given")

    @invariant()
    def it_waits_where_signatures_are_asked_for_of_the_plan_as_it_is(self):
        repair = RepairRequest.objects.get(pk=self.repair.pk)
        waiting = Approval.objects.filter(subject_id=repair.pk, state="waiting")
        hashes = [subjects.content_hash(signed_content(repair))] if repair.approval == "waiting" else []
        assert list(waiting.values_list("content_hash", flat=True)) == hashes

    @invariant()
    def nothing_dear_is_done_unasked(self):
        repair = RepairRequest.objects.get(pk=self.repair.pk)
        if repair.state in (State.DONE, State.CONFIRMED) and repair.cost > 1000:
            assert repair.approval == "given"

    @invariant()
    def the_steps_tell_the_state(self):
        repair = RepairRequest.objects.get(pk=self.repair.pk)
        assert repair.steps.order_by("id").last().to_state == repair.state


@pytest.mark.django_db
def test_no_order_of_steps_gets_round_the_upper_office():
    run_state_machine_as_test(
        Repair,
        settings=settings(
            max_examples=40,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

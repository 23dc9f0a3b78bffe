"""Every action of a repair from every state, refusals by code."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from assets.repairs import actions, tasks
from assets.repairs.models import UNFINISHED, Follower, GuestContact, RepairRequest, RepairSettings, RepairStep, State
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.history.models import ActionLog
from houqin.notices.models import Notice
from tests.assets.repair_factories import Team, decide, make_repair
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return Team()


def steps_of(team):
    """Every action, as a function of the repair, with the states from which it is allowed."""
    # The office may do what a maintainer may, so that only the state decides.
    head, maintainer, reporter = team.head, team.head, team.reporter
    unassigned = {State.REPORTED, State.ACCEPTED}
    return {
        "accept": (lambda r: actions.accept(r, by=head), {State.REPORTED}),
        "refuse": (lambda r: actions.refuse(r, by=head, reason="重复"), unassigned),
        "assign": (
            lambda r: actions.assign(r, by=head, to=team.second),
            set(UNFINISHED),
        ),
        "danger": (lambda r: actions.set_danger(r, by=head, is_dangerous=True), set(UNFINISHED)),
        "merge": (lambda r: actions.merge(r, by=head, into=make_repair(team)), unassigned | {State.ASSIGNED}),
        "withdraw": (lambda r: actions.withdraw(r, by=reporter), unassigned),
        "start": (lambda r: actions.start(r, by=maintainer), {State.ASSIGNED}),
        "hold": (lambda r: actions.hold(r, by=maintainer, reason="等料"), {State.ASSIGNED, State.WORKING}),
        "resume": (lambda r: actions.resume(r, by=maintainer), {State.ON_HOLD}),
        "finish": (
            lambda r: actions.finish(r, by=maintainer, outcome="repaired"),
            {State.ASSIGNED, State.WORKING},
        ),
        "confirm": (lambda r: actions.confirm(r, by=reporter), {State.DONE}),
        "reopen": (lambda r: actions.reopen(r, by=reporter, reason="还坏"), {State.DONE, State.CONFIRMED}),
        "rate": (lambda r: actions.rate(r, by=reporter, rating=4), {State.CONFIRMED}),
        "emergency": (lambda r: actions.start_emergency(r, by=maintainer), {State.AWAITING_APPROVAL}),
        "confirm_itself": (_confirm_itself, {State.DONE}),
    }


def _confirm_itself(repair):
    RepairRequest.objects.filter(pk=repair.pk, state=State.DONE).update(confirm_by=timezone.now())
    return actions.confirm_itself(repair)


@pytest.mark.parametrize("state", State.values)
def test_every_action_from_every_state(team, state):
    for name, (step, allowed) in steps_of(team).items():
        repair = team.repair(state)
        if state in allowed:
            with transaction.atomic():
                step(repair)
        else:
            with pytest.raises(WrongState) as refusal, transaction.atomic():
                step(repair)
            assert refusal.value.code == "wrong_state", name
            repair.refresh_from_db()
            assert repair.state == state


def test_each_step_is_written_down(team):
    repair = team.repair(State.CONFIRMED)
    assert list(repair.steps.order_by("id").values_list("verb", flat=True)) == [
        "report",
        "assign",
        "start",
        "finish",
        "confirm",
    ]
    codes = set(ActionLog.objects.filter(record_id=repair.pk).values_list("code", flat=True))
    assert {"assets.report_repair", "assets.assign_repair", "assets.finish_repair", "assets.confirm_repair"} <= codes


def test_numbers_count_on_without_gaps(team):
    first, second = make_repair(team), make_repair(team)
    assert int(second.number[-4:]) == int(first.number[-4:]) + 1
    assert first.number.startswith("BX-")


def test_a_failed_report_leaves_no_gap(team):
    first = make_repair(team)
    closed = make_place(team.school, is_active=False)
    with pytest.raises(Refused) as refusal:
        make_repair(team, place=closed)
    assert refusal.value.code == "place_closed"
    assert int(make_repair(team).number[-4:]) == int(first.number[-4:]) + 1


def test_danger_tells_the_office_at_once(team):
    repair = make_repair(team, is_dangerous=True)
    notice = Notice.objects.get(person=team.head)
    assert notice.urgent
    assert repair.due_at - repair.reported_at == timedelta(hours=4)


def test_only_the_office_triages(team):
    repair = make_repair(team)
    for stranger in (team.maintainer, team.reporter, team.officer, make_person(make_school(), "logistics")):
        with pytest.raises(NotAllowed):
            actions.assign(repair, by=stranger, to=team.maintainer)


def test_only_the_maintainer_or_the_office_works(team):
    repair = team.repair(State.ASSIGNED)
    for stranger in (team.second, team.reporter, team.officer):
        with pytest.raises(NotAllowed) as refusal:
            actions.start(repair, by=stranger)
        assert refusal.value.code == "not_assigned_to_you"
    actions.start(repair, by=team.head)


def test_only_the_reporter_confirms(team):
    repair = team.repair(State.DONE)
    for stranger in (team.head, team.maintainer):
        with pytest.raises(NotAllowed) as refusal:
            actions.confirm(repair, by=stranger)
        assert refusal.value.code == "not_reporter"
    with pytest.raises(NotAllowed):
        actions.confirm(repair, by=None, as_guest=True)


def test_the_office_confirms_for_a_guest(team):
    repair = team.repair(State.DONE, guest=True)
    assert actions.confirm(repair, by=team.head).state == State.CONFIRMED


def test_assigning_to_somebody_who_does_not_repair_is_refused(team):
    with pytest.raises(Refused) as refusal:
        actions.assign(make_repair(team), by=team.head, to=team.reporter)
    assert (refusal.value.code, refusal.value.field) == ("not_a_maintainer", "to")


def test_transfer_to_the_same_person_is_refused(team):
    with pytest.raises(Refused) as refusal:
        actions.assign(team.repair(State.ASSIGNED), by=team.head, to=team.maintainer)
    assert refusal.value.code == "same_person"


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (State.REPORTED, lambda team, r: actions.refuse(r, by=team.head, reason=" ")),
        (State.WORKING, lambda team, r: actions.hold(r, by=team.maintainer, reason="")),
        (State.DONE, lambda team, r: actions.reopen(r, by=team.reporter, reason="")),
    ],
)
def test_reasons_are_asked_for(team, state, step):
    with pytest.raises(Refused) as refusal:
        step(team, team.repair(state))
    assert (refusal.value.code, refusal.value.field) == ("reason_missing", "reason")


def test_dear_repairs_wait_for_the_upper_office(team):
    repair = actions.assign(make_repair(team), by=team.head, to=team.maintainer, estimated_cost=Decimal("1000.01"))
    assert repair.state == State.AWAITING_APPROVAL
    assert Notice.objects.filter(person=team.officer).exists()
    with pytest.raises(WrongState):
        actions.start(repair, by=team.maintainer)
    decide(repair, by=team.officer)
    assert actions.start(repair, by=team.maintainer).state == State.WORKING


def test_the_sum_itself_needs_no_approval(team):
    repair = actions.assign(make_repair(team), by=team.head, to=team.maintainer, estimated_cost=Decimal("1000.00"))
    assert repair.state == State.ASSIGNED


def test_a_rejected_repair_cannot_begin_until_it_is_planned_anew(team):
    repair = team.repair(State.AWAITING_APPROVAL)
    decide(repair, by=team.officer, decision="reject", comment="太贵")
    repair = actions.assign(repair, by=team.head, to=team.maintainer)
    assert repair.state == State.AWAITING_APPROVAL
    repair = decide(repair, by=team.officer)
    assert repair.approval == "given"


def test_a_smaller_plan_needs_no_approval_any_more(team):
    repair = team.repair(State.AWAITING_APPROVAL)
    decide(repair, by=team.officer, decision="reject", comment="先补一下")
    repair = actions.assign(repair, by=team.head, to=team.maintainer, estimated_cost=Decimal(200), is_structural=False)
    assert actions.start(repair, by=team.maintainer).state == State.WORKING


def test_finishing_dearer_than_allowed_is_refused_whole(team):
    repair = team.repair(State.WORKING)
    part = actions.Part("铝合金窗", Decimal(2), "扇", Decimal("600.00"))
    with pytest.raises(Refused) as refusal, transaction.atomic():
        actions.finish(repair, by=team.maintainer, outcome="replaced", parts=[part])
    assert (refusal.value.code, refusal.value.field) == ("approval_needed", "parts")
    assert not repair.parts.exists()


def test_an_emergency_may_begin_and_explains_itself(team):
    repair = team.repair(State.AWAITING_APPROVAL)
    repair = actions.start_emergency(repair, by=team.maintainer)
    assert repair.state == State.WORKING
    assert repair.emergency_reason_due > timezone.now()
    with pytest.raises(Refused) as refusal:
        actions.explain_emergency(repair, by=team.maintainer, reason="")
    assert refusal.value.code == "reason_missing"
    actions.explain_emergency(repair, by=team.maintainer, reason="漏电")
    with pytest.raises(Refused) as refusal:
        actions.explain_emergency(repair, by=team.maintainer, reason="漏电")
    assert refusal.value.code == "already_explained"
    decide(repair, by=team.officer)
    assert actions.finish(repair, by=team.maintainer, outcome="made_safe").state == State.DONE


def test_nobody_approves_the_own_request(team):
    repair = make_repair(team)
    both = make_person(team.central, "central_officer")
    team.head.memberships.create(school=team.central, role="central_officer", since="2020-01-01")
    head = type(team.head).objects.get(pk=team.head.pk)
    actions.assign(repair, by=head, to=team.maintainer, is_structural=True)
    with pytest.raises(NotAllowed) as refusal:
        decide(repair, by=head)
    assert refusal.value.code == "own_request"
    assert decide(repair, by=both).approval == "given"


def test_costs_add_up(team):
    repair = team.repair(State.WORKING)
    parts = [
        actions.Part("球形锁", Decimal(1), "把", Decimal("46.00")),
        actions.Part("木螺丝", Decimal(8), "颗", Decimal("0.15")),
    ]
    repair = actions.finish(
        repair, by=team.maintainer, outcome="replaced", parts=parts, labour_cost=Decimal("30.00"), labour_minutes=80
    )
    assert repair.cost == Decimal("77.20")


def test_merging_lets_the_reporter_follow_the_other(team):
    other = make_repair(team, by=team.head)
    repair = actions.merge(make_repair(team), by=team.head, into=other)
    assert repair.merged_into == other
    assert Follower.objects.filter(repair=other, user=team.reporter).exists()


@pytest.mark.parametrize("code", ["same_repair", "other_school", "target_closed"])
def test_what_cannot_be_merged(team, code):
    repair = make_repair(team)
    into = {
        "same_repair": lambda: repair,
        "other_school": lambda: make_repair(Team()),
        "target_closed": lambda: team.repair(State.REFUSED),
    }[code]()
    with pytest.raises(Refused) as refusal:
        actions.merge(repair, by=team.head, into=into)
    assert refusal.value.code == code


def test_reopening_sends_it_back_with_a_new_time(team):
    repair = team.repair(State.DONE)
    repair = actions.reopen(repair, by=team.reporter, reason="还是关不上")
    assert (repair.state, repair.reopened_count, repair.assigned_to) == (State.ASSIGNED, 1, team.maintainer)


def test_what_was_closed_long_ago_is_not_reopened(team):
    repair = team.repair(State.CONFIRMED)
    RepairRequest.objects.filter(pk=repair.pk).update(closed_at=timezone.now() - timedelta(days=4))
    with pytest.raises(Refused) as refusal:
        actions.reopen(repair, by=team.reporter, reason="还坏")
    assert refusal.value.code == "closed_too_long"


def test_a_repair_confirms_itself_in_time_and_says_so(team):
    early, due = team.repair(State.DONE), team.repair(State.DONE)
    RepairRequest.objects.filter(pk=due.pk).update(confirm_by=timezone.now() - timedelta(minutes=1))
    assert tasks.confirm_due() == 1
    assert tasks.confirm_due() == 0
    due.refresh_from_db()
    early.refresh_from_db()
    assert (due.state, due.confirmed_automatically) == (State.CONFIRMED, True)
    assert early.state == State.DONE


def test_guests_are_forgotten_after_the_days_of_the_school(team):
    RepairSettings.objects.create(school=team.school, keep_guests_days=90)
    repair = make_repair(team, guest=True, guest_name="王女士", guest_phone="13800001234", device="d" * 24)
    contact = GuestContact.objects.get(repair=repair)
    assert contact.forget_on == timezone.localdate() + timedelta(days=90)
    assert tasks.forget_guests() == 0
    GuestContact.objects.update(forget_on=timezone.localdate())
    assert tasks.forget_guests() > 0
    repair.refresh_from_db()
    assert not GuestContact.objects.exists()
    assert repair.device == ""


def test_a_guests_phone_stands_in_no_trail(team):
    make_repair(team, guest=True, guest_name="王女士", guest_phone="13800001234")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table == "assets_guestcontact":
                continue
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', ["%13800001234%"])
            assert cursor.fetchone()[0] == 0, table


def test_late_repairs_are_told_once_a_day(team):
    repair = team.repair(State.ASSIGNED)
    RepairRequest.objects.filter(pk=repair.pk).update(due_at=timezone.now() - timedelta(hours=1))
    tasks.remind_late()
    tasks.remind_late()
    assert Notice.objects.filter(person=team.maintainer, cause__endswith=":late").count() == 1


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("assets_repair_approved_first", "state = 'working', approval = 'waiting'"),
        ("assets_repair_has_maintainer", "assigned_to_id = NULL"),
        ("assets_repair_state", "state = 'lost'"),
        ("assets_repair_merged_into", "state = 'merged'"),
        ("assets_repair_hold_reason", "state = 'on_hold'"),
        ("assets_repair_finished_at", "state = 'done'"),
        ("assets_repair_rating", "rating = 6"),
        ("assets_repair_costs", "cost = -1"),
    ],
)
def test_the_database_holds_the_line(team, constraint, change):
    repair = team.repair(State.WORKING)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE assets_repairrequest SET {change} WHERE id = %s", [repair.pk])


@pytest.mark.parametrize(
    "statement",
    ["UPDATE assets_repairstep SET note = 'x'", "DELETE FROM assets_repairstep", "TRUNCATE assets_repairstep"],
)
def test_steps_cannot_be_changed(team, statement):
    make_repair(team)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
    assert RepairStep.objects.exists()


def test_who_sees_which_repairs(team):
    mine, others = make_repair(team), make_repair(team, by=team.head)
    foreign = make_repair(Team())
    assigned = team.repair(State.ASSIGNED, by=team.head)
    see = lambda user: set(RepairRequest.objects.visible_to(user))  # noqa: E731
    assert see(team.head) == {mine, others, assigned}
    assert see(team.reporter) == {mine}
    assert see(team.maintainer) == {assigned}
    assert see(team.officer) == {mine, others, assigned}
    assert foreign not in see(team.officer)
    actions.follow(others, by=team.reporter)
    assert see(team.reporter) == {mine, others}

"""Budget lines by their actions, and what the database holds against everybody."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from finance.budgets import actions
from finance.budgets.facts import standing
from finance.budgets.models import BudgetChange, BudgetLine, ExpenditureItem, Reservation
from houqin.errors import NotAllowed, Refused
from houqin.history.models import ActionLog
from tests.finance.budget_factories import item, make_line, make_reservation
from tests.schools.factories import make_person, make_school, make_user

pytestmark = pytest.mark.django_db
SUBJECT = {"subject_kind": "purchase", "subject_id": 7}


class Desk:
    """A campus under a central school, with those who deal with its budget."""

    def __init__(self):
        self.central = make_school()
        self.school = make_school(parent=self.central)
        self.accountant = make_person(self.school, "accountant")
        self.chief = make_person(self.central, "chief_accountant")
        self.principal = make_person(self.school, "principal")

    def enter(self, **fields):
        values = {"year": 2026, "item": item(), "source": "fiscal", "amount": Decimal("32000.00")}
        return actions.enter_line(self.school, **values | {"by": self.accountant} | fields)


@pytest.fixture
def desk():
    return Desk()


def refused(code, step, *args, **kwargs):
    with pytest.raises(Refused) as refusal:
        step(*args, **kwargs)
    assert refusal.value.code == code
    return refusal.value


def test_the_81_items_ship_in_the_order_of_the_chart():
    items = list(ExpenditureItem.objects.order_by("pk"))
    assert [row.position for row in items] == list(range(1, 82))
    assert (items[0].name, items[80].name) == ("基本工资", "其他资本性支出")
    assert {row.group for row in items} == set(ExpenditureItem.Group.values)


# entering


def test_the_accountant_enters_a_line(desk):
    line = desk.enter(detail=" 课桌椅 ")
    line.refresh_from_db()
    assert (line.title, line.left, line.is_open) == ("专用设备购置 课桌椅", Decimal("32000.00"), True)
    assert ActionLog.objects.get(code="finance.enter_budget_line").user == desk.accountant


def test_the_chief_accountant_reaches_every_campus_from_the_central_school(desk):
    assert desk.enter(by=desk.chief).school == desk.school


@pytest.mark.parametrize("role", ["principal", "logistics", "cashier", "auditor", "central_officer", "staff"])
def test_who_reads_or_nothing_does_not_keep_the_budget(desk, role):
    with pytest.raises(NotAllowed):
        desk.enter(by=make_person(desk.school, role))


def test_an_accountant_does_not_reach_another_campus(desk):
    stranger = make_person(make_school(parent=desk.central), "accountant")
    with pytest.raises(NotAllowed):
        desk.enter(by=stranger)
    line = desk.enter()
    with pytest.raises(NotAllowed):
        actions.change_amount(line, amount=Decimal(1), reason="错", by=stranger)
    assert not BudgetLine.objects.visible_to(stranger).exists()
    assert BudgetLine.objects.visible_to(desk.principal).get() == line
    assert BudgetLine.objects.visible_to(desk.chief).get() == line


def test_the_same_line_twice_is_refused(desk):
    desk.enter(detail="课桌椅")
    refusal = refused("duplicate_line", desk.enter, detail="课桌椅")
    assert refusal.field == "detail"
    assert desk.enter(detail="录播设备") != desk.enter(detail="课桌椅", source="business")


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_a_line_begins_above_zero(desk, amount):
    refused("amount_missing", desk.enter, amount=Decimal(amount))


# changing


def test_an_amount_changes_with_a_reason_that_stays(desk):
    line = actions.change_amount(desk.enter(), amount=Decimal("40000.00"), reason="区教育局追加", by=desk.accountant)
    assert (line.amount, line.left) == (Decimal("40000.00"), Decimal("40000.00"))
    change = line.changes.get()
    assert (change.difference, change.reason, change.changed_by) == (Decimal(8000), "区教育局追加", desk.accountant)


def test_without_a_reason_nothing_changes(desk):
    line = desk.enter()
    refusal = refused("reason_missing", actions.change_amount, line, amount=Decimal(1), reason="  ", by=desk.accountant)
    assert refusal.field == "reason"
    refused("same_amount", actions.change_amount, line, amount=line.amount, reason="没有", by=desk.accountant)


def test_the_amount_does_not_go_below_what_is_used(desk):
    line = make_line(desk.school, spent=Decimal(300), reserved=Decimal(200))
    step = {"reason": "压减", "by": desk.accountant}
    refusal = refused("below_used", actions.change_amount, line, amount=Decimal("499.99"), **step)
    assert "¥500.00" in refusal.sentence
    assert actions.change_amount(line, amount=Decimal(500), **step).left == 0


def test_a_closed_line_neither_changes_nor_gives(desk):
    line = actions.close_line(desk.enter(), by=desk.accountant)
    refused("line_closed", actions.change_amount, line, amount=Decimal(1), reason="改", by=desk.accountant)
    refused("line_closed", actions.reserve, line, Decimal(1), **SUBJECT, by=desk.principal)
    refused("line_closed", actions.close_line, line, by=desk.accountant)
    assert not BudgetLine.objects.open_for(desk.school, 2026).exists()
    line = actions.reopen_line(line, by=desk.accountant)
    refused("line_open", actions.reopen_line, line, by=desk.accountant)
    assert BudgetLine.objects.open_for(desk.school, 2026).get() == line


def test_a_line_closes_only_when_nothing_is_kept(desk):
    line = make_line(desk.school, reserved=Decimal(200))
    assert "¥200.00" in refused("still_reserved", actions.close_line, line, by=desk.accountant).sentence


# reserving


def test_reserved_spent_and_released_add_up(desk):
    line = desk.enter(amount=Decimal(1000))
    actions.reserve(line, Decimal(700), **SUBJECT, by=desk.principal)
    line.refresh_from_db()
    assert (line.reserved, line.spent, line.left) == (700, 0, 300)
    actions.spend(*SUBJECT.values(), Decimal(450), by=desk.principal)
    line.refresh_from_db()
    assert (line.reserved, line.spent, line.left) == (250, 450, 300)
    released = actions.release(*SUBJECT.values(), by=desk.principal)
    line.refresh_from_db()
    assert (line.reserved, line.spent, line.left) == (0, 450, 550)
    assert (released.state, released.held) == (Reservation.State.RELEASED, 0)
    codes = ActionLog.objects.filter(code__endswith="_budget").order_by("pk").values_list("code", flat=True)
    assert list(codes) == ["finance.reserve_budget", "finance.spend_budget", "finance.release_budget"]


def test_more_than_is_left_is_refused_with_what_is_left(desk):
    line = make_line(desk.school, amount=Decimal(1000), reserved=Decimal(400))
    refusal = refused("over_budget", actions.reserve, line, Decimal("600.01"), **SUBJECT, by=desk.principal)
    assert "¥600.00" in refusal.sentence
    assert "¥0.01" in refusal.sentence
    assert actions.reserve(line, Decimal(600), **SUBJECT, by=desk.principal).held == 600


def test_a_stale_line_is_read_anew_under_the_lock(desk):
    line = desk.enter(amount=Decimal(100))
    make_reservation(BudgetLine.objects.get(pk=line.pk), Decimal(80))
    refused("over_budget", actions.reserve, line, Decimal(30), **SUBJECT, by=desk.principal)


def test_a_subject_keeps_once_and_may_come_again_after_a_release(desk):
    line = desk.enter()
    actions.reserve(line, Decimal(10), **SUBJECT, by=desk.principal)
    refused("already_reserved", actions.reserve, line, Decimal(10), **SUBJECT, by=desk.principal)
    actions.release(*SUBJECT.values(), by=desk.principal)
    actions.reserve(line, Decimal(20), **SUBJECT, by=desk.principal)
    assert Reservation.objects.of(*SUBJECT.values()).count() == 2


def test_spending_stays_within_what_is_kept(desk):
    line = desk.enter()
    refused("nothing_reserved", actions.spend, *SUBJECT.values(), Decimal(1), by=desk.principal)
    actions.reserve(line, Decimal(10), **SUBJECT, by=desk.principal)
    actions.spend(*SUBJECT.values(), Decimal(9), by=desk.principal)
    refused("over_reserved", actions.spend, *SUBJECT.values(), Decimal(2), by=desk.principal)
    refused("amount_missing", actions.spend, *SUBJECT.values(), Decimal(0), by=desk.principal)
    actions.release(*SUBJECT.values(), by=desk.principal)
    refused("nothing_reserved", actions.spend, *SUBJECT.values(), Decimal(1), by=desk.principal)


def test_releasing_what_nobody_keeps_leaves_no_trace(desk):
    assert actions.release("purchase", 99, by=desk.principal) is None
    assert not ActionLog.objects.filter(code="finance.release_budget").exists()


def test_a_standing_says_what_would_be_left(desk):
    line = make_line(desk.school, amount=Decimal(32000), spent=Decimal(12000), reserved=Decimal(450))
    now = standing(line, Decimal(10680))
    assert (now.left, now.bears, now.short) == (8870, True, 0)
    over = standing(line, Decimal(20000))
    assert (over.left, over.bears, over.short) == (-450, False, 450)
    assert 'class="is-over"' in over.bar
    assert 'class="is-over"' not in now.bar
    assert standing(line).left == line.left


# what the database holds


def broken(statement, *values):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_nobody_overdraws_a_line_past_the_actions(desk):
    line = make_line(desk.school, amount=Decimal(100))
    insert = (
        "INSERT INTO finance_reservation (line_id, subject_kind, subject_id, amount, spent, state, reserved_at,"
        " reserved_by_id) VALUES (%s, 'purchase', %s, %s, %s, 'held', now(), %s)"
    )
    broken(insert, line.pk, 1, Decimal("100.01"), 0, desk.principal.pk)
    broken(insert, line.pk, 1, 50, 51, desk.principal.pk)
    broken(insert, line.pk, 1, -50, 0, desk.principal.pk)
    with connection.cursor() as cursor:
        cursor.execute(insert, [line.pk, 1, 60, 0, desk.principal.pk])
    broken(insert, line.pk, 1, 10, 0, desk.principal.pk)
    line.refresh_from_db()
    assert line.reserved == 60
    broken("UPDATE finance_reservation SET amount = 101 WHERE line_id = %s", line.pk)
    broken("UPDATE finance_reservation SET subject_id = 2 WHERE line_id = %s", line.pk)
    broken("UPDATE finance_reservation SET line_id = %s", make_line(desk.school).pk)
    broken("DELETE FROM finance_reservation WHERE line_id = %s", line.pk)


def test_nobody_writes_the_sums_of_a_line_by_hand(desk):
    line = make_line(desk.school, reserved=Decimal(60))
    broken("UPDATE finance_budgetline SET reserved = 0 WHERE id = %s", line.pk)
    broken("UPDATE finance_budgetline SET spent = 1 WHERE id = %s", line.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        BudgetLine.objects.create(school=desk.school, year=2026, item=item(), amount=1, spent=1, entered_by=make_user())


def test_an_amount_does_not_move_without_its_reason(desk):
    line = make_line(desk.school)
    broken("UPDATE finance_budgetline SET amount = 1 WHERE id = %s", line.pk)
    # A reason for another change is no reason for this one.
    BudgetChange.objects.create(line=line, before=line.amount, after=2, reason="别的", changed_by=desk.accountant)
    broken("UPDATE finance_budgetline SET amount = 1 WHERE id = %s", line.pk)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE finance_budgetline SET amount = 2 WHERE id = %s", [line.pk])


def test_the_changes_are_only_added_to(desk):
    line = actions.change_amount(desk.enter(), amount=Decimal(1), reason="改", by=desk.accountant)
    broken("UPDATE finance_budgetchange SET reason = '另改' WHERE line_id = %s", line.pk)
    broken("DELETE FROM finance_budgetchange WHERE line_id = %s", line.pk)
    broken("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE finance_budgetchange")
    insert = (
        "INSERT INTO finance_budgetchange (line_id, before, after, reason, changed_at, changed_by_id)"
        " VALUES (%s, %s, %s, %s, now(), %s)"
    )
    broken(insert, line.pk, 1, 1, "同", desk.accountant.pk)
    broken(insert, line.pk, 1, 2, "", desk.accountant.pk)
    broken(insert, line.pk, 1, -2, "负", desk.accountant.pk)


@pytest.mark.parametrize("change", ["source = 'gift'", "year = 99", "closed_at = now()", "detail = '乙'"])
def test_a_line_says_nothing_that_cannot_be(desk, change):
    make_line(desk.school, detail="乙")
    line = make_line(desk.school, detail="甲", reserved=Decimal(1))
    broken(f"UPDATE finance_budgetline SET {change} WHERE id = %s", line.pk)

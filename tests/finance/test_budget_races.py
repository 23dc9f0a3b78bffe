"""Many at once on one budget line: it is never overdrawn, and nothing is counted twice."""

from decimal import Decimal

from finance.budgets import actions
from finance.budgets.models import Reservation
from tests.assets.test_repair_races import at_once
from tests.finance.budget_factories import make_line, make_reservation
from tests.finance.test_budgets import SUBJECT, Desk


def test_fifty_at_once_do_not_overdraw_a_line_that_bears_ten(committing_db):
    desk = Desk()
    line = make_line(desk.school, amount=Decimal(1000))

    def ask(number):
        return lambda: actions.reserve(
            line, Decimal(100), subject_kind="purchase", subject_id=number, by=desk.principal
        )

    results = at_once(*[ask(number) for number in range(1, 51)])
    assert results.count("over_budget") == 40
    line.refresh_from_db()
    assert (line.reserved, line.left) == (1000, 0)
    assert Reservation.objects.filter(line=line).count() == 10


def test_two_reservations_for_one_subject_at_once_keep_once(committing_db):
    desk = Desk()
    line = make_line(desk.school)
    results = at_once(*[lambda: actions.reserve(line, Decimal(1), **SUBJECT, by=desk.principal)] * 4)
    assert results.count("already_reserved") == 3


def test_spending_and_releasing_at_once_lose_nothing(committing_db):
    desk = Desk()
    line = make_line(desk.school)
    make_reservation(line, Decimal(100), **SUBJECT)
    at_once(
        *[lambda: actions.spend(*SUBJECT.values(), Decimal(30), by=desk.principal)] * 3,
        lambda: actions.release(*SUBJECT.values(), by=desk.principal),
    )
    line.refresh_from_db()
    reservation = Reservation.objects.get()
    assert (line.reserved, line.spent) == (0, reservation.spent)
    assert line.left == line.amount - reservation.spent

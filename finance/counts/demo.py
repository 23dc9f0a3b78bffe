"""The demo's cash counts: one at the end of each of the last months, by a cashier, before the accountant's eyes."""

from calendar import monthrange
from datetime import date
from decimal import Decimal

from django.utils import timezone

from finance.counts import actions
from finance.counts.denominations import shipped
from finance.counts.facts import CONFIRM, COUNT, cash_accounts, usual_account
from finance.ledger.models import Ledger
from houqin.accounts.models import User
from houqin.schools.models import School
from houqin.schools.people import people_with
from houqin.schools.people.actions import give_post
from houqin.schools.roles import Role

MONTHS = 3
SHORT = "找零时多付，已从备用金说明情况"
BACK = "少点了一叠零钱，请重新盘点"


def month_end(ledger: Ledger, year: int, month: int) -> None:
    """Count the cash as the books have it at the end of a month; of the last one there is more to see."""
    today = timezone.localdate()
    ago = (today.year - year) * 12 + today.month - month
    if ago > MONTHS:
        return
    school = ledger.school
    cashier, witness = _cashier(school), people_with(CONFIRM, school).order_by("pk").first()
    account = usual_account(cash_accounts(school))
    if cashier is None or witness is None or account is None:
        return
    on = date(year, month, monthrange(year, month)[1])
    balance = account.head.balance
    if ago > 1:
        actions.confirm(actions.count(account, pieces=_pieces(balance), on=on, by=cashier), by=witness)
        return
    short = Decimal("0.50") if balance >= 1 else Decimal(0)
    first = actions.count(account, pieces=_pieces(balance - short), on=on, reason=SHORT, by=cashier)
    actions.give_back(first, reason=BACK, by=witness)
    anew = actions.count(account, pieces=_pieces(balance), on=on, replaces=first, by=cashier)
    # At some schools it still waits for its witness.
    if school.pk % 2:
        actions.confirm(anew, by=witness)


def _cashier(school: School) -> User | None:
    """Return who keeps the cash of the school; where nobody does, somebody is appointed."""
    found = people_with(COUNT, school).order_by("pk").first()
    if found is not None:
        return found
    officer = people_with("schools.appoint_leaders", school.parent or school).order_by("pk").first()
    staff = User.objects.filter(memberships__school=school, is_active=True, memberships__role=Role.STAFF)
    # Who can log in shows one role each, and who keeps books keeps no cash.
    free = [one for one in staff.order_by("pk") if not one.has_usable_password() and one.memberships.count() == 1]
    if officer is None or not free:
        return None
    give_post(free[0], school=school, role=Role.CASHIER, since=date(2024, 1, 1), by=officer)
    return free[0]


def _pieces(amount: Decimal) -> dict[Decimal, int]:
    """Return the fewest pieces that make an amount."""
    pieces: dict[Decimal, int] = {}
    for one in shipped():
        pieces[one.value], amount = int(amount // one.value), amount % one.value
    return pieces

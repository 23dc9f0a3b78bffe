"""The smallest valid budget lines and what is reserved of them."""

from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from finance.budgets import actions
from finance.budgets.models import BudgetLine, ExpenditureItem, Reservation
from houqin.schools.models import School
from tests.schools.factories import make_user

_numbers = count(1)


def item(name: str = "专用设备购置") -> ExpenditureItem:
    """One of the items that ship."""
    return ExpenditureItem.objects.get(name=name)


def make_line(school: School, **fields: Any) -> BudgetLine:
    """A line of this year that bears 10,000; `spent` and `reserved` come about by reservations."""
    spent, reserved = fields.pop("spent", Decimal(0)), fields.pop("reserved", Decimal(0))
    n = next(_numbers)
    values = {
        "school": school,
        "year": timezone.localdate().year,
        "item": fields.pop("item", None) or item(),
        "source": BudgetLine.Source.FISCAL,
        "detail": f"第{n}项",
        "amount": Decimal("10000.00"),
        "entered_by": fields.pop("entered_by", None) or make_user(),
    }
    line = BudgetLine.objects.create(**values | fields)
    if spent:
        make_reservation(line, spent, spent=spent)
    if reserved:
        make_reservation(line, reserved)
    line.refresh_from_db()
    return line


def make_reservation(line: BudgetLine, amount: Decimal, *, spent: Decimal = Decimal(0), **subject: Any) -> Reservation:
    """Money of the line that is kept for a subject, and how much of it is spent."""
    kind, key = subject.get("subject_kind", "test"), subject.get("subject_id") or next(_numbers)
    reservation = actions.reserve(line, amount, subject_kind=kind, subject_id=key, by=line.entered_by)
    return actions.spend(kind, key, spent, by=line.entered_by) if spent else reservation

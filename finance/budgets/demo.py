"""The demo's budget: this year's lines of every campus, and some of last year's, closed."""

from decimal import Decimal
from typing import TextIO

from django.db import transaction
from django.utils import timezone

from finance.budgets import actions
from finance.budgets.models import BudgetLine, ExpenditureItem
from houqin.accounts.models import User
from houqin.schools.models import School
from houqin.schools.people import people_with

Source = BudgetLine.Source
# Item, for what, source, amount, of it spent before the line was entered; the larger campus has twice as much.
LINES = (
    ("办公费", "", Source.FISCAL, "24000.00", "9180.50"),
    ("印刷费", "试卷和资料", Source.FISCAL, "12000.00", "11350.00"),
    ("其他维修(护)费", "", Source.FISCAL, "18000.00", "6240.00"),
    ("实验耗材费", "", Source.FISCAL, "6000.00", "1455.00"),
    ("体育耗材费", "", Source.FISCAL, "4000.00", "860.00"),
    ("其他材料费", "学生用品", Source.FISCAL, "9000.00", "0.00"),
    ("办公设备购置", "电脑和打印机", Source.FISCAL, "30000.00", "4350.00"),
    ("专用设备购置", "课桌椅", Source.FISCAL, "32000.00", "12450.00"),
    ("专用设备购置", "档案柜", Source.OTHER_FISCAL, "8000.00", "0.00"),
    ("图书购置", "", Source.BUSINESS, "10000.00", "3920.00"),
)
LARGER = "黄竹林学校"
# The line of the desks as it stands there.
AS_ON_PAPER = ("专用设备购置", "课桌椅")
LAST_YEAR = 2
RAISED = (Decimal("6000.00"), "区教育局追加办公设备经费")


@transaction.atomic
def load(out: TextIO) -> None:
    """Enter the lines once; a second run finds them and leaves them alone."""
    if BudgetLine.objects.exists():
        return
    items = {item.name: item for item in ExpenditureItem.objects.all()}
    for school in School.objects.filter(parent__isnull=False, is_active=True).order_by("pk"):
        by = people_with("finance.manage_budget", school, include_central=True).order_by("pk").first()
        if by is not None:
            out.write(f"{school}: {_enter(school, items, by)} budget lines\n")


def _enter(school: School, items: dict[str, ExpenditureItem], by: User) -> int:
    year = timezone.localdate().year
    entered = []
    for name, detail, source, amount, spent in LINES:
        times = 2 if school.name == LARGER and (name, detail) != AS_ON_PAPER else 1
        line = actions.enter_line(
            school,
            year=year,
            item=items[name],
            source=source,
            detail=detail,
            amount=Decimal(amount) * times,
            spent=Decimal(spent) * times,
            by=by,
        )
        entered.append(line)
    raised = next(line for line in entered if line.item.name == "办公设备购置")
    more, reason = RAISED
    actions.change_amount(raised, amount=raised.amount + more, reason=reason, by=by)
    for name, detail, source, amount, _spent in LINES[:LAST_YEAR]:
        old = actions.enter_line(
            school,
            year=year - 1,
            item=items[name],
            source=source,
            detail=detail,
            amount=Decimal(amount),
            spent=Decimal(amount) - Decimal("312.40"),
            by=by,
        )
        actions.close_line(old, by=by)
    return len(entered) + LAST_YEAR

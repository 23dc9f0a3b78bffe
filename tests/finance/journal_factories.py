"""Paper journals at each step of their way: read, kept, mapped and submitted."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction

from finance.journals.forms import MapForm
from finance.journals.imports import JOURNAL
from finance.journals.models import JournalBatch
from houqin.errors import NotAllowed, Refused
from houqin.imports import reader
from houqin.imports.checking import examine
from houqin.imports.columns import find_header, match_columns, titles_at

DATA = Path(__file__).parents[1] / "data"
PAPER, TWIN = DATA / "cash_journal_2024.xlsx", DATA / "cash_journal_2024_with_errors.xlsx"
# What a correct import finds, by the makers of the files.
OPENING, CLOSING, ENTRIES = Decimal("1286.40"), Decimal("1710.59"), 230
DEBIT, CREDIT = Decimal("55500.00"), Decimal("55075.81")
MONTHS = {
    1: ("6000", "5571.15", "1715.25"),
    3: ("5000", "5155.81", "1559.44"),
    4: ("5500", "5806.50", "1252.94"),
    5: ("5000", "4526.85", "1726.09"),
    6: ("5500", "6108.82", "1117.27"),
    7: ("4500", "5152.18", "465.09"),
    9: ("9000", "6095.42", "3369.67"),
    10: ("5000", "7282.67", "1087.00"),
    11: ("5000", "4634.38", "1452.62"),
    12: ("5000", "4742.03", "1710.59"),
}
WRONG_ROWS = {
    25: "too_precise",
    52: "date_order",
    77: "number_gap",
    102: "negative_money",
    117: "two_sides",
    137: "summary_missing",
    154: "balance_differs",
}
HEAD = ["月", "日", "凭证字", "号", "摘要", "对方科目", "收入(借方)", "支出(贷方)", "借或贷", "余额"]
GOODS, FROM_CENTRAL = "5001 业务活动费用", "1002 银行存款"


def examined(lines, office, header_row=1):
    mapping = match_columns(titles_at(lines, header_row, JOURNAL), JOURNAL)
    return examine(
        JOURNAL,
        lines,
        header_row=header_row,
        mapping=mapping,
        school=office.school,
        by=office.accountant,
        progress=lambda _n: None,
    )


def of_file(path, office):
    content = path.read_bytes()
    sheet = reader.survey(content)[0]
    header_row, _found = find_header(sheet, JOURNAL)
    return examined(reader.rows_of(content, sheet.name, max_rows=1000), office, header_row)


def wrong(lines, office, head=HEAD):
    return [(error.row, error.code) for error in examined([head, *lines], office).errors]


def entered(found, office):
    JOURNAL.write(found.rows, school=office.school, by=office.accountant, progress=lambda _n: None)
    return JournalBatch.objects.latest("pk")


def submitted(batch, office, **changes):
    """The journal, mapped as its form proposes it."""
    form = MapForm(about=batch, by=office.accountant)
    data = {name: "" if field.initial is None else field.initial for name, field in form.fields.items()}
    form = MapForm(data | changes, about=batch, by=office.accountant, school=batch.school)
    assert form.is_valid(), form.errors
    return form.save()


def refused(action, *args, **kwargs):
    with pytest.raises((Refused, NotAllowed)) as caught, transaction.atomic():
        action(*args, **kwargs)
    return caught.value.code


def small(*more):
    """A journal of a few lines."""
    return [
        [None, None, None, None, "上年结转", None, None, None, "借", 100],
        [1, 3, "付", 1, "购粉笔", GOODS, None, 30, "借", 70],
        [1, 4, "收", 1, "提备用金", FROM_CENTRAL, 200, None, "借", 270],
        [None, None, None, None, "本月合计", None, 200, 30, "借", 270],
        [2, 1, "付", 1, "打印纸", GOODS, None, 70, "借", 200],
        *more,
    ]

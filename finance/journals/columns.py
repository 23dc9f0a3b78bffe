"""The columns of a paper cash or bank journal, as offices name and fill them.

Nothing is refused here: a cell that cannot be read becomes `Unread`, so that the walk over the journal sees every line
and one mistake does not make the lines after it look wrong.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.ledger.models import VoucherKind
from houqin.errors import Refused
from houqin.imports.parse import cell_text, fold, parse_date, parse_decimal
from houqin.imports.registry import ImportColumn, Text

# As long as the summaries and accounts of the books.
LONGEST = 100
_DITTO = frozenset({"〃", '"', "''", "同上", "″"})
_NOTHING = frozenset({"-", "/", "平", "-0-", "θ", "¥0", "0"})
_MONTH_DAY = re.compile(r"^(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?$")
_PART = re.compile(r"^(\d{1,2})\s*[月日号]?$")
# Dashes of every length, as input methods and Excel write them; the width is folded before.
_DASHES = re.compile("[‐‑‒–—―−－]+")
_NUMBER = re.compile(r"^(?P<word>[^\d\-_]*?)字?第?[-_ ]*(?P<number>\d{1,6})号?$")
WORDS = {
    "收": VoucherKind.RECEIPT,
    "现收": VoucherKind.RECEIPT,
    "银收": VoucherKind.RECEIPT,
    "收款": VoucherKind.RECEIPT,
    "付": VoucherKind.PAYMENT,
    "现付": VoucherKind.PAYMENT,
    "银付": VoucherKind.PAYMENT,
    "付款": VoucherKind.PAYMENT,
    "转": VoucherKind.TRANSFER,
    "转账": VoucherKind.TRANSFER,
    "记": VoucherKind.GENERAL,
    "记账": VoucherKind.GENERAL,
}


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell that says nothing that can be used: its text, and why."""

    text: str
    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class Day:
    """A day as the journal writes it: often without the year, or only what has changed since the line above."""

    month: int | None = None
    day: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A voucher's number, with its word when both stand in one cell."""

    number: int
    word: str | None = None


def _plain(cell: Any) -> str:
    return unicodedata.normalize("NFKC", cell_text(cell)).strip()


def amount(cell: Any) -> Decimal | Unread | None:
    """Return an exact amount, however many decimals it has; "-" and the like are nothing."""
    text = _DASHES.sub("-", _plain(cell).removeprefix("¥").removesuffix("元"))
    if text in _NOTHING:
        return Decimal(0)
    try:
        value = parse_decimal(text if isinstance(cell, str) else cell, places=12)
    except Refused as refusal:
        return Unread(text, str(refusal.code), refusal.sentence)
    cents = round(value, 2)
    return cents if cents == value else value.normalize()


def day(cell: Any) -> Day | Unread | None:
    """Return a date: a real one, or text with or without the year."""
    text = _plain(cell)
    if text in _DITTO:
        return None
    found = _MONTH_DAY.match(text)
    if found and not isinstance(cell, (date, datetime, float)):
        return Day(int(found[1]), int(found[2]))
    try:
        known = parse_date(cell)
    except Refused as refusal:
        return Unread(text, str(refusal.code), refusal.sentence)
    return Day(known.month, known.day, known.year)


def part(cell: Any) -> int | Unread | None:
    """Return a month or a day that has a column of its own."""
    text = _plain(cell)
    if text in _DITTO:
        return None
    found = _PART.match(text)
    return int(found[1]) if found else Unread(text, "not_a_date", _("This is no month or day."))


def word(cell: Any) -> VoucherKind | Unread:
    """Return the kind of voucher."""
    text = _plain(cell).removesuffix("字")
    kind = WORDS.get(text)
    return kind or Unread(text, "word_unknown", _("This is no kind of voucher. Write 收, 付, 转 or 记."))


def number(cell: Any) -> Number | Unread:
    """Return the number, with the word before it: 12, 012, 付-012, 付字第12号."""
    text = fold(_plain(cell))
    found = _NUMBER.match(_DASHES.sub("-", text))
    if found is None:
        return Unread(text, "not_a_number", _("This is no voucher number."))
    return Number(int(found["number"]), found["word"].removesuffix("字") or None)


def words(cell: Any) -> str | Unread:
    """Return a text on one line."""
    text = " ".join(_plain(cell).split()) if not isinstance(cell, str) else " ".join(cell.split())
    if len(text) > LONGEST:
        return Unread(text, "too_long", _("At most 100 characters fit. Shorten it."))
    return text


COLUMNS = (
    ImportColumn(
        "date",
        _("date"),
        ("日期", "记账日期", "凭证日期", "业务日期", "年月日"),
        parse=day,
        help=_("Or month and day apart."),
    ),
    ImportColumn("month", _("month"), ("月", "月份"), parse=part, example="1"),
    ImportColumn("day", _("day"), ("日",), parse=part, example="3"),
    ImportColumn(
        "word",
        _("word of the voucher"),
        ("凭证字", "字", "种类", "凭证种类", "凭证类型", "凭证类别"),
        parse=word,
        example="付",
    ),
    ImportColumn(
        "number",
        _("voucher number"),
        (
            *("号", "凭证号", "凭证号数", "凭证编号", "凭证字号", "凭证字号数", "号数"),
            *("记账凭证", "记账凭证号", "记账凭证号数", "凭证"),
        ),
        required=True,
        empty_ok=True,
        parse=number,
        help=_("With or without the word: 12, or 付-012."),
        example="1",
    ),
    ImportColumn(
        "summary",
        pgettext_lazy("voucher", "summary"),
        ("摘要", "内容", "事由", "摘要内容", "业务内容"),
        required=True,
        empty_ok=True,
        parse=words,
        help=_("Lines like 上年结转, 承前页 and 本月合计 are recognised by it, and checked."),
        example="打印纸20包",
    ),
    ImportColumn(
        "counter",
        _("counter account"),
        ("对方科目", "对方科目名称", "对应科目", "对方账户", "科目", "科目名称", "会计科目"),
        required=True,
        empty_ok=True,
        parse=words,
        example="5001 业务活动费用",
    ),
    ImportColumn(
        "debit",
        _("debit"),
        ("收入(借方)", "借方", "借方金额", "收入", "收入金额", "借方(收入)", "借方发生额"),
        required=True,
        empty_ok=True,
        parse=amount,
    ),
    ImportColumn(
        "credit",
        _("credit"),
        ("支出(贷方)", "贷方", "贷方金额", "支出", "支出金额", "付出", "贷方(支出)", "贷方发生额"),
        required=True,
        empty_ok=True,
        parse=amount,
        example="346.46",
    ),
    ImportColumn(
        "side", _("debit or credit"), ("借或贷", "方向", "借贷", "余额方向", "借贷方向"), parse=words, example="借"
    ),
    ImportColumn(
        "balance",
        _("balance"),
        ("余额", "结余", "结存", "余额金额", "结余金额", "结存金额"),
        required=True,
        empty_ok=True,
        parse=amount,
        example="1376.82",
    ),
    ImportColumn("attachments", _("attachments"), ("附件", "附件数", "附件张数", "附单据", "单据张数"), parse=number),
)

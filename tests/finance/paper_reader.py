"""Reads a cash journal from paper, workbook and PDF, and compares them line by line.

Knows nothing of the code that imports or writes them: openpyxl and pypdf, the heads that people see, and sums.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise, zip_longest
from typing import Any

import openpyxl
from pypdf import PdfReader

MARKS = {
    "上年结转": "opening",
    "承前页": "brought_forward",
    "过次页": "carried_over",
    "本日合计": "day_total",
    "本月合计": "month_total",
    "本年累计": "year_total",
    "结转下年": "next_year",
}
CARRIED = ("brought_forward", "carried_over")


@dataclass(frozen=True)
class Line:
    """A line of the journal; only entries have a day, a word and a number."""

    kind: str
    summary: str
    debit: Decimal
    credit: Decimal
    balance: Decimal
    day: tuple[int, int] = (0, 0)
    word: str = ""
    number: int = 0


def money(value: Any) -> Decimal:
    """An amount as a cell or a text has it; nothing is nothing."""
    return Decimal(str(value or 0).replace(",", "")).quantize(Decimal("0.01"))


def line(summary: str, day: tuple[int, int], word: str, number: Any, amounts: list[Any]) -> Line:
    debit, credit, balance = map(money, amounts)
    kind = MARKS.get(summary, "entry")
    if kind != "entry":
        return Line(kind, summary, debit, credit, balance)
    return Line(kind, summary, debit, credit, balance, day, word, int(number))


# --- the three forms of the book


def of_paper(path: Any) -> list[Line]:
    """The lines of the paper journal as the school keeps it: 月 日 凭证字 号 摘要 对方科目 收入 支出 借或贷 余额."""
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    heads = next(at for at, row in enumerate(rows) if row[0] == "月")
    return [
        line(row[4], (row[0], row[1]), row[2], row[3], [row[6], row[7], row[9]])
        for row in rows[heads + 1 :]
        if any(row)
    ]


def of_workbook(path: Any) -> list[Line]:
    """The lines of the exported workbook's second sheet, with the figures that its formulas have stored."""
    rows = list(openpyxl.load_workbook(path, data_only=True).worksheets[1].iter_rows(values_only=True))
    heads = next(at for at, row in enumerate(rows) if "摘要" in row)
    column = {name: at for at, name in enumerate(rows[heads])}
    amounts = [column["收入（借方）"], column["支出（贷方）"], column["余额"]]
    return [
        line(
            row[column["摘要"]],
            (row[column["日期"]].month, row[column["日期"]].day),
            row[column["字"]],
            row[column["号"]],
            [row[at] for at in amounts],
        )
        for row in rows[heads + 1 :]
    ]


def of_pdf(path: Any) -> list[Line]:
    """The lines of the printed book, by where its words and digits stand below the heads of their columns."""
    lines = []
    for page in PdfReader(path).pages:
        words = words_of(page)
        if any(text == "摘要" for _x, _y, text in words):
            lines += lines_of(words)
    return lines


def words_of(page: Any) -> list[tuple[float, float, str]]:
    """The words of a page with their places; half of each two-byte character comes as a NUL."""
    words = []

    def see(text: str, outer: Any, inner: Any, _font: Any, _size: Any) -> None:
        text = text.replace("\x00", "").strip()
        if text:
            words.append((inner[4] * outer[0] + outer[4], round(inner[5] * outer[3] + outer[5], 1), text))

    page.extract_text(visitor_text=see)
    return words


def lines_of(words: list[tuple[float, float, str]]) -> list[Line]:
    """The lines of one page, from top to bottom."""
    place = {text: x for x, _y, text in words if text in ("月", "日", "字", "号", "摘要", "对方科目")}
    # The head of the last digit of each amount: 收入, 支出, 余额.
    cents = sorted(x for x, _y, text in words if text == "分")
    below_heads = min(y for _x, y, text in words if text == "分") - 1
    above_foot = max((y for _x, y, text in words if text.startswith("会计主管")), default=0) + 1
    names = ["月", "日", "字", "号", "摘要", "对方科目"]
    borders = [(place[a] + place[b]) / 2 for a, b in pairwise(names)]
    # A summary begins at the left of its wide column, far from its head.
    borders[3] = place["号"] + 12
    rows: dict[float, list[str]] = {}
    for x, y, text in words:
        # The last word of the head of its column stands lower than the others.
        if not above_foot < y < below_heads or text in ("借", "贷", "平"):
            continue
        row = rows.setdefault(y, [""] * 9)
        if text.lstrip("-").isdigit() and x > place["对方科目"]:
            row[6 + sum(x > cent + 1 for cent in cents)] += text
        else:
            row[sum(x > border for border in borders)] += text
    return list(_dated([row for _y, row in sorted(rows.items(), reverse=True)]))


def _dated(rows: list[list[str]]) -> Any:
    """Month and day are written where they change."""
    month = day = 0
    for row in rows:
        month, day = int(row[0] or month), int(row[1] or day)
        amounts = [Decimal(digits) / 100 if digits else 0 for digits in row[6:]]
        yield line(row[4], (month, day), row[2], row[3], amounts)


# --- comparing


def differences(paper: list[Line], book: list[Line]) -> list[str]:
    """Everything in which two books of the same year differ, in words; each carried line is held against the other."""
    ours, theirs = entries(book), entries(paper)
    found = [
        f"entry {at}: {a} on paper, {b} in the book"
        for at, (a, b) in enumerate(zip_longest(theirs, ours), start=1)
        if a != b
    ]
    for kind in ("opening", "next_year", "month_total", "year_total"):
        stated, made = totals(paper, kind), totals(book, kind)
        if stated != made:
            found.append(f"{kind}: {stated} on paper, {made} in the book")
    return found + wrong_sums(paper, ours) + wrong_sums(book, theirs)


def entries(book: list[Line]) -> list[Line]:
    return [one for one in book if one.kind == "entry"]


def totals(book: list[Line], kind: str) -> list[Line]:
    """The totals of a kind, each with the month of the entry above it."""
    found, month = [], 0
    for one in book:
        month = one.day[0] or month
        if one.kind == kind:
            found.append(replace(one, day=(month, 0)))
    return found


def wrong_sums(book: list[Line], others: list[Line]) -> list[str]:
    """Days and pages end where they will: what they sum must be what the other book's entries come to.

    A day's total sums the day, a carried line the month, both up to where they stand.
    """
    found, seen, since_day, since_month = [], 0, 0, 0
    for at, one in enumerate(book, start=1):
        if one.kind == "entry":
            if seen < len(others) and seen and others[seen].day != others[seen - 1].day:
                since_day = seen
            seen += 1
        elif one.kind == "month_total":
            since_month = seen
        elif one.kind in ("day_total", *CARRIED):
            summed = others[since_day if one.kind == "day_total" else since_month : seen]
            debit, credit = sum(entry.debit for entry in summed), sum(entry.credit for entry in summed)
            balance = others[seen - 1].balance if 0 < seen <= len(others) else None
            if (one.debit, one.credit, one.balance) != (debit, credit, balance):
                found.append(f"line {at}: {one}, but its entries come to {debit}, {credit}, {balance}")
    return found

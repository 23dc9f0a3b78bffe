"""The part of the walk that is about fees collected for the treasury (2103): not mixed, not spent (F01, S123)."""

from collections.abc import Iterator
from typing import Any

from finance.ledger.problems import Problem
from finance.ledger.verify_state import NOTHING, Books, Payment

FEES, BILLED = "2103", "1212"


def problems(books: Books, posting: tuple[Any, ...], entries: list[tuple[Any, ...]]) -> Iterator[Problem]:
    """Yield a posting that has fees beside income or spending, or pays with fees that are still to be paid in.

    What has to be there in money is what was collected and not paid in, less what is only billed. A write-off and what
    is put right for it at once are judged as one payment.
    """
    key, kind, reverses, corrects = posting[0], posting[2], posting[13], posting[14]
    has_fees, has_results, money, own = False, False, NOTHING, NOTHING
    for entry in entries:
        code, change, half, is_money, category = entry[3], entry[8] - entry[9], entry[12], entry[13], entry[16]
        has_fees = has_fees or code.startswith(FEES)
        has_results = has_results or half == "budget" or category in ("income", "expense")
        money += change if is_money else NOTHING
        own += change if is_money or code.startswith((FEES, BILLED)) else NOTHING
    if has_fees and has_results and kind != "opening":
        yield Problem("finance_posting", key, "has fees for the treasury beside income or spending")
    books.has_fees = books.has_fees or has_fees
    books.own += own
    since, books.written_off = books.written_off, None
    if since is not None and since.reverses == corrects:
        money, own = money + since.money, own + since.own
    else:
        yield from unsettled(since)
    spends = books.has_fees and money < 0 and own < 0 and books.own < 0
    paid = Payment(key, reverses, money, own, spends)
    if reverses is not None:
        books.written_off = paid
    else:
        yield from unsettled(paid)


def unsettled(payment: Payment | None) -> Iterator[Problem]:
    """Yield the payment if it was made with fees."""
    if payment is not None and payment.spends_fees:
        yield Problem("finance_posting", payment.key, "spends fees that are still to be paid in")

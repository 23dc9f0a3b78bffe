"""Vouchers are posted, written off (注销) and put right (订正). What is posted stays as it is."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date as Date
from itertools import groupby
from typing import Any
from weakref import WeakSet

from django.db import DEFAULT_DB_ALIAS, DataError, IntegrityError, connections, transaction

from finance.ledger import rules, wording
from finance.ledger.actions.drafts import Line, locked, open_period, review, save_draft, submit
from finance.ledger.actions.undoing import draft_reversal, written_off
from finance.ledger.models import Posting, Voucher
from houqin.accounts.models import User
from houqin.history.actions import words
from houqin.schools.permissions import require
from houqin.web.trail import Origin, origin, record_action

State = Voucher.State
# What a posting is called by; the rest is read when somebody asks.
_COLUMNS = ("id", "ledger_id", "position", "kind", "year", "month", "number", "date", "voucher_id")
# Each connection reads and plans the statement once: that takes nearly a tenth of the time of a posting.
_PREPARE = f"""
    PREPARE finance_post (bigint, bigint[], bigint, boolean, jsonb) AS
    SELECT {", ".join(_COLUMNS)} FROM finance_post($1, $2, $3, $4, $5)
"""  # noqa: S608  columns
_POST = "EXECUTE finance_post (%s, %s, %s, %s, %s)"
_prepared: WeakSet[Any] = WeakSet()


def post(voucher: Voucher, *, by: User) -> Posting:
    """Post a reviewed voucher: its number, its place in the chain, the balances and the bound books, all at once.

    One that puts another posting right writes that one off in the same transaction. Raises WrongState "already_posted",
    "not_reviewed", "already_reversed", Refused "negative_money", "period_closed", "period_missing", "date_goes_back",
    "unbalanced", "account_closed", "account_not_leaf", "balance_too_large", "opening_late", "cashier_posts".
    """
    require(by, "finance.post_voucher", voucher)
    if voucher.corrects_id is None:
        return _post(voucher.ledger_id, [voucher], by, logged=True)[0]
    with transaction.atomic():
        posting = _post_pair(voucher, by)[1]
        detail = wording.logged(posting.kind, posting.number, posting.date)
        record_action("finance.post_voucher", by=by, record=voucher, detail=detail)
    return posting


@transaction.atomic
def post_all(vouchers: Sequence[Voucher], *, by: User) -> list[Posting]:
    """Post reviewed vouchers in this order, all or none; for imports, and for a month at once. Refuses like `post`."""
    postings: list[Posting] = []
    # All vouchers before any ledger: everybody locks in this order.
    rows = Voucher.objects.select_for_update(no_key=True).filter(pk__in=[voucher.pk for voucher in vouchers])
    list(rows.order_by("pk").values_list("pk"))
    # And the months of those that put something right: posting the first of them takes the ledger.
    for voucher in sorted((one for one in vouchers if one.corrects_id), key=lambda one: (one.ledger_id, one.date)):
        open_period(voucher.ledger, voucher.date)
    for ledger_id, batch in groupby(vouchers, key=lambda voucher: voucher.ledger_id):
        together = list(batch)
        require(by, "finance.post_voucher", together[0])
        if any(voucher.corrects_id for voucher in together):
            postings += [post(voucher, by=by) for voucher in together]
            continue
        postings += _post(ledger_id, together, by, logged=True)
    return postings


@transaction.atomic
def reverse(posting: Posting, *, prepared_by: User, by: User, date: Date, reason: str) -> Posting:
    """Write a posting off at once: `prepared_by` drafts the red voucher, `by` reviews and posts it.

    On pages the two act one after the other. Refuses like `draft_reversal`, `review` and `post`.
    """
    require(by, "finance.post_voucher", posting)
    red = draft_reversal(posting, date=date, reason=reason, by=prepared_by)
    reversal = post(review(red, by=by), by=by)
    record_action("finance.reverse_posting", by=by, record=red, detail=reason.strip())
    return reversal


@transaction.atomic
def correct(
    posting: Posting,
    *,
    lines: Sequence[Line],
    prepared_by: User,
    by: User,
    date: Date,
    kind: str | None = None,
    attachments: int = 0,
) -> tuple[Posting, Posting]:
    """Write a posting off and post the right one at once; return both. Two people sign, as in `reverse`.

    Money may be short between the two, never after them. Refuses like `save_draft`, `submit`, `review` and `post`.
    """
    require(by, "finance.post_voucher", posting)
    draft = save_draft(
        posting.ledger,
        kind=kind or posting.kind,
        date=date,
        lines=[Line(line.account, line.debit, line.credit, wording.put_right(posting)) for line in lines],
        attachments=attachments,
        by=prepared_by,
        corrects=posting,
    )
    pair = _post_pair(review(submit(draft, by=prepared_by), by=by), by)
    record_action("finance.correct_posting", by=by, record=draft, detail=str(posting))
    return pair


def _post_pair(voucher: Voucher, by: User) -> tuple[Posting, Posting]:
    """Write off what `voucher` puts right, and post it."""
    voucher = locked(voucher)
    wrong = Posting.objects.select_related("ledger__school").get(pk=voucher.corrects_id)
    if voucher.state != State.REVIEWED:
        raise rules.refusal("already_posted" if voucher.state == State.POSTED else "not_reviewed")
    rules.may_be_corrected(wrong.ledger, wrong)
    # The pair is one paper: whoever prepared and reviewed the right voucher did so for the red one.
    red = written_off(wrong, date=voucher.date, by=voucher.prepared_by)
    red.state, red.reviewed_by = State.REVIEWED, voucher.reviewed_by
    red.save(update_fields=["state", "reviewed_by"])
    reversal, right = _post(wrong.ledger_id, [red, voucher], by, settle=True)
    return reversal, right


def _post(
    ledger_id: int, vouchers: Sequence[Voucher], by: User, *, settle: bool = False, logged: bool = False
) -> list[Posting]:
    """Call the function that holds the ledger's lock; turn its refusals into ours.

    All is one statement, the trail of `logged` ones included, and so a transaction of its own: the ledger is locked for
    no round trip longer. Within a larger transaction a refusal undoes it alone.
    """
    rules.may_post(vouchers[0], by)
    trail = json.dumps([_trail(voucher) for voucher in vouchers]) if logged else None
    keys = [voucher.pk for voucher in vouchers]
    database = connections[DEFAULT_DB_ALIAS]
    try:
        with transaction.atomic() if database.in_atomic_block else nullcontext(), database.cursor() as cursor:
            if database.connection not in _prepared:
                cursor.execute(_PREPARE)
                _prepared.add(database.connection)
            cursor.execute(_POST, [ledger_id, keys, by.pk, settle, trail])
            return [Posting.from_db(DEFAULT_DB_ALIAS, _COLUMNS, row) for row in cursor.fetchall()]
    except (IntegrityError, DataError) as error:
        raise rules.from_database(error) from error


def _trail(voucher: Voucher) -> dict[str, str]:
    """Return what the action log says of a posting; the number is put in where it is given."""
    detail = wording.logged(voucher.kind, "{number}", voucher.date)
    return words("finance.post_voucher", record=voucher, detail=detail, origin=origin.get() or Origin())

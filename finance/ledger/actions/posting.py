"""Vouchers are posted, written off (注销) and put right (订正). What is posted stays as it is."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date as Date
from itertools import groupby

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from finance.ledger import rules
from finance.ledger.actions.drafts import Line, locked, open_period, save_draft
from finance.ledger.models import Ledger, Posting, Voucher, VoucherKind, VoucherLine
from finance.ledger.models.vouchers import words_of
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.history.actions import words
from houqin.schools.permissions import require
from houqin.web.trail import Origin, origin, record_action

State = Voucher.State
# As the accounting norm words them; printed in the books, so never translated.
WRITTEN_OFF = "注销%(month)d月%(day)d日%(word)s字%(number)d号凭证"
PUT_RIGHT = "订正%(month)d月%(day)d日%(word)s字%(number)d号凭证"
WORDS = {"receipt": "收", "payment": "付", "transfer": "转", "general": "记", "opening": "启"}
_COLUMNS = [field.attname for field in Posting._meta.concrete_fields]
_POST = f"SELECT {', '.join(_COLUMNS)} FROM finance_post(%s, %s::bigint[], %s, %s, %s::jsonb)"  # noqa: S608  columns


def post(voucher: Voucher, *, by: User) -> Posting:
    """Post a reviewed voucher: its number, its place in the chain, the balances and the bound books, all at once.

    One that puts another posting right writes that one off in the same transaction. Raises WrongState "already_posted",
    "not_reviewed", "already_reversed", Refused "negative_money", "period_closed", "period_missing", "date_goes_back",
    "unbalanced", "account_closed", "account_not_leaf", "opening_late".
    """
    require(by, "finance.post_voucher", voucher)
    if voucher.corrects_id is None:
        return _post(voucher.ledger_id, [voucher], by, logged=True)[0]
    with transaction.atomic():
        posting = _post_pair(voucher, by)[1]
        record_action("finance.post_voucher", by=by, record=voucher, detail=str(posting))
    return posting


@transaction.atomic
def post_all(vouchers: Sequence[Voucher], *, by: User) -> list[Posting]:
    """Post reviewed vouchers in this order, all or none; for imports, and for a month at once. Refuses like `post`."""
    postings: list[Posting] = []
    for ledger_id, batch in groupby(vouchers, key=lambda voucher: voucher.ledger_id):
        together = list(batch)
        require(by, "finance.post_voucher", together[0])
        if any(voucher.corrects_id for voucher in together):
            postings += [post(voucher, by=by) for voucher in together]
            continue
        postings += _post(ledger_id, together, by, logged=True)
    return postings


@transaction.atomic
def reverse(posting: Posting, *, by: User, date: Date, reason: str) -> Posting:
    """Write a posting off: the same in red, at a date of an open month. Nobody writes off alone what they prepared.

    Raises WrongState "already_reversed", "already_corrected", Refused "own_voucher", "reason_missing",
    "not_reversible", and what `post` refuses.
    """
    ledger = _to_undo(posting, by)
    if not reason.strip():
        raise Refused(_("Write why it is written off."), code="reason_missing", field="reason")
    red = _red(ledger, posting, by, date)
    reversal = _post(ledger.pk, [red], by)[0]
    record_action("finance.reverse_posting", by=by, record=red, detail=reason.strip())
    return reversal


@transaction.atomic
def correct(
    posting: Posting, *, lines: Sequence[Line], by: User, date: Date, kind: str | None = None, attachments: int = 0
) -> tuple[Posting, Posting]:
    """Write a posting off and post the right one, in one transaction; return both.

    Money may be short between the two, never after them. Refuses like `reverse`.
    """
    ledger = _to_undo(posting, by)
    draft = save_draft(
        ledger,
        kind=kind or posting.kind,
        date=date,
        lines=_with_summary(lines, PUT_RIGHT % _name_of(posting)),
        attachments=attachments,
        by=by,
        corrects=posting,
    )
    rules.may_be_posted(draft)
    draft.state = State.REVIEWED
    draft.save(update_fields=["state"])
    pair = _post_pair(draft, by)
    record_action("finance.correct_posting", by=by, record=draft, detail=str(posting))
    return pair


def _to_undo(posting: Posting, by: User) -> Ledger:
    """Return the ledger of a posting that `by` may undo, locked by the posting function when it comes to it."""
    ledger = Ledger.objects.select_related("school").get(pk=posting.ledger_id)
    require(by, "finance.post_voucher", ledger)
    rules.may_be_corrected(ledger, posting)
    if posting.prepared_by_id == by.pk:
        raise Refused(_("Nobody writes off alone what they prepared themselves."), code="own_voucher")
    return ledger


def _post_pair(voucher: Voucher, by: User) -> tuple[Posting, Posting]:
    """Write off what `voucher` puts right, and post it."""
    voucher = locked(voucher)
    wrong = Posting.objects.select_related("ledger__school").get(pk=voucher.corrects_id)
    if voucher.state != State.REVIEWED:
        raise rules.refusal("already_posted" if voucher.state == State.POSTED else "not_reviewed")
    rules.may_be_corrected(wrong.ledger, wrong)
    red = _red(wrong.ledger, wrong, by, voucher.date)
    reversal, right = _post(wrong.ledger_id, [red, voucher], by, settle=True)
    return reversal, right


def _red(ledger: Ledger, posting: Posting, by: User, date: Date) -> Voucher:
    """Return the voucher that writes a posting off: its lines with their amounts in red."""
    open_period(ledger, date)
    if posting.year != date.year:
        raise Refused(
            _("Mistakes of earlier years are put right by a voucher of their own, through account 3501."),
            code="earlier_year",
            field="date",
        )
    summary = WRITTEN_OFF % _name_of(posting)
    entries = posting.entries.select_related("account").order_by("line")
    lines = [
        VoucherLine(
            position=entry.line, summary=summary, account=entry.account, debit=-entry.debit, credit=-entry.credit
        )
        for entry in entries
    ]
    red = Voucher(
        ledger=ledger,
        school_id=ledger.school_id,
        kind=posting.kind,
        date=date,
        prepared_by=by,
        summary=summary,
        total=sum(line.debit for line in lines),
        reverses=posting,
    )
    red.search_text = words_of(red, lines)
    red.save(force_insert=True)
    for line in lines:
        line.voucher = red
    VoucherLine.objects.bulk_create(lines)
    red.state = State.REVIEWED
    red.save(update_fields=["state"])
    return red


def _post(
    ledger_id: int, vouchers: Sequence[Voucher], by: User, *, settle: bool = False, logged: bool = False
) -> list[Posting]:
    """Call the function that holds the ledger's lock; turn its refusals into ours.

    All is one statement, the trail of `logged` ones included, and so a transaction of its own: the ledger is locked for
    no round trip longer. Within a larger transaction a refusal undoes it alone.
    """
    trail = json.dumps([_trail(voucher) for voucher in vouchers]) if logged else None
    keys = [voucher.pk for voucher in vouchers]
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext(), connection.cursor() as cursor:
            cursor.execute(_POST, [ledger_id, keys, by.pk, settle, trail])
            return [Posting.from_db(DEFAULT_DB_ALIAS, _COLUMNS, row) for row in cursor.fetchall()]
    except IntegrityError as error:
        raise rules.from_database(error) from error


def _trail(voucher: Voucher) -> dict[str, str]:
    """Return what the action log says of a posting; the number is put in where it is given."""
    detail = f"{VoucherKind(voucher.kind).label} {{number}} · {voucher.date}"
    return words("finance.post_voucher", record=voucher, detail=detail, origin=origin.get() or Origin())


def _name_of(posting: Posting) -> dict[str, object]:
    return {
        "month": posting.date.month,
        "day": posting.date.day,
        "word": WORDS[posting.kind],
        "number": posting.number,
    }


def _with_summary(lines: Sequence[Line], summary: str) -> list[Line]:
    return [Line(line.account, line.debit, line.credit, summary) for line in lines]

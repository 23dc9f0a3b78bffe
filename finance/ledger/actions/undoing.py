"""What is posted is written off (注销) by a voucher in red, prepared by one person and reviewed by another."""

from datetime import date as Date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from finance.ledger import rules, wording
from finance.ledger.actions.drafts import open_period, submit
from finance.ledger.models import Ledger, Posting, Voucher, VoucherLine
from finance.ledger.models.vouchers import words_of
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.schools.permissions import require
from houqin.web.trail import record_action


@transaction.atomic
def draft_reversal(posting: Posting, *, date: Date, reason: str, by: User) -> Voucher:
    """Hand in the red voucher that writes a posting off; it waits for review like any other.

    Its lines are those of the posting, so there is nothing to change in it. Raises WrongState "already_reversed",
    "already_corrected", "undoing_waits", Refused "reason_missing", "not_reversible", "earlier_year", "period_closed",
    "period_missing", and what `submit` raises.
    """
    ledger = Ledger.objects.select_related("school").get(pk=posting.ledger_id)
    require(by, "finance.prepare_voucher", ledger)
    if not reason.strip():
        raise Refused(_("Write why it is written off."), code="reason_missing", field="reason")
    red = written_off(posting, date=date, by=by)
    rules.nothing_undoes(posting, besides=red)
    record_action("finance.draft_reversal", by=by, record=red, detail=reason.strip())
    return submit(red, by=by)


def written_off(posting: Posting, *, date: Date, by: User) -> Voucher:
    """Return a new draft with the lines of a posting in red. Refuses what may not be written off."""
    ledger = Ledger.objects.select_related("school").get(pk=posting.ledger_id)
    # Whoever undoes the same posting at this moment waits for the period, and is told what happened.
    open_period(ledger, date)
    rules.may_be_corrected(ledger, posting)
    if posting.year != date.year:
        raise rules.refusal("earlier_year", "date")
    if date < posting.date:
        raise rules.refusal("date_goes_back", "date", f"{wording.number_of(posting)} {posting.date}")
    summary = wording.written_off(posting)
    entries = posting.entries.select_related("account").order_by("line")
    lines = [
        VoucherLine(position=one.line, summary=summary, account=one.account, debit=-one.debit, credit=-one.credit)
        for one in entries
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
    return red

"""Who did what with a voucher when, and what is still to come; the times stand in the action log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.ledger.models import Posting, Voucher
from finance.ledger.wording import number_of
from houqin.history.models import ActionLog
from houqin.web.moments import stamp
from houqin.web.record_page import Moment

State = Voucher.State
MADE = ("finance.save_voucher", "finance.draft_reversal")
SUBMITTED, REVIEWED, RETURNED = "finance.submit_voucher", "finance.review_voucher", "finance.send_back_voucher"
VOIDED, REVERSAL = "finance.void_voucher", "finance.draft_reversal"
CODES = (*MADE, SUBMITTED, REVIEWED, RETURNED, VOIDED)
MOST = 60


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that the log knows."""

    code: str
    at: datetime
    who: str
    detail: str


def log_of(voucher: Voucher) -> list[Done]:
    """Return what was done with a voucher before it was posted, the oldest first. One query."""
    rows = ActionLog.objects.filter(
        record_kind=Voucher._meta.label_lower, record_id=voucher.pk, code__in=CODES, result=ActionLog.DONE
    ).order_by("at", "pk")
    return [Done(*row) for row in rows.values_list("code", "at", "user__display_name", "detail")[:MOST]]


def course(voucher: Voucher, posting: Posting | None, log: Sequence[Done]) -> list[Moment]:
    """Return who prepared, sent back, reviewed and posted it, and what is still to come."""
    made = next((done for done in log if done.code in MADE), None)
    why = made.detail if made is not None and made.code == REVERSAL else ""
    moments = [Moment(_("prepared it"), str(voucher.prepared_by), _facts(made), said=why)]
    moments += [
        Moment(_("sent it back"), done.who, _facts(done), said=done.detail, glyph="returned")
        for done in log
        if done.code == RETURNED
    ]
    if voucher.state == State.VOIDED:
        gone = _last(log, VOIDED)
        return [
            *moments,
            Moment(_("Voided; it never had a number"), gone.who if gone else "", _facts(gone), glyph="locked"),
        ]
    if voucher.reviewed_by is not None:
        moments.append(Moment(_("reviewed it"), str(voucher.reviewed_by), _facts(_last(log, REVIEWED))))
    elif posting is None:
        waits = voucher.state == State.SUBMITTED
        sent = _last(log, SUBMITTED)
        since = [format_lazy(_("submitted {moment}"), moment=stamp(sent.at))] if waits and sent is not None else []
        moments.append(Moment(_("Review"), "", since, tone=_tone(waits), glyph=_glyph(waits)))
    if posting is not None:
        facts = [stamp(posting.posted_at), number_of(posting)]
        return [*moments, Moment(_("posted it"), str(posting.posted_by), facts)]
    waits = voucher.state == State.REVIEWED
    return [*moments, Moment(_("Posting"), tone=_tone(waits), glyph=_glyph(waits))]


def _facts(done: Done | None) -> list[Any]:
    return [stamp(done.at)] if done is not None else []


def _last(log: Sequence[Done], code: str) -> Done | None:
    return next((done for done in reversed(log) if done.code == code), None)


def _tone(waits: bool) -> str:
    return "now" if waits else "next"


def _glyph(waits: bool) -> str:
    return "wait" if waits else "planned"

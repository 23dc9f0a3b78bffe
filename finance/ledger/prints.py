"""The printed voucher (记账凭证): half an A4 sheet each, two on a page, cut in the middle."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.db.models import Case, F, Prefetch, When
from django.db.models.functions import ExtractMonth, ExtractYear
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from pypdf import PdfWriter

from finance.ledger.actions.drafts import MONEY_KINDS
from finance.ledger.line_forms import HalfSum, half_sums
from finance.ledger.models import Account, Posting, Voucher, VoucherKind, VoucherLine
from finance.ledger.views.vouchers import VIEW, VoucherList
from finance.ledger.wording import WORDS
from houqin.errors import Refused
from houqin.exports import actions as exports
from houqin.exports.lists import rows_of
from houqin.exports.models import ExportJob
from houqin.exports.progress import Progress
from houqin.exports.registry import DocumentExport
from houqin.schools.models import Membership
from houqin.schools.permissions import require
from houqin.schools.roles import Role

# Lines on a half sheet; vouchers drawn together, and in one file.
LINES, TOGETHER, MOST = 6, 16, 1000
MOST_TICKED = 50
TITLES = {
    VoucherKind.RECEIPT: "收款凭证",
    VoucherKind.PAYMENT: "付款凭证",
    VoucherKind.TRANSFER: "转账凭证",
}
PLAIN_TITLE = "记账凭证"
# As they are bound: the opening balances, then 收, 付, 转 or 记.
BOUND = (
    VoucherKind.OPENING,
    VoucherKind.RECEIPT,
    VoucherKind.PAYMENT,
    VoucherKind.TRANSFER,
    VoucherKind.GENERAL,
)
# A voucher's paper is Chinese whatever the language of the page: it is signed and kept for thirty years.


@dataclass(slots=True)
class Sheet:
    """One half sheet of a voucher; `fraction` stands behind the number when there are several (12 1/3)."""

    lines: list[tuple[VoucherLine, str, str]]
    empty: range
    fraction: str = ""
    sums: list[HalfSum] = field(default_factory=list)


@dataclass(slots=True)
class Paper:
    """A voucher as it is printed."""

    voucher: Voucher
    posting: Posting | None
    title: str
    word: str
    sheets: list[Sheet]
    head: str = ""
    # Whether a cashier signs it, and who that was.
    has_cashier: bool = False
    cashier: str = ""


@require_safe
def voucher_print(request: Any, pk: int) -> HttpResponse:
    """Print a voucher."""
    voucher = get_object_or_404(Voucher.objects.visible_to(request.user), pk=pk)
    paper = papers_of([voucher.pk])[0]
    name = f"{voucher.date:%Y-%m}-{voucher.kind}-{paper.posting.number if paper.posting else voucher.pk}"
    return HttpResponse(
        pdf([paper]),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


def pdf(papers: Sequence[Paper]) -> bytes:
    """Return vouchers as one PDF, two half sheets on a page."""
    return _pdf([(paper, sheet) for paper in papers for sheet in paper.sheets])


def _pdf(halves: Sequence[tuple[Paper, Sheet]]) -> bytes:
    from houqin.exports.documents import render_pdf  # WeasyPrint takes 30 MiB: only where it prints

    name = halves[0][0].title if len(halves) == 1 else PLAIN_TITLE
    return render_pdf("finance/ledger/paper/voucher.html", {"halves": halves, "name": name})


def write_vouchers(job: ExportJob, path: Path, progress: Progress) -> int:
    """Write the vouchers that a list shows, or those that were ticked, in the order in which they are bound.

    A few pages at a time: WeasyPrint's memory grows with the pages of a document.
    """
    keys = bound_order(job.owner, job.school, job.query)
    if not keys:
        raise Refused(_("There is nothing to print: voided vouchers are left out."), code="nothing_there")
    if len(keys) > MOST:
        raise Refused(
            _("These are more than %(most)d vouchers. Choose a month or a kind."),
            code="too_many_rows",
            params={"most": MOST},
        )
    progress.of(len(keys))
    writer, waiting = PdfWriter(), []
    for start in range(0, len(keys), TOGETHER):
        papers = papers_of(keys[start : start + TOGETHER])
        waiting += [(paper, sheet) for paper in papers for sheet in paper.sheets]
        # A page holds two: an odd one waits for its neighbour.
        whole = len(waiting) - (0 if start + TOGETHER >= len(keys) else len(waiting) % 2)
        writer.append(BytesIO(_pdf(waiting[:whole])))
        waiting = waiting[whole:]
        progress.at(min(start + TOGETHER, len(keys)))
    writer.write(path)
    return len(keys)


def bound_order(user: Any, school: Any, params: QueryDict) -> list[int]:
    """Return the keys of the vouchers to print: books, month, kind, number; what has none yet comes after."""
    ticked = [int(key) for key in params.getlist("voucher") if key.isdecimal() and len(key) < 19]
    visible = Voucher.objects.visible_to(user).at(school).filter(pk__in=ticked)
    rows = (visible if ticked else rows_of(VoucherList)(user, school, params)).exclude(state=Voucher.State.VOIDED)
    months = (F("ledger__school__name_pinyin"), F("ledger"), ExtractYear("date"), ExtractMonth("date"))
    kinds = Case(*(When(kind=kind, then=place) for place, kind in enumerate(BOUND)))
    order = rows.order_by(*months, kinds, F("posting__number").asc(nulls_last=True), F("date"), F("pk"))
    return list(order.values_list("pk", flat=True)[: MOST + 1])


def papers_of(keys: Sequence[int]) -> list[Paper]:
    """Return vouchers with their sheets, in this order. Four queries, however many they are."""
    people = ("ledger", "school", "prepared_by", "reviewed_by")
    lines = Prefetch("lines", VoucherLine.objects.select_related("account__parent"))
    vouchers = Voucher.objects.select_related(*people).prefetch_related(lines).in_bulk(keys)
    postings = Posting.objects.filter(voucher__in=keys).select_related("posted_by")
    posted = {posting.voucher_id: posting for posting in postings}
    schools = {voucher.school_id for voucher in vouchers.values()}
    cashiers = list(Membership.objects.filter(school__in=schools, role=Role.CASHIER).select_related("user"))
    return [_paper(vouchers[key], posted.get(key), cashiers) for key in keys]


def _paper(voucher: Voucher, posting: Posting | None, cashiers: Sequence[Membership]) -> Paper:
    lines = list(voucher.lines.all())
    # Where all vouchers are of one kind, the cashier signs those that move money.
    has_cashier = voucher.kind in MONEY_KINDS or (
        voucher.kind == VoucherKind.GENERAL and any(line.account.is_money for line in lines)
    )
    # Only a head of accounting posts and reviews.
    head = (posting.posted_by if posting is not None else None) or voucher.reviewed_by
    return Paper(
        voucher,
        posting,
        TITLES.get(VoucherKind(voucher.kind), PLAIN_TITLE),
        WORDS[voucher.kind],
        sheets_of(lines),
        head=str(head or ""),
        has_cashier=has_cashier,
        cashier=_cashier_of(voucher, cashiers) if has_cashier else "",
    )


def _cashier_of(voucher: Voucher, cashiers: Sequence[Membership]) -> str:
    """Return the cashier of the school on the day; nothing when there were several: who paid signs by hand."""
    day = voucher.date
    names = {
        str(post.user)
        for post in cashiers
        if post.school_id == voucher.school_id and post.since <= day and (post.until is None or post.until >= day)
    }
    return names.pop() if len(names) == 1 else ""


@require_POST
def print_several(request: Any) -> HttpResponse:
    """Have the ticked vouchers printed; those that the list shows when none is ticked."""
    require(request.user, VIEW, request.acting.school)
    params = QueryDict(request.POST.get("query", "")[:1000], mutable=True)
    ticked = request.POST.getlist("voucher")[:MOST_TICKED]
    if ticked:
        params = QueryDict(mutable=True)
        params.setlist("voucher", ticked)
    try:
        job = exports.start(VOUCHERS.name, by=request.user, school=request.acting.school, format="pdf", params=params)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("finance:ledger:vouchers")
    return redirect(job.get_absolute_url())


def sheets_of(lines: list[VoucherLine]) -> list[Sheet]:
    """Divide lines over half sheets; the last one tells the sums, its unused lines are struck out."""
    parts = [lines[start : start + LINES] for start in range(0, max(len(lines), 1), LINES)]
    count = len(parts)
    sheets = [
        Sheet(
            lines=[(line, *names(line.account)) for line in part],
            empty=range(LINES - len(part)),
            fraction=f"{place}/{count}" if count > 1 else "",
        )
        for place, part in enumerate(parts, start=1)
    ]
    sums = half_sums((line.account.half, line.debit, line.credit) for line in lines)
    sheets[-1].sums = [one for one in sums if one.lines] or sums[:1]
    return sheets


def names(account: Account) -> tuple[str, str]:
    """Return general and detail account: the name at the top of the chart, and what stands below it."""
    if account.parent is None:
        return account.name, ""
    top, _dash, rest = account.full_name.partition("-")
    return top, rest or (account.name if account.name != top else "")


VOUCHERS = DocumentExport("finance.vouchers", gettext_lazy("Vouchers on paper"), VIEW, write_vouchers)

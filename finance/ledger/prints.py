"""The printed voucher (记账凭证): half an A4 sheet each, two on a page, cut in the middle."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from finance.ledger.line_forms import HalfSum, half_sums
from finance.ledger.models import Account, Posting, Voucher, VoucherKind, VoucherLine
from finance.ledger.wording import WORDS

# Lines on a half sheet.
LINES = 6
TITLES = {
    VoucherKind.RECEIPT: "收款凭证",
    VoucherKind.PAYMENT: "付款凭证",
    VoucherKind.TRANSFER: "转账凭证",
}
PLAIN_TITLE = "记账凭证"
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


@require_safe
def voucher_print(request: Any, pk: int) -> HttpResponse:
    """Print a voucher."""
    rows = Voucher.objects.visible_to(request.user).select_related("ledger", "school", "prepared_by", "reviewed_by")
    voucher = get_object_or_404(rows, pk=pk)
    paper = paper_of(voucher)
    name = f"{voucher.date:%Y-%m}-{voucher.kind}-{paper.posting.number if paper.posting else voucher.pk}"
    return HttpResponse(
        pdf([paper]),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


def pdf(papers: list[Paper]) -> bytes:
    """Return vouchers as one PDF, two half sheets on a page."""
    from houqin.exports.documents import render_pdf  # WeasyPrint takes 30 MiB: only where it prints

    halves = [(paper, sheet) for paper in papers for sheet in paper.sheets]
    return render_pdf("finance/ledger/paper/voucher.html", {"halves": halves, "name": papers[0].title})


def paper_of(voucher: Voucher) -> Paper:
    """Return a voucher with its sheets. Two queries."""
    posting = Posting.objects.filter(voucher=voucher).select_related("posted_by").first()
    lines = list(voucher.lines.select_related("account__parent"))
    title = TITLES.get(VoucherKind(voucher.kind), PLAIN_TITLE)
    return Paper(voucher, posting, title, WORDS[voucher.kind], sheets_of(lines))


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

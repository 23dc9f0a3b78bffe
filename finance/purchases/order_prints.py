"""What is printed and signed on paper: the request, the comparison of its quotes, the order. A4 PDFs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from finance.purchases.models import MOST_QUOTES, SUBJECT_KIND, PurchaseOrder, PurchaseRequest
from houqin.approvals.models import Approval, Signature

Text = str | Promise


@dataclass(slots=True)
class SignatureBox:
    """The box of one office on paper, with what was signed on the screen already."""

    office: Text
    signatures: list[Signature] = field(default_factory=list)

    @property
    def day(self) -> datetime | None:
        """When the last of them signed."""
        return self.signatures[-1].signed_at if self.signatures else None


def signature_boxes(purchase: PurchaseRequest) -> list[SignatureBox]:
    """Return a box for each step of the latest approval, else for the principal and the central school.

    The boxes of what can still be changed are empty: nobody has signed what it says now.
    """
    approvals = Approval.objects.filter(kind=SUBJECT_KIND, subject_id=purchase.pk).order_by("-requested_at", "-pk")
    approval = approvals.first()
    if approval is None:
        return [SignatureBox(_("Principal")), SignatureBox(_("Central school"))]
    boxes = {
        step.pk: SignatureBox(format_lazy("{}　{}", str(step.school), step.get_role_display()))
        for step in approval.steps.select_related("school").order_by("position")
    }
    if not purchase.is_editable:
        for signature in approval.signatures.select_related("signer").order_by("signed_at", "pk"):
            boxes[signature.step_id].signatures.append(signature)
    return list(boxes.values())


@require_safe
def purchase_print(request: Any, pk: int) -> HttpResponse:
    """Print a request with its signatures (采购申请单)."""
    purchase = _purchase(request, pk)
    return _pdf(
        "finance/purchases/paper/request.html",
        {
            "purchase": purchase,
            "lines": list(purchase.lines.order_by("position")),
            "boxes": signature_boxes(purchase),
        },
        purchase.number,
    )


@require_safe
def comparison_print(request: Any, pk: int) -> HttpResponse:
    """Print the quotes of a request side by side (比价表)."""
    purchase = _purchase(request, pk)
    lines = []
    for line in purchase.lines.prefetch_related("quotes").order_by("position"):
        quotes: list[Any] = list(line.quotes.all())[:MOST_QUOTES]
        lines.append((line, quotes + [None] * (MOST_QUOTES - len(quotes))))
    return _pdf(
        "finance/purchases/paper/comparison.html", {"purchase": purchase, "lines": lines}, f"{purchase.number}-quotes"
    )


@require_safe
def order_print(request: Any, pk: int) -> HttpResponse:
    """Print an order for the supplier (采购订单)."""
    orders = PurchaseOrder.objects.visible_to(request.user)
    order = get_object_or_404(orders.select_related("school", "request", "supplier", "buyer"), pk=pk)
    lines = list(order.lines.select_related("line").order_by("line__position"))
    return _pdf("finance/purchases/paper/order.html", {"order": order, "lines": lines}, order.number)


def _purchase(request: Any, pk: int) -> PurchaseRequest:
    rows = PurchaseRequest.objects.open_to(request.user)
    return get_object_or_404(rows.select_related("school", "requester", "budget_line__item"), pk=pk)


def _pdf(template: str, context: Mapping[str, Any], name: str) -> HttpResponse:
    from houqin.exports.documents import render_pdf  # WeasyPrint takes 30 MiB: only where it prints

    return HttpResponse(
        render_pdf(template, context),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )

"""A voucher for what was bought: drafted from a purchase whose goods came and were counted."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from finance.ledger.accounts import Accounts
from finance.ledger.cases import BANK, CREDIT, DEBIT, EQUIPMENT, FUNDS, GOODS, SPENT, line_values
from finance.ledger.models import Voucher
from finance.ledger.wording import WORDS
from finance.purchases.further import Further
from finance.purchases.models import OrderLine, PurchaseRequest, State
from houqin.accounts.models import User

SOURCE = "purchase"
DELIVERED = (State.DELIVERED, State.CLOSED)


def waiting(user: User, school: Any) -> QuerySet[PurchaseRequest]:
    """Return the delivered purchases that have no voucher yet, the oldest first."""
    booked = Voucher.objects.filter(source_kind=SOURCE, source_id=OuterRef("pk")).exclude(state=Voucher.State.VOIDED)
    rows = PurchaseRequest.objects.visible_to(user).at(school).filter(state__in=DELIVERED)
    return rows.filter(~Exists(booked)).order_by("created_at", "pk")


def further(purchase: PurchaseRequest, user: User) -> Sequence[Further]:
    """Return the voucher of a delivered purchase, or the step to write it, on the purchase's page. One query."""
    if purchase.state not in DELIVERED or not user.has_perm("finance.view_books", purchase):
        return []
    booked = Voucher.objects.filter(source_kind=SOURCE, source_id=purchase.pk).exclude(state=Voucher.State.VOIDED)
    row = booked.values("pk", "kind", "state", "posting__number").first()
    title = _("Books")
    if row is not None:
        number = f"{WORDS[row['kind']]}-{row['posting__number']}" if row["posting__number"] else ""
        words = f"{number} {Voucher.State(row['state']).label}".strip()
        return [Further(title, words, reverse("finance:ledger:voucher", args=[row["pk"]]))]
    if not user.has_perm("finance.prepare_voucher", purchase):
        return []
    return [Further(title, _("Draft the voucher"), f"{reverse('finance:ledger:create')}?purchase={purchase.pk}", True)]


def purchase_of(voucher: Voucher, user: User) -> PurchaseRequest | None:
    """Return the purchase that a voucher books, if the person may read it."""
    if voucher.source_kind != SOURCE:
        return None
    return PurchaseRequest.objects.visible_to(user).filter(pk=voucher.source_id).first()


def amounts(purchase: PurchaseRequest) -> tuple[Decimal, Decimal]:
    """Return what came and was in order: equipment, and everything else. One query."""
    sums = {True: Decimal("0.00"), False: Decimal("0.00")}
    for line in OrderLine.objects.filter(order__request=purchase, is_live=True).select_related("line"):
        sums[line.line.is_equipment] += line.accepted_amount
    return sums[True], sums[False]


def lines(purchase: PurchaseRequest, accounts: Accounts) -> list[dict[str, Any]]:
    """Return the lines as the form takes them: equipment on its account, the rest an expense, both halves.

    A campus pays over the current account with the central school; the expenditure is the campus's all the same.
    """
    equipment, goods = amounts(purchase)
    total = equipment + goods
    if not total:
        return []
    sides = [(EQUIPMENT, DEBIT, equipment), (GOODS, DEBIT, goods), (BANK, CREDIT, total)]
    sides += [(SPENT, DEBIT, total), (FUNDS, CREDIT, total)]
    made = [line_values(accounts.usual(use), side, amount) for use, side, amount in sides if amount]
    made[0]["summary"] = str(format_lazy(_("paid: {title} ({number})"), title=purchase.title, number=purchase.number))[
        :100
    ]
    return made

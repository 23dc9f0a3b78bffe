"""The rows of the list of vouchers: values of one narrow query, made ready to print in one pass."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from finance.ledger.models import Account, VoucherKind, VoucherLine
from finance.ledger.states import look
from finance.ledger.wording import WORDS
from houqin.web.moments import stamp
from houqin.web.templatetags.houqin import badge, money

VALUES = (
    "pk",
    "kind",
    "date",
    "summary",
    "state",
    "attachments",
    "returned_reason",
    "prepared_by__display_name",
    "posting__number",
)


def narrow(queryset: QuerySet[Any], *, with_school: bool) -> QuerySet[Any]:
    """Ask for what a row shows and nothing else; the amount is that of the financial half."""
    return queryset.annotate(amount=shown_amount()).values(
        *VALUES, "amount", *(["school__name"] if with_school else [])
    )


def shown_amount() -> Any:
    """Return the amount of a voucher as people speak of it: that of its financial half, if it has one."""
    lines = VoucherLine.objects.filter(voucher=OuterRef("pk"), account__half=Account.Half.FINANCIAL)
    sums = lines.order_by().values("voucher").annotate(sum=Sum("debit")).values("sum")
    return Coalesce(Subquery(sums), F("total"))


def ready(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the values of the list's template, row by row."""
    language = get_language() or ""
    before, after = reverse("finance:ledger:voucher", args=[0]).split("0")
    return [
        {
            "pk": row["pk"],
            "url": f"{before}{row['pk']}{after}",
            "number": f"{WORDS[row['kind']]}-{row['posting__number']}" if row["posting__number"] else "",
            "word": kind_label(row["kind"], language),
            "summary": row["summary"],
            "school": row.get("school__name", ""),
            "badge": state_badge(row["state"], bool(row["returned_reason"]), language),
            "date": stamp(row["date"]),
            "amount": money(row["amount"]),
            "is_red": row["amount"] < 0,
            "attachments": row["attachments"],
            "prepared_by": row["prepared_by__display_name"],
        }
        for row in rows
    ]


@lru_cache(maxsize=32)
def kind_label(kind: str, _language: str) -> str:
    """Return the kind of a voucher in the language of the page."""
    return str(VoucherKind(kind).label)


@lru_cache(maxsize=64)
def state_badge(state: str, is_returned: bool, _language: str) -> SafeString:
    """Return the badge of a state in the language of the page."""
    return badge(*look(state, is_returned=is_returned))

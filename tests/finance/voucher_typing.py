"""What people type into the form of a voucher, and how its pages are asked."""

from django.urls import reverse

from tests.finance.ledger_factories import BUDGET_MONEY, BUDGET_SPENT, CASH, EXPENSE

NEW = "/ledger/vouchers/new/"
HEAD = {"kind": "payment", "date": "2026-03-02", "attachments": "1"}
PAID = [
    ("购粉笔", EXPENSE, "100.00元", ""),
    ("//", f"{CASH} 库存现金", "", "100"),
    ("", BUDGET_SPENT, "￥100.00", ""),
    ("", BUDGET_MONEY, "", "１００"),
]


def typed(lines=PAID, do="submit", **changes):
    """What a browser sends."""
    data = {"lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": "0", "do": do, **HEAD}
    for place, values in enumerate(lines):
        for name, value in zip(("summary", "account", "debit", "credit"), values, strict=True):
            data[f"lines-{place}-{name}"] = value
    return data | changes


def shown_lines(form):
    """The lines of a form as a browser shows them."""
    names = ("summary", "account", "debit", "credit")
    return [tuple(str(line[name].value() or "") for name in names) for line in form.lines]


def step(client, voucher, name, data=None):
    return client.post(reverse(f"finance:ledger:{name}", args=[voucher.pk]), data or {})


def page(client, voucher):
    return client.get(reverse("finance:ledger:voucher", args=[voucher.pk])).text

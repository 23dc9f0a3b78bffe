"""The last part of the check: what stands around the postings is as its trail tells.

Books, accounts, vouchers and bank accounts are written to a trail of their own by the database at every change,
closings to the log of actions. Whoever changes a row with the triggers off leaves the trail behind. What is only
searched by is in no trail.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import transaction
from django.db.models import Model

from finance.ledger.models import Ledger, Voucher
from finance.ledger.problems import Problem
from finance.ledger.verify_state import rows

# Beside the row itself, what the trail said last of it.
_LAST = """
    SELECT coalesce(t.id, e.pgh_obj_id), t.id IS NULL, e.pgh_id IS NULL
    FROM (SELECT * FROM {table} WHERE {mine}) AS t
    FULL JOIN (
        SELECT DISTINCT ON (pgh_obj_id) * FROM {events} WHERE {mine} ORDER BY pgh_obj_id, pgh_id DESC
    ) AS e ON e.pgh_obj_id = t.id
    WHERE ({row}) IS DISTINCT FROM ({event})
    ORDER BY 1 LIMIT 1
"""
# By name: bank accounts are of a room above this one.
_TRACKED = {
    "Ledger": "id = %(ledger)s",
    "Account": "ledger_id = %(ledger)s",
    "Voucher": "ledger_id = %(ledger)s",
    "BankAccount": "account_id IN (SELECT id FROM finance_account WHERE ledger_id = %(ledger)s)",
}
# Closing writes both within one transaction, the time of the log a little later.
_CLOSINGS = """
    SELECT p.id, p.year, p.month FROM finance_period p
    LEFT JOIN history_actionlog l ON l.record_kind = 'finance.ledger' AND l.record_id = p.ledger_id
        AND l.code = 'finance.close_period' AND l.result = 'done' AND l.user_id = p.closed_by_id
        AND l.detail = p.year || '-' || lpad(p.month::text, 2, '0')
        AND p.closed_at BETWEEN l.at - interval '10 minutes' AND l.at
    WHERE p.ledger_id = %(ledger)s AND ((p.state = 'closed') <> (l.id IS NOT NULL)
        OR p.state <> 'closed' AND (p.closed_at IS NOT NULL OR p.closed_by_id IS NOT NULL))
    ORDER BY p.year, p.month, p.id LIMIT 1
"""
_GONE = """
    SELECT pgh_obj_id FROM finance_ledgerevent UNION SELECT ledger_id FROM finance_chainhead
    EXCEPT SELECT id FROM finance_ledger ORDER BY 1
"""


def gone() -> list[Problem]:
    """Return the sets of books that the trail or noted heads know and that are not there any more."""
    with transaction.atomic():
        return [Problem("finance_ledger", None, f"row {row}, which its trail knows") for (row,) in rows(_GONE, [])]


def problems(ledger: Ledger) -> Iterator[Problem]:
    """Yield rows that are not what was last written of them, and months not closed by whom the log names."""
    for name, mine in _TRACKED.items():
        model = apps.get_model("finance", name)
        table, sql = model._meta.db_table, _beside_its_trail(model, mine)
        for row, is_gone, is_new in rows(sql, {"ledger": ledger.pk}):
            if is_gone:
                yield Problem(table, None, f"row {row}, which the trail knows")
            else:
                yield Problem(table, row, "is not in the trail" if is_new else "was changed without a trace")
    for row, year, month in rows(_CLOSINGS, {"ledger": ledger.pk}):
        yield Problem("finance_period", row, f"{year}-{month:02d} was not closed then, or not by this person")


def _beside_its_trail(model: type[Model], mine: str) -> str:
    """Return the statement that compares the rows of a model with their last events, column by column."""
    events = apps.get_model(f"{model._meta.label}Event")
    kept = {field.column for field in events._meta.concrete_fields}
    columns = [field.column for field in model._meta.concrete_fields if field.column in kept]
    now = {name: f"t.{name}" for name in columns}
    if model is Voucher:
        # That it was posted stands in the posting, beside which it is held elsewhere.
        now["state"] = "CASE t.state WHEN 'posted' THEN 'reviewed' ELSE t.state END"
    parts = {"row": ", ".join(now.values()), "event": ", ".join(f"e.{name}" for name in columns)}
    return _LAST.format(table=model._meta.db_table, events=events._meta.db_table, mine=mine, **parts)

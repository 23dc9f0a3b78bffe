"""Measure the books: a school's journal of a year, and all campuses in one file, as Excel, CSV and PDF.

    python -m benchmarks --books
    python -m benchmarks.books write <sheets> <format>      one file, as the run starts it

The floor of CSV is PostgreSQL's COPY of the same lines. Excel and PDF have targets in seconds of CPU.
"""

import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.servers import PRODUCT, Servers
from benchmarks.tables import heads, line, verdict

YEAR = 2026
CAMPUSES = 4
LINES = 100_000
MOST_SHEETS = {"the year's journal of a school": 1, "the journals of all campuses": CAMPUSES}
# Seconds of CPU for so many lines, and MiB of memory above the process before; CSV is held against COPY.
TARGETS = {"xlsx": (1.6, 100_000, 30), "csv": (1.5, 0, 20), "pdf": (6.0, 10_000, 320)}


def main(servers: Servers) -> None:
    """Fill the books once, write each file in a fresh process, and print what it has cost."""
    database = servers.make_database("books", template="migrated")
    servers.run(PRODUCT, database, "-m", "benchmarks.books", "fill", str(CAMPUSES), str(LINES // CAMPUSES))
    heads("file", "lines", "CPU s", "wall s", "+ MiB", "of COPY", "target", "verdict")
    for title, sheets in MOST_SHEETS.items():

        def cost(name: str, sheets: int = sheets) -> dict[str, Any]:
            found = servers.run(PRODUCT, database, "-m", "benchmarks.books", "write", str(sheets), name)
            return dict(json.loads(found))

        floor = cost("floor")
        for name, (most, of, memory) in TARGETS.items():
            ours = cost(name)
            ratio = ours["wall"] / floor["wall"]
            allowed = most * ours["rows"] / of if of else most
            met = (ours["cpu"] if of else ratio) <= allowed and ours["grown"] <= memory
            target = f"{allowed:.1f} CPU s" if of else f"{most} x COPY"
            figures = (f"{ours['cpu']:.2f}", f"{ours['wall']:.2f}", f"{ours['grown']:.0f}", f"{ratio:.1f} x")
            line(f"{title}, {name}", f"{ours['rows']:,}", *figures, f"{target}, +{memory} MiB", verdict(met))


# Of each page the first line brings forward and the last one carries over; each tenth line sums a day.
LINES_OF_BOOK = """
    WITH made AS (
        SELECT n, 1 + (n - 1) / 20 AS page, 1 + (n - 1) %% 20 AS line,
            DATE '2026-01-01' + (n::bigint * 364 / %(lines)s)::int AS date, 100 + n %% 900 + (n %% 97) / 100.0 AS amount
        FROM generate_series(1, %(lines)s) AS n
    ), kinds AS (
        SELECT *, CASE WHEN n = 1 THEN 'opening' WHEN line = 1 THEN 'brought_forward' WHEN line = 20 THEN 'carried_over'
            WHEN line %% 10 = 9 THEN 'day_total' ELSE 'entry' END AS kind
        FROM made
    ), postings AS (
        INSERT INTO finance_posting (ledger_id, position, kind, year, month, number, date, voucher_id, attachments,
            prepared_by_id, reviewed_by_id, posted_by_id, posted_at, previous_hash, hash, format_version)
        SELECT %(ledger)s, n, CASE WHEN n %% 5 = 0 THEN 'receipt' ELSE 'payment' END, 2026,
            extract(month FROM date), n, date, %(first)s + n, 1, %(by)s, %(by)s, %(by)s, now(), '', '', 1
        FROM kinds WHERE kind = 'entry'
        RETURNING id, position
    ), entries AS (
        INSERT INTO finance_entry (posting_id, ledger_id, account_id, line, position, date, summary, counter,
            debit, credit, balance)
        SELECT postings.id, %(ledger)s, %(account)s, 1, n, date, '购粉笔、板擦等教学用品' || n, '5001 业务活动费用',
            CASE WHEN n %% 5 = 0 THEN amount ELSE 0 END, CASE WHEN n %% 5 = 0 THEN 0 ELSE amount END, 1000 + amount
        FROM kinds JOIN postings ON postings.position = n
        RETURNING id, position
    )
    INSERT INTO finance_bookline (ledger_id, account_id, year, page, line, kind, entry_id, date, debit, credit, balance)
    SELECT %(ledger)s, %(account)s, 2026, page, line, kind, entries.id, date,
        CASE WHEN n %% 5 = 0 THEN amount ELSE 0 END, CASE WHEN n %% 5 = 0 THEN 0 ELSE amount END, 1000 + amount
    FROM kinds LEFT JOIN entries ON entries.position = n
"""
PLAIN = """
    SELECT line.date, posting.kind, posting.number, entry.summary, entry.counter, line.debit, line.credit, line.kind,
        line.balance, line.page, line.line
    FROM finance_bookline AS line
    LEFT JOIN finance_entry AS entry ON entry.id = line.entry_id
    LEFT JOIN finance_posting AS posting ON posting.id = entry.posting_id
    WHERE line.account_id IN ({accounts})
    ORDER BY line.account_id, line.year, line.page, line.line
"""


def fill(campuses: int, lines: int) -> None:
    """Open the books of some campuses, and write so many lines into the cash journal of each, by SQL."""
    from datetime import date

    from django.db import connection, transaction

    from finance.ledger import actions
    from finance.ledger.models import Account, AccountHead
    from houqin.accounts.models import User
    from houqin.schools.models import Membership, School

    chief = User.objects.create(username="chief-books", display_name="会计主管", password="!")
    central = School.objects.get(code="center")
    Membership.objects.create(user=chief, school=central, role="chief_accountant", since=date(2020, 1, 1))
    for number in range(1, campuses + 1):
        campus = School.objects.get(code=f"campus{number}")
        ledger = actions.open_ledger(campus, kind="main", year=YEAR, by=chief)
        account = Account.objects.get(ledger=ledger, code="100101")
        given = {"ledger": ledger.pk, "account": account.pk, "lines": lines, "by": chief.pk}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(LINES_OF_BOOK, given | {"first": number * 10_000_000})
            AccountHead.objects.filter(account=account).update(
                position=lines, balance=1000, year=YEAR, page=(lines + 19) // 20, line=1 + (lines - 1) % 20
            )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE finance_posting, finance_entry, finance_bookline, finance_accounthead")


def write(sheets: int, name: str) -> None:
    """Write the journals of so many schools once, and print what that has cost."""
    from benchmarks.worker import measured
    from finance.books.exports import Wanted, _writers, journals
    from finance.books.sheets import Bundle
    from finance.ledger.models import Ledger
    from houqin.exports.table import snapshot

    ledgers = list(Ledger.objects.select_related("school").order_by("pk")[:sheets])
    progress: Any = SimpleNamespace(at=lambda _rows: None, of=lambda _total: None)
    folder = Path(tempfile.mkdtemp(prefix="houqin-benchmark-"))
    path = folder / "file"
    writers = _writers()

    def work() -> int:
        if name == "floor":
            return copy(ledgers, path)
        with snapshot():
            bundle = Bundle("现金日记账", journals(Wanted(ledgers, "1001", YEAR, 1, 12)), "会计主管", datetime.now(UTC))
            return writers[name](bundle, path, progress)

    try:
        print(json.dumps(measured(work)))
    finally:
        path.unlink(missing_ok=True)
        folder.rmdir()


def copy(ledgers: list[Any], path: Path) -> int:
    """Let PostgreSQL copy the same lines into a file."""
    from django.db import connection

    from finance.ledger.models import Account

    keys = Account.objects.filter(ledger__in=ledgers, code="100101").values_list("pk", flat=True)
    plain = PLAIN.format(accounts=", ".join(map(str, keys)))
    with path.open("wb") as file, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({plain}) TO STDOUT WITH (FORMAT csv)", file)
        return int(cursor.rowcount)


if __name__ == "__main__":
    import django

    django.setup()
    if sys.argv[1] == "fill":
        fill(int(sys.argv[2]), int(sys.argv[3]))
    else:
        write(int(sys.argv[2]), sys.argv[3])

"""Measure the check of whole books: a year of vouchers, posted as always, then `verify_books` in a process of its own.

python -m benchmarks --verify [--entries 100000]
python -m benchmarks.verify fill <vouchers>                            fill, as the run starts it
python -m benchmarks.verify check                                      check, and tell what it cost
"""

import json
import resource
import sys
import time

from benchmarks.servers import PRODUCT, Servers
from benchmarks.tables import heads, line, verdict

SECONDS = 60
GROWN = 30
LINES_OF_A_VOUCHER = 4
BATCH = 500


def main(servers: Servers, entries: int) -> None:
    """Fill a tenth of the entries and all of them, check both, and print what it took."""
    heads("verify_books", "entries", "lines of bound books", "CPU s", "wall s", "+ MiB", "target", "verdict")
    for count in (entries // 10, entries):
        database = servers.make_database(f"verify_{count}", template="migrated")
        servers.run(PRODUCT, database, "-m", "benchmarks.verify", "fill", str(count // LINES_OF_A_VOUCHER))
        told = json.loads(servers.run(PRODUCT, database, "-m", "benchmarks.verify", "check"))
        met = told["wall"] <= SECONDS * count / entries and told["grown"] <= GROWN
        figures = (f"{told['entries']:,}", f"{told['lines']:,}", f"{told['cpu']:.1f}", f"{told['wall']:.1f}")
        target = f"{SECONDS * count // entries} s, +{GROWN} MiB"
        line("a year of one school", *figures, f"{told['grown']:.0f}", target, verdict(met))


def run_fill(count: int) -> None:
    """Post so many vouchers of four lines over a year, and close its months but the last."""
    from datetime import date
    from decimal import Decimal

    from django.db import connection

    from benchmarks.ledger import _books
    from finance.ledger import actions
    from finance.ledger.actions import Line
    from finance.ledger.models import Account, Voucher, VoucherLine

    ledger, accountant, chief = _books(2025)
    found = {account.code: account for account in Account.objects.filter(ledger=ledger).select_related("ledger")}
    expense, cash, spent, money, surplus = (found[code] for code in ("500102", "100101", "720101", "800102", "3001"))
    sides = [(expense, "debit"), (cash, "credit"), (spent, "debit"), (money, "credit")]
    lines = [Line(cash, Decimal(10**8), Decimal(0), "上年结转"), Line(surplus, Decimal(0), Decimal(10**8))]
    opening = actions.save_draft(ledger, kind="opening", date=ledger.opened_on, lines=lines, by=accountant)
    actions.post(actions.review(actions.submit(opening, by=accountant), by=chief), by=chief)
    facts = {"ledger": ledger, "school": ledger.school, "kind": "payment", "attachments": 1, "prepared_by": accountant}
    each = count // 12
    for period in ledger.periods.order_by("month"):
        days = [date(2025, period.month, 1 + number * 27 // each) for number in range(each)]
        vouchers = Voucher.objects.bulk_create(Voucher(**facts, date=day, summary="购粉笔") for day in days)
        VoucherLine.objects.bulk_create(
            VoucherLine(
                voucher=voucher, position=place, summary="购粉笔", account=account, **{side: Decimal(number + 1) / 100}
            )
            for number, voucher in enumerate(vouchers)
            for place, (account, side) in enumerate(sides, start=1)
        )
        keys = [voucher.pk for voucher in vouchers]
        Voucher.objects.filter(pk__in=keys).update(state="reviewed", reviewed_by=chief)
        for start in range(0, each, BATCH):
            with connection.cursor() as cursor:
                asked = [ledger.pk, keys[start : start + BATCH], chief.pk]
                cursor.execute("SELECT count(*) FROM finance_post(%s, %s::bigint[], %s, false)", asked)
        if period.month < 12:
            actions.close_period(period, by=chief)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def run_check() -> None:
    """Check all books as the command does; print what it cost."""
    from django.core.management import call_command

    from finance.ledger.models import BookLine, Entry

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, used = time.perf_counter(), time.process_time()
    call_command("verify_books")
    told = {
        "wall": time.perf_counter() - began,
        "cpu": time.process_time() - used,
        "grown": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
        "entries": Entry.objects.count(),
        "lines": BookLine.objects.count(),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    import django

    django.setup()
    run_fill(int(sys.argv[2])) if sys.argv[1] == "fill" else run_check()

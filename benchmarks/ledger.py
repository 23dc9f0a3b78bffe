"""Measure the ledger: posting beside its floor, the balance of an account, the pages of a long journal.

    python -m benchmarks --ledger [--lines 10000000]
    python -m benchmarks.ledger post <ledger> <poster> <voucher> ...       one poster, as the run starts them

The floor of posting is the least that a gapless, balanced entry asks of PostgreSQL: one statement that locks the
ledger, takes the number, moves a balance and inserts one row, a transaction each, through psycopg2.
"""

import json
import subprocess
import sys
import time
from statistics import median
from typing import Any

import psycopg2

from benchmarks.servers import PRODUCT, ROOT, Servers
from benchmarks.tables import heads, line, verdict

SHARE = 0.40
POSTERS = (1, 2, 8)
VOUCHERS = 400
PAGE_ROUNDS = 21
GROWTH = 1.3
FLOOR = """
    WITH book AS (
        UPDATE floor_ledger SET number = number + 1, balance = balance - %s WHERE id = 1 RETURNING number, balance
    )
    INSERT INTO floor_entry (ledger_id, number, summary, amount, balance)
    SELECT 1, number, '购粉笔', %s, balance FROM book
"""
FLOOR_TABLES = """
    CREATE TABLE floor_ledger (id int PRIMARY KEY, number bigint NOT NULL, balance numeric(16, 2) NOT NULL);
    CREATE TABLE floor_entry (
        id bigserial PRIMARY KEY, ledger_id int NOT NULL, number bigint NOT NULL, summary text NOT NULL,
        amount numeric(16, 2) NOT NULL, balance numeric(16, 2) NOT NULL, UNIQUE (ledger_id, number)
    );
    INSERT INTO floor_ledger VALUES (1, 0, 100000000);
"""


def main(servers: Servers, lines: int) -> None:
    """Measure everything and print it."""
    heads("posting", "posters", "vouchers", "a second", "floor a second", "share", "target", "verdict")
    for posters in POSTERS:
        floor = floor_posting(servers, posters)
        for name, what in (("the action, with permission and trail", "post"), ("the function alone", "call")):
            ours = posting(servers, posters, what)
            share = ours / floor
            figures = (f"{ours:.0f}", f"{floor:.0f}", f"{share:.0%}")
            line(name, posters, VOUCHERS, *figures, f"{SHARE:.0%} of floor", verdict(share >= SHARE))
    heads("page of a journal", "lines", "ms", "growth", "target", "verdict")
    small: dict[str, float] = {}
    for size in (1000, lines):
        database = servers.make_database(f"journal_{size}", template="migrated")
        answer = json.loads(servers.run(PRODUCT, database, "-m", "benchmarks.ledger", "read", str(size)))
        for name, cost in answer.items():
            growth = cost / small.setdefault(name, cost)
            line(name, f"{size:,}", f"{cost:.2f}", f"{growth:.2f}", f"{GROWTH} x", verdict(growth <= GROWTH))


def posting(servers: Servers, posters: int, what: str) -> float:
    """Return how many vouchers a second so many processes post together."""
    database = servers.make_database(f"{what}ing_{posters}", template="migrated")
    made = json.loads(servers.run(PRODUCT, database, "-m", "benchmarks.ledger", "fill", str(VOUCHERS)))
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.ledger", what, str(made["poster"])]
    shares = [made["vouchers"][number::posters] for number in range(posters)]
    return _together(servers.environment(PRODUCT, database), [[*command, *map(str, share)] for share in shares])


def floor_posting(servers: Servers, posters: int) -> float:
    """Return the same of the floor."""
    database = servers.make_database(f"floor_posting_{posters}")
    dsn = servers.postgres.url(database=database, user="postgres").replace("postgres://", "postgresql://", 1)
    asked = psycopg2.connect(dsn)
    with asked, asked.cursor() as cursor:
        cursor.execute(FLOOR_TABLES)
    asked.close()
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.ledger", "floor", dsn, str(VOUCHERS // posters)]
    return _together(servers.environment(PRODUCT, database), [command] * posters)


def _together(environment: dict[str, str], commands: list[list[str]]) -> float:
    """Start processes, let all begin at the same moment, and return what they did a second."""
    running = [
        subprocess.Popen(command, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for command in commands
    ]
    for process in running:
        process.stdout.readline()  # it is ready
    began = time.perf_counter()
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    done = sum(int(process.stdout.readline()) for process in running)
    took = time.perf_counter() - began
    for process in running:
        process.stdin.close()
        if process.wait(30):
            raise SystemExit("A poster failed.")
    return done / took


def _when_told() -> None:
    """Say that this process is ready, and wait for the others."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def run_floor(dsn: str, count: int) -> None:
    """Do the floor's statement so many times, each in a transaction."""
    asked = psycopg2.connect(dsn)
    asked.autocommit = True
    with asked.cursor() as cursor:
        _when_told()
        for _number in range(count):
            cursor.execute(FLOOR, (1, 1))
    _answer(count)


def run_post(poster: int, vouchers: list[int]) -> None:
    """Post vouchers one after the other, each as the button does."""
    from finance.ledger import actions
    from finance.ledger.models import Voucher
    from houqin.accounts.models import User

    by = User.objects.get(pk=poster)
    found = Voucher.objects.select_related("ledger__school", "school").in_bulk(vouchers)
    _when_told()
    for key in vouchers:
        actions.post(found[key], by=by)
    _answer(len(vouchers))


def run_call(poster: int, vouchers: list[int]) -> None:
    """Post vouchers by the database's function, without the action around it."""
    from django.db import connection

    from finance.ledger.models import Voucher

    ledger = Voucher.objects.values_list("ledger", flat=True).get(pk=vouchers[0])
    with connection.cursor() as cursor:
        _when_told()
        for key in vouchers:
            cursor.execute("SELECT id FROM finance_post(%s, ARRAY[%s]::bigint[], %s, false)", [ledger, key, poster])
    _answer(len(vouchers))


def _books(year: int = 2026) -> Any:
    """Open books at a campus of the benchmark's schools; return ledger, accountant, chief."""
    from datetime import date

    from finance.ledger import actions
    from houqin.accounts.models import User
    from houqin.schools.models import Membership, School

    central, campus = School.objects.get(code="center"), School.objects.get(code="campus1")
    people = []
    for school, role in ((central, "chief_accountant"), (campus, "accountant")):
        user = User.objects.create(username=f"{role}-books", display_name=role, password="!")
        Membership.objects.create(user=user, school=school, role=role, since=date(2020, 1, 1))
        people.append(user)
    chief, accountant = people
    return actions.open_ledger(campus, kind="main", year=year, by=chief), accountant, chief


def run_fill(count: int) -> None:
    """Make books with money, and so many reviewed payments; print their keys."""
    from datetime import date
    from decimal import Decimal

    from finance.ledger import actions
    from finance.ledger.actions import Line
    from finance.ledger.models import Account, Voucher, VoucherLine

    ledger, accountant, chief = _books()
    accounts = {account.code: account for account in Account.objects.filter(ledger=ledger).select_related("ledger")}
    cash, expense, surplus = (accounts[code] for code in ("100101", "500102", "3001"))
    million = Decimal(1_000_000)
    opening = actions.save_draft(
        ledger,
        kind="opening",
        date=ledger.opened_on,
        lines=[Line(cash, million, Decimal(0), "上年结转"), Line(surplus, Decimal(0), million)],
        by=accountant,
    )
    actions.post(actions.review(actions.submit(opening, by=accountant), by=chief), by=chief)
    facts = {"ledger": ledger, "school": ledger.school, "kind": "payment", "date": date(ledger.year_opened, 3, 2)}
    vouchers = Voucher.objects.bulk_create(
        Voucher(**facts, attachments=1, prepared_by=accountant, summary="购粉笔") for _n in range(count)
    )
    lines = []
    for voucher in vouchers:
        lines.append(VoucherLine(voucher=voucher, position=1, summary="购粉笔", account=expense, debit=Decimal(1)))
        lines.append(VoucherLine(voucher=voucher, position=2, summary="购粉笔", account=cash, credit=Decimal(1)))
    VoucherLine.objects.bulk_create(lines)
    keys = [voucher.pk for voucher in vouchers]
    Voucher.objects.filter(pk__in=keys).update(state="reviewed", reviewed_by=chief)
    print(json.dumps({"poster": chief.pk, "vouchers": keys}))


JOURNAL = """
    INSERT INTO finance_entry
        (posting_id, ledger_id, account_id, line, position, date, summary, counter, debit, credit, balance)
    SELECT n, %(ledger)s, %(account)s, 1, n, DATE '2026-01-01' + (n::bigint * 364 / %(lines)s)::int,
        '购粉笔、板擦等教学用品',
        '5001 业务活动费用', 1, 0, n
    FROM generate_series(1, %(lines)s) AS n
"""
BOOK = """
    INSERT INTO finance_bookline
        (ledger_id, account_id, year, page, line, kind, entry_id, date, debit, credit, balance)
    SELECT ledger_id, account_id, 2026, 1 + (position - 1) / 18, 2 + (position - 1) %% 18, 'entry', id, date, debit,
        credit, balance
    FROM finance_entry WHERE account_id = %(account)s
"""


def run_read(lines: int) -> None:
    """Fill a journal by SQL, and print what its balance, its first and its last page cost in milliseconds."""
    from django.db import connection, transaction

    from finance.ledger.models import Account, AccountHead, BookLine, Entry

    ledger, _accountant, _chief = _books()
    account = Account.objects.get(ledger=ledger, code="100101")
    given = {"ledger": ledger.pk, "account": account.pk, "lines": lines}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(JOURNAL, given)
        cursor.execute(BOOK, given)
        AccountHead.objects.filter(account=account).update(
            position=lines, balance=lines, year=2026, page=1 + (lines - 1) // 18, line=2 + (lines - 1) % 18
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE finance_entry, finance_bookline, finance_accounthead")
    last = 1 + (lines - 1) // 18

    def page(number: int) -> Any:
        rows = BookLine.objects.filter(account=account, year=2026, page=number).select_related("entry")
        return lambda: list(rows.all().order_by("line"))

    def entries(after: int) -> Any:
        rows = Entry.objects.filter(account=account, position__gt=after, position__lte=after + 20)
        return lambda: list(rows.all().order_by("position"))

    asks = {
        "balance of the account": lambda: AccountHead.objects.filter(account=account).values_list("balance").get(),
        "first page of the bound book": page(1),
        "last page of the bound book": page(last),
        "first 20 entries": entries(0),
        "last 20 entries": entries(lines - 20),
    }
    print(json.dumps({name: _milliseconds(ask) for name, ask in asks.items()}))


def _milliseconds(ask: Any) -> float:
    costs = []
    for _round in range(PAGE_ROUNDS):
        began = time.perf_counter()
        ask()
        costs.append((time.perf_counter() - began) * 1000)
    return median(costs[1:])


if __name__ == "__main__":
    what, *words = sys.argv[1:]
    if what == "floor":
        run_floor(words[0], int(words[1]))
    else:
        import django

        django.setup()
        if what in ("post", "call"):
            {"post": run_post, "call": run_call}[what](int(words[0]), [int(word) for word in words[1:]])
        else:
            {"fill": run_fill, "read": run_read}[what](int(words[0]))

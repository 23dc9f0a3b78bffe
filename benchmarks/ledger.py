"""Measure the ledger: posting beside its floor, the balance of an account, the pages of a long journal.

    python -m benchmarks --ledger [--lines 10000000]
    python -m benchmarks.ledger post <ledger> <poster> <voucher> ...       one poster, as the run starts them

The floor of posting is the least that a gapless, balanced entry asks of PostgreSQL: one statement that locks the
ledger, takes the number, moves a balance and inserts one row, a transaction each, through psycopg2. A posting is held
against what one connection does so; beside it stands what as many connections as posters do. All are measured twice on
the same server: as schools run it, where a commit waits for the disk, and with data that may be lost, where nothing is
left but computing.
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
TURNS = 3
VOUCHERS = 1600
# What each poster does before the clock runs: its connection and its plans are made, as in a process that serves pages.
FIRST = 20
SMALL = 1000
# How often each journal is read in a row, and how often the journals take turns; the first of each warms the caches.
PAGE_ROUNDS = 6
PAGE_TURNS = 16
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
    columns = ("posting", "commits", "posters", "a second", "floor", "share", "floor of as many", "share")
    heads(*columns, "target", "verdict")
    drafted = servers.make_database("drafted", template="migrated")
    made = json.loads(
        servers.run(PRODUCT, drafted, "-m", "benchmarks.ledger", "fill", str(VOUCHERS + FIRST * max(POSTERS)))
    )
    for durable in (True, False):
        servers.restart_postgres(durable=durable)
        for posters in POSTERS:
            _compare(servers, made, posters, durable=durable)
    servers.restart_postgres(durable=False)
    heads("page of a journal", "lines", "ms", "growth", "target", "verdict")
    costs = pages(servers, (SMALL, lines))
    for name, small in costs[SMALL].items():
        line(name, f"{SMALL:,}", f"{small:.2f}", "", "", "")
        growth = costs[lines][name] / small
        line(name, f"{lines:,}", f"{costs[lines][name]:.2f}", f"{growth:.2f}", f"{GROWTH} x", verdict(growth <= GROWTH))


def _compare(servers: Servers, made: dict[str, Any], posters: int, *, durable: bool) -> None:
    """Let floor and product take turns, and print the medians."""
    found: dict[str, list[float]] = {"floor": [], "as many": [], "post": [], "call": []}
    for turn in range(TURNS):
        found["floor"].append(floor_posting(servers, 1, f"{posters}_{durable}_{turn}"))
        if posters > 1:
            found["as many"].append(floor_posting(servers, posters, f"{posters}_{durable}_{turn}"))
        for what in ("post", "call"):
            found[what].append(posting(servers, made, posters, what, f"{durable}_{turn}"))
    floor = median(found["floor"])
    as_many = median(found["as many"] or found["floor"])
    for name, what in (("the action, with permission and trail", "post"), ("the function and its trail", "call")):
        ours = median(found[what])
        commits = "on the disk" if durable else "may be lost"
        shares = (f"{floor:.0f}", f"{ours / floor:.0%}", f"{as_many:.0f}", f"{ours / as_many:.0%}")
        met = verdict(ours >= SHARE * floor)
        line(name, commits, posters, f"{ours:.0f}", *shares, f"{SHARE:.0%} of floor", met)


def posting(servers: Servers, made: dict[str, Any], posters: int, what: str, run: str) -> float:
    """Return how many vouchers a second so many processes post together."""
    database = servers.make_database(f"{what}ing_{posters}_{run}", template="drafted")
    vouchers = made["vouchers"][: VOUCHERS + FIRST * posters]
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.ledger", what, str(made["poster"])]
    shares = [vouchers[number::posters] for number in range(posters)]
    return _together(servers.environment(PRODUCT, database), [[*command, *map(str, share)] for share in shares])


def pages(servers: Servers, sizes: tuple[int, ...]) -> dict[int, dict[str, float]]:
    """Return the medians of reading journals of several sizes, in milliseconds.

    All are filled before any is read, and they take turns: what else the machine does meets them all.
    """
    readers = {}
    for size in sizes:
        database = servers.make_database(f"journal_{size}", template="migrated")
        servers.run(PRODUCT, database, "-m", "benchmarks.ledger", "journal", str(size))
        readers[size] = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.ledger", "read", str(size)],
            env=servers.environment(PRODUCT, database),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    found: dict[int, dict[str, list[float]]] = {size: {} for size in sizes}
    for turn in range(PAGE_TURNS):
        for size, reader in readers.items():
            reader.stdin.write("go\n")
            reader.stdin.flush()
            for name, costs in json.loads(reader.stdout.readline()).items():
                found[size].setdefault(name, []).extend(costs if turn else ())
    for reader in readers.values():
        reader.stdin.close()
        reader.wait(30)
    return {size: {name: median(costs) for name, costs in asked.items()} for size, asked in found.items()}


def floor_posting(servers: Servers, posters: int, run: str) -> float:
    """Return the same of the floor."""
    database = servers.make_database(f"floor_posting_{posters}_{run}")
    dsn = servers.postgres.url(database=database, user="postgres").replace("postgres://", "postgresql://", 1)
    asked = psycopg2.connect(dsn)
    with asked, asked.cursor() as cursor:
        cursor.execute(FLOOR_TABLES)
    asked.close()
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "benchmarks.ledger",
        "floor",
        dsn,
        str(VOUCHERS // posters + FIRST),
    ]
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
        for number in range(count):
            if number == FIRST:
                _when_told()
            cursor.execute(FLOOR, (1, 1))
    _answer(count - FIRST)


def run_post(poster: int, vouchers: list[int]) -> None:
    """Post vouchers one after the other, each as the button does."""
    from finance.ledger import actions
    from finance.ledger.models import Voucher
    from houqin.accounts.models import User

    by = User.objects.get(pk=poster)
    found = Voucher.objects.select_related("ledger__school", "school").in_bulk(vouchers)
    for number, key in enumerate(vouchers):
        if number == FIRST:
            _when_told()
        actions.post(found[key], by=by)
    _answer(len(vouchers) - FIRST)


def run_call(poster: int, vouchers: list[int]) -> None:
    """Post vouchers by the database's function, its row in the action log too, through psycopg2 as the floor does."""
    from django.db import connection

    from finance.ledger.models import Voucher

    ledger = Voucher.objects.values_list("ledger", flat=True).get(pk=vouchers[0])
    words = {
        "code": "finance.post_voucher",
        "record_name": "付 2026-03-02 购粉笔",
        "detail": "付 {number} · 2026-03-02",
    }
    trail = json.dumps([words | {"address": "127.0.0.1", "device": "", "path": f"/ledger/vouchers/{vouchers[0]}/"}])
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        # As the action does.
        cursor.execute(
            "PREPARE post (bigint, bigint[], bigint, boolean, jsonb) AS SELECT * FROM finance_post($1, $2, $3, $4, $5)"
        )
        for number, key in enumerate(vouchers):
            if number == FIRST:
                _when_told()
            cursor.execute("EXECUTE post (%s, %s, %s, false, %s)", [ledger, [key], poster, trail])
    _answer(len(vouchers) - FIRST)


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


# A posting for every ten lines; hashes as long as real ones.
POSTINGS = """
    INSERT INTO finance_posting
        (id, ledger_id, position, kind, year, month, number, date, voucher_id, attachments, prepared_by_id,
        reviewed_by_id, posted_by_id, posted_at, previous_hash, hash, format_version)
    SELECT n, %(ledger)s, n, 'payment', 2026, 1, n, DATE '2026-01-01', n, 1, 1, 2, 2, now(), repeat('0', 64),
        repeat('0', 64), 1
    FROM generate_series(1, %(lines)s / 10 + 1) AS n
"""
JOURNAL = """
    INSERT INTO finance_entry
        (posting_id, ledger_id, account_id, line, position, date, summary, counter, debit, credit, balance)
    SELECT 1 + (n - 1) / 10, %(ledger)s, %(account)s, 1 + (n - 1) %% 10, n,
        DATE '2026-01-01' + (n::bigint * 364 / %(lines)s)::int, '购粉笔、板擦等教学用品', '5001 业务活动费用', 1, 0, n
    FROM generate_series(1, %(lines)s) AS n
"""
BOOK = """
    INSERT INTO finance_bookline
        (ledger_id, account_id, year, page, line, kind, entry_id, date, debit, credit, balance)
    SELECT ledger_id, account_id, 2026, 1 + (position - 1) / 18, 2 + (position - 1) %% 18, 'entry', id, date, debit,
        credit, balance
    FROM finance_entry WHERE account_id = %(account)s
"""


def run_journal(lines: int) -> None:
    """Fill the cash journal of some books by SQL."""
    from django.db import connection, transaction

    from finance.ledger.models import Account, AccountHead

    ledger, _accountant, _chief = _books()
    account = Account.objects.get(ledger=ledger, code="100101")
    given = {"ledger": ledger.pk, "account": account.pk, "lines": lines}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in (POSTINGS, JOURNAL, BOOK):
            cursor.execute(statement, given)
        AccountHead.objects.filter(account=account).update(
            position=lines, balance=lines, year=2026, page=1 + (lines - 1) // 18, line=2 + (lines - 1) % 18
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE finance_posting, finance_entry, finance_bookline, finance_accounthead")
        cursor.execute("CHECKPOINT")


def run_read(lines: int) -> None:
    """Whenever told, print what the journal's balance, its first and its last page cost in milliseconds."""
    from finance.books import bound
    from finance.ledger.models import Account, AccountHead, Entry

    account = Account.objects.get(code="100101")
    last = bound.last_page(account, account.head, 2026)

    def entries(after: int) -> Any:
        rows = Entry.objects.filter(account=account, position__gt=after, position__lte=after + 20)
        return lambda: list(rows.all().order_by("position"))

    asks = {
        "balance of the account": lambda: AccountHead.objects.filter(account=account).values_list("balance").get(),
        "first page of the bound book": lambda: bound.page_lines(account, 2026, 1),
        "last page of the bound book": lambda: bound.page_lines(account, 2026, last),
        "first 20 entries": entries(0),
        "last 20 entries": entries(lines - 20),
    }
    for _told in sys.stdin:
        print(json.dumps({name: _milliseconds(ask) for name, ask in asks.items()}), flush=True)


def _milliseconds(ask: Any) -> list[float]:
    costs = []
    for _round in range(PAGE_ROUNDS):
        began = time.perf_counter()
        ask()
        costs.append((time.perf_counter() - began) * 1000)
    return costs[1:]


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
            {"fill": run_fill, "journal": run_journal, "read": run_read}[what](int(words[0]))

"""Posters are killed and the database server dies at once, while they post: nothing is lost, doubled or gapped.

HOUQIN_STORM=full runs 8 posters with 125 vouchers each, 10 kills and 2 restarts; without it a smaller storm.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path

import psycopg2
import pytest
from django.db import DatabaseError, connection

from finance.ledger import actions
from finance.ledger.models import Posting, Voucher, VoucherLine
from houqin.children import Child
from houqin.embedded import Postgres
from houqin.errors import Refused
from tests.faults.conftest import ROOT
from tests.finance.ledger_factories import CASH, EXPENSE, Office

FULL = os.environ.get("HOUQIN_STORM") == "full"
POSTERS, EACH, KILLS, RESTARTS = (8, 125, 10, 2) if FULL else (4, 40, 4, 1)
SECONDS = 600 if FULL else 150


class Storm:
    """A database server of its own, posters, and what hurts them."""

    def __init__(self, folder: Path, dump: Path) -> None:
        self.folder = folder
        self.postgres = Postgres(folder / "postgres", durable=True)
        self.postgres.start()
        self.url = self.postgres.url(user="postgres")
        self.dsn = self.url.replace("postgres://", "postgresql://", 1)
        tools = self.postgres._binaries()
        subprocess.run(
            [tools / "psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", dump, self.dsn],
            check=True,
            capture_output=True,
            env={"LC_ALL": "C.UTF-8"},
        )
        self.environ = os.environ | {"DATABASE_URL": self.url, "DJANGO_SETTINGS_MODULE": "houqin.settings.test"}
        self.posters: list[Child] = []

    def log_of(self, number: int) -> Path:
        return self.folder / f"poster{number}.log"

    def start_poster(self, number: int, by: int, vouchers: list[int]) -> Child:
        """Start a poster; one that was killed goes on where its log ends."""
        words = [str(by), str(self.log_of(number)), *map(str, vouchers)]
        command = [sys.executable, "-W", "ignore", "-m", "tests.faults.post", *words]
        return Child(f"poster {number}", command, log=self.folder / "posters.txt", env=self.environ, cwd=ROOT)

    def restart_at_once(self) -> None:
        """Let the server die as by a power cut, and start it again."""
        os.kill(self.postgres.child.pid, signal.SIGQUIT)
        assert self.postgres.child.wait(30)
        self.postgres.start()

    def lines(self) -> list[list[str]]:
        """Return what all posters have written; a line that a kill has cut is none."""
        found = []
        for path in sorted(self.folder.glob("poster*.log")):
            whole, _newline, _cut = path.read_text(encoding="utf-8").rpartition("\n")
            found += [line.split() for line in whole.splitlines()]
        return found

    def settled(self) -> int:
        return sum(line[0] in ("done", "was") for line in self.lines())

    def ask(self, sql: str, *params: object) -> list[tuple]:
        """Ask the database, without any code of ours between."""
        asked = psycopg2.connect(self.dsn)
        try:
            with asked.cursor() as cursor:
                cursor.execute(sql, params)
                return cursor.fetchall()
        finally:
            asked.close()

    def stop(self) -> None:
        for poster in self.posters:
            poster.kill()
        self.postgres.stop()
        self.postgres.remove()


@contextmanager
def storm_over(database) -> "Storm":
    """A storm over a copy of what `database` holds."""
    folder = Path(tempfile.mkdtemp(prefix="houqin-storm-"))
    folder.chmod(0o711)
    connection.close()
    storm = None
    try:
        dump = folder / "books.sql"
        tools = Postgres(folder / "postgres")._binaries()
        address = database.environ["DATABASE_URL"].replace("postgres://", "postgresql://", 1)
        command = [tools / "pg_dump", "--no-owner", "--no-privileges", "--file", dump, address]
        subprocess.run(command, check=True, capture_output=True, env={"LC_ALL": "C.UTF-8"})
        dump.chmod(0o644)
        storm = Storm(folder, dump)
        yield storm
    finally:
        if storm:
            storm.stop()
        shutil.rmtree(folder, ignore_errors=True)


def reviewed_payments(office: Office, count: int) -> list[int]:
    """Many reviewed payments of different amounts, written together."""
    cash, expense = office.account(CASH), office.account(EXPENSE)
    first = office.payment(1)
    facts = {"ledger": office.ledger, "school": office.school, "kind": "payment", "date": first.date}
    vouchers = Voucher.objects.bulk_create(
        Voucher(**facts, attachments=1, prepared_by=office.accountant, summary="购粉笔") for _n in range(count)
    )
    lines = []
    for number, voucher in enumerate(vouchers, start=1):
        amount = Decimal(number) / 100
        lines.append(VoucherLine(voucher=voucher, position=1, summary="购粉笔", account=expense, debit=amount))
        lines.append(VoucherLine(voucher=voucher, position=2, summary="购粉笔", account=cash, credit=amount))
    VoucherLine.objects.bulk_create(lines)
    keys = [voucher.pk for voucher in vouchers]
    Voucher.objects.filter(pk__in=keys).update(state="reviewed", reviewed_by=office.chief)
    return keys


def test_nothing_is_lost_doubled_or_gapped(committing_db):
    office = Office()
    office.opening(1_000_000)
    vouchers = reviewed_payments(office, POSTERS * EACH)
    shares = [vouchers[number::POSTERS] for number in range(POSTERS)]
    by, ledger = office.chief.pk, office.ledger.pk
    luck = random.Random(20240901)
    with storm_over(committing_db) as storm:
        storm.posters = [storm.start_poster(number, by, share) for number, share in enumerate(shares)]
        total = POSTERS * EACH
        blows = [(total * (n + 1) // (KILLS + 2), "kill") for n in range(KILLS)]
        blows += [(total * (n + 1) // (RESTARTS + 1) + 3, "restart") for n in range(RESTARTS)]
        blows.sort()
        struck = Counter()
        deadline = time.monotonic() + SECONDS
        while any(poster.is_running for poster in storm.posters) or storm.settled() < total:
            assert time.monotonic() < deadline, (storm.settled(), storm.posters[0].last_lines(30))
            assert not any(poster.exit_code for poster in storm.posters), storm.posters[0].last_lines(40)
            if blows and storm.settled() >= blows[0][0]:
                _at, blow = blows.pop(0)
                struck[blow] += 1
                if blow == "restart":
                    storm.restart_at_once()
                else:
                    living = [n for n, poster in enumerate(storm.posters) if poster.is_running]
                    hit = luck.choice(living)
                    storm.posters[hit].kill()
                    storm.posters[hit] = storm.start_poster(hit, by, shares[hit])
            time.sleep(0.02)
        assert [poster.exit_code for poster in storm.posters] == [0] * POSTERS
        assert struck == {"kill": KILLS, "restart": RESTARTS}
        heard = judge(storm, ledger, vouchers)
        # What a run with -s tells.
        sys.stdout.write(f"\n{POSTERS} posters, {total} vouchers, struck: {dict(struck)}, lines of the logs: {heard}\n")
        checked = subprocess.run(
            [sys.executable, "manage.py", "verify_books"], env=storm.environ, cwd=ROOT, capture_output=True, text=True
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr


def judge(storm: Storm, ledger: int, vouchers: list[int]) -> dict[str, int]:
    """Hold the books against the posters' own logs, by plain SQL; return how many lines of each kind they have."""
    rows = storm.ask(
        "SELECT voucher_id, position, number FROM finance_posting WHERE ledger_id = %s AND kind = 'payment'", ledger
    )
    # doubled
    times = Counter(voucher for voucher, _position, _number in rows)
    assert set(times.values()) == {1}
    # lost: every voucher is there, and every answer that a poster heard is what the books say
    assert set(times) == set(vouchers)
    places = {voucher: (position, number) for voucher, position, number in rows}
    lines = storm.lines()
    for line in lines:
        if line[0] == "done":
            assert places[int(line[1])] == (int(line[2]), int(line[3]))
    settled = Counter(int(line[1]) for line in lines if line[0] in ("done", "was"))
    assert set(settled) == set(vouchers)
    # nobody heard twice that it is posted now
    heard = Counter(int(line[1]) for line in lines if line[0] == "done")
    assert set(heard.values()) == {1}
    # gapped
    assert sorted(number for _voucher, _position, number in rows) == list(range(1, len(vouchers) + 1))
    assert sorted(position for _voucher, position, _number in rows) == list(range(2, len(vouchers) + 2))
    # the money: every balance follows from the one before it
    entries = storm.ask(
        "SELECT e.position, e.debit, e.credit, e.balance FROM finance_entry e JOIN finance_account a"
        " ON a.id = e.account_id WHERE a.ledger_id = %s AND a.code = %s ORDER BY e.position",
        ledger,
        CASH,
    )
    balance = Decimal(0)
    for place, (position, debit, credit, after) in enumerate(entries, start=1):
        balance += debit - credit
        assert (position, after) == (place, balance)
    paid = sum((Decimal(number) / 100 for number in range(1, len(vouchers) + 1)), Decimal(0))
    assert balance == 1_000_000 - paid
    states = storm.ask("SELECT DISTINCT state FROM finance_voucher WHERE id = ANY(%s)", vouchers)
    assert states == [("posted",)]
    return dict(Counter(line[0] for line in lines))


# --- double submit with cut connections


# What makes a change last: the end of a transaction, and posting, which is a transaction of one statement.
COMMITTING = (b"COMMIT", b"EXECUTE finance_post ")


class Cutter:
    """Stands before the database and cuts the connection at a commit: before it arrives, or after it is done."""

    def __init__(self, when: str) -> None:
        self.when = when
        self.cuts = 0
        settings = connection.settings_dict
        self._target = settings["HOST"] or (settings.get("OPTIONS") or {}).get("host") or "/var/run/postgresql"
        self._port = int(settings["PORT"] or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            if self._target.startswith("/"):
                server = socket.socket(socket.AF_UNIX)
                server.connect(f"{self._target}/.s.PGSQL.{self._port}")
            else:
                server = socket.create_connection((self._target, self._port))
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=self._down, args=(client, server), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        while data := _received(client):
            if any(mark in data for mark in COMMITTING):
                self.cuts += 1
                if self.when == "after":
                    # The server does it, and its answer is lost on the way back.
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    self.when = "silent"
                    server.sendall(data)
                    return
                _close(client, server)
                return
            server.sendall(data)
        _close(server)

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        while data := _received(server):
            if self.when == "silent":
                break
            client.sendall(data)
        _close(client, server)

    def stop(self) -> None:
        self._listener.close()


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextmanager
def cut(when: str):
    """Send what is asked of the database through a cutter."""
    cutter = Cutter(when)
    settings = connection.settings_dict
    kept = {name: settings[name] for name in ("HOST", "PORT", "OPTIONS")}
    connection.close()
    options = {name: value for name, value in (settings.get("OPTIONS") or {}).items() if name != "host"}
    settings.update(HOST="127.0.0.1", PORT=str(cutter.port), OPTIONS=options)
    try:
        yield cutter
    finally:
        connection.close()
        settings.update(kept)
        cutter.stop()


@pytest.mark.parametrize(("when", "second"), [("before", "posted now"), ("after", "already_posted")])
def test_who_does_not_hear_the_answer_submits_again_and_posts_once(committing_db, when, second):
    office = Office()
    office.opening(1000)
    voucher = office.reviewed(office.payment(100))
    with cut(when) as cutter, pytest.raises(DatabaseError):
        actions.post(voucher, by=office.chief)
    assert cutter.cuts == 1
    try:
        actions.post(voucher, by=office.chief)
        heard = "posted now"
    except Refused as refusal:
        heard = refusal.code
    assert heard == second
    posting = Posting.objects.get(voucher=voucher)
    assert (posting.number, posting.position, office.balance(CASH)) == (1, 2, 900)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_draft_whose_answer_is_lost_is_written_once(committing_db, when):
    from uuid import uuid4

    office, key = Office(), uuid4()
    with cut(when), pytest.raises(DatabaseError):
        office.payment(100, key=key)
    office.payment(100, key=key)
    assert Voucher.objects.filter(ledger=office.ledger).count() == 1

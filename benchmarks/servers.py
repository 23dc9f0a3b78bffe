"""The run's own PostgreSQL and Valkey, a migrated database to copy, and the processes that answer."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg2

from houqin.embedded import Postgres, Valkey
from houqin.web import translations

ROOT = Path(__file__).resolve().parents[1]
SUPERUSER = "postgres"
ASKS_BEFORE_WEIGHING = 20
PRODUCT, FLOOR = "benchmarks.settings", "benchmarks.floor.settings"


class Worker:
    """A process of benchmarks/worker.py."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.worker"],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, **order: Any) -> dict[str, Any]:
        """Have one order carried out; return the answer."""
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"The worker ended while it had to do: {order}")
        return json.loads(line)

    def stop(self) -> None:
        """End the process by closing its input."""
        self._process.stdin.close()
        self._process.wait(10)


class Servers:
    """Everything that a run starts; leaving the context throws it away."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="houqin-benchmarks-"))
        self.folder.chmod(0o711)
        self.postgres = Postgres(self.folder / "postgres", durable=False)
        self.valkey = Valkey(self.folder / "valkey", durable=False)
        self._workers: list[Worker] = []

    def __enter__(self) -> Self:
        self.postgres.start()
        self.valkey.start()
        (self.folder / "home" / "static").mkdir(parents=True)
        translations.build(ROOT / "locale")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.stop()
        self.valkey.stop()
        self.postgres.stop()
        self.postgres.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, settings: str, database: str) -> dict[str, str]:
        """Return the environment of a process that uses `database`."""
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": settings,
            "DATABASE_URL": self.postgres.url(database=database, user=SUPERUSER),
            "REDIS_URL": self.valkey.url(),
            "HOUQIN_HOME": str(self.folder / "home"),
        }

    def restart_postgres(self, *, durable: bool) -> None:
        """Go on with the same data as schools run it, every commit on the disk, or without waiting for the disk."""
        self.postgres.stop()
        self.postgres = Postgres(self.folder / "postgres", durable=durable)
        self.postgres.start()

    def make_template(self) -> None:
        """Make the database that the product's are copied from: migrated, with schools, people and places."""
        self.make_database("migrated")
        self.run(PRODUCT, "migrated", "manage.py", "migrate", "--verbosity", "0")
        self.run(PRODUCT, "migrated", "-m", "benchmarks.schools")

    def make_database(self, name: str, *, template: str = "template0") -> str:
        """Make a database; return its name."""
        connection = psycopg2.connect(
            self.postgres.url(database="postgres", user=SUPERUSER).replace("postgres://", "postgresql://", 1)
        )
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        connection.close()
        return name

    def run(self, settings: str, database: str, *command: str) -> str:
        """Run one of Python's modules or files to its end; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *command],
            env=self.environment(settings, database),
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    def filled(self, settings: str, rows: int) -> tuple[str, dict[str, Any]]:
        """Make and fill a database; return its name and what to ask for."""
        if settings == FLOOR:
            database = self.make_database(f"floor_{rows}")
            return database, json.loads(self.run(settings, database, "-m", "benchmarks.floor.fill", str(rows)))
        database = self.make_database(f"product_{rows}", template="migrated")
        return database, json.loads(self.run(settings, database, "-m", "benchmarks.fill", str(rows)))

    def worker(self, settings: str, database: str) -> Worker:
        """Start a process that answers."""
        worker = Worker(self.environment(settings, database))
        self._workers.append(worker)
        return worker

    def web_memory(self, database: str, asks: dict[str, Any]) -> float:
        """Run the product under gunicorn with one worker, ask for every page, and return the worker's memory in MiB."""
        socket_path = self.folder / "gunicorn.sock"
        command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "houqin.wsgi", "--workers", "1"]
        log = (self.folder / "gunicorn.log").open("wb")
        server = subprocess.Popen(
            [*command, "--bind", f"unix:{socket_path}"], env=self.environment(PRODUCT, database), cwd=ROOT, stderr=log
        )
        try:
            deadline = time.monotonic() + 60
            while not socket_path.exists() and time.monotonic() < deadline:
                time.sleep(0.1)
            for _time in range(ASKS_BEFORE_WEIGHING):
                for ask in asks.values():
                    if ask["form"] is None:
                        _get(socket_path, ask)
            children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
            status = Path(f"/proc/{children[0]}/status").read_text()
            return int(status.split("VmRSS:")[1].split()[0]) / 1024
        finally:
            server.terminate()
            server.wait(20)
            log.close()


def _get(socket_path: Path, ask: dict[str, Any]) -> None:
    """Ask a server behind a unix socket for a page and read the answer to its end."""
    cookies = "; ".join(f"{name}={value}" for name, value in ask["cookies"].items())
    lines = [f"GET {ask['path']} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookies}", "Connection: close", "", ""]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(socket_path))
        connection.sendall("\r\n".join(lines).encode())
        answer = connection.makefile("rb")
        first = answer.readline()
        answer.read()
    if b" 200 " not in first:
        raise SystemExit(f"{ask['path']} answered {first!r}")

"""Real servers and processes that the fault tests start, hurt and stop."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from celery import Celery

from houqin.children import Child
from houqin.embedded import Valkey

ROOT = Path(__file__).resolve().parents[2]


class Mailbox:
    """A mail server that keeps the Message-ID of all it accepts; `before_answer` runs before it says so."""

    def __init__(self) -> None:
        self.message_ids: list[str] = []
        self.before_answer: Callable[[int], None] | None = None
        self._lock = threading.Lock()

    async def handle_DATA(self, server, session, envelope):
        head = envelope.content.decode("utf-8", "replace").partition("\r\n\r\n")[0]
        found = next(line for line in head.splitlines() if line.lower().startswith("message-id:"))
        with self._lock:
            self.message_ids.append(found.partition(":")[2].strip())
            number = len(self.message_ids)
        if self.before_answer:
            self.before_answer(number)
        return "250 OK"


class House:
    """The processes around one committed database: a broker, workers, and a web that tells people things."""

    def __init__(self, folder: Path, environ: dict[str, str], mail_port: int) -> None:
        self.folder = folder
        self.valkey = Valkey(folder / "valkey", durable=False)
        self.valkey.start()
        self.environ = environ | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.worker_settings",
            "REDIS_URL": self.valkey.url(),
            "SMTP_PORT": str(mail_port),
        }
        self.workers: list[Child] = []

    def start_worker(self) -> Child:
        """Start a worker with two processes; it is at work as soon as it has booted."""
        command = [sys.executable, "-m", "celery", "-A", "houqin", "worker", "-c", "2", "--loglevel", "WARNING"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        worker = Child("worker", command, log=self.folder / "worker.log", env=self.environ, cwd=ROOT)
        self.workers.append(worker)
        return worker

    def tell(self, person, first: int, last: int) -> None:
        """Write notices as the web does, and hint at them by the broker when it is there."""
        command = [sys.executable, "-m", "tests.faults.tell", person.username, str(first), str(last)]
        subprocess.run(command, env=self.environ, cwd=ROOT, check=True, timeout=120, capture_output=True)

    def sweep(self) -> None:
        """Send what the beat sends every minute."""
        broker = Celery(broker=self.valkey.url(), set_as_current=False)
        broker.send_task("houqin.notices.tasks.deliver_due", ignore_result=True)
        broker.close()

    def flush_broker(self) -> None:
        """Empty Valkey altogether."""
        with (
            Celery(broker=self.valkey.url(), set_as_current=False) as broker,
            broker.connection_for_write() as connection,
        ):
            connection.default_channel.client.flushall()

    def stop(self) -> None:
        for worker in self.workers:
            worker.kill()
        self.valkey.stop()


def wait_until(done: Callable[[], bool], *, seconds: float = 60, meanwhile: Callable[[], None] | None = None) -> None:
    """Wait until `done`, calling `meanwhile` every half second; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "not done in time"
        if meanwhile:
            meanwhile()
        time.sleep(0.5)


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def house(committing_db, mailbox, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    house = House(tmp_path, committing_db.environ, port)
    yield house
    house.stop()
    server.stop()

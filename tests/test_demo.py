"""The demo's supervisor: one real run from an empty folder, and what can be told without one."""

import http.cookiejar
import importlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from houqin import demo

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def home(tmp_path):
    return demo.Home(tmp_path / "home")


class RunningDemo:
    """A demo in another process, in a group of its own like a terminal's foreground job."""

    def __init__(self, folder):
        environ = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
        environ |= {"HOUQIN_HOME": str(folder), "PYTHONUNBUFFERED": "1"}
        self.folder = folder
        self.log = folder.with_suffix(".log")
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "houqin.demo"],
                cwd=ROOT,
                env=environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def wait_until_ready(self):
        deadline = time.monotonic() + 240
        while not (found := re.search(r"^Houqin is ready: (\S+)$", self.log.read_text(), re.M)):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)
        return found[1]

    def children(self):
        """Return the ids of the processes that the supervisor has started."""
        return [
            int(folder.name)
            for folder in Path("/proc").iterdir()
            if folder.name.isdigit() and self._parent(folder) == self.process.pid
        ]

    def _parent(self, folder):
        try:
            return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return 0

    def interrupt(self, number):
        """Signal the whole group, as a terminal does; return the exit code and the seconds it took."""
        started = time.monotonic()
        os.killpg(self.process.pid, number)
        return self.process.wait(30), time.monotonic() - started


def log_in(address, username):
    """Log in as a browser does; return what opens further pages."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{address}/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    fields = {"name": username, "password": demo.PASSWORD, "csrfmiddlewaretoken": token}
    response = browser.open(f"{address}/accounts/login/", urllib.parse.urlencode(fields).encode())
    assert urllib.parse.urlsplit(response.url).path == "/", response.read().decode()
    return browser


@pytest.mark.xdist_group("demo")
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for children in /proc")
def test_it_starts_from_nothing_stops_in_order_and_keeps_everything():
    folder = Path("/tmp") / f"houqin-demo-{os.getpid()}"  # noqa: S108  the server's system user must get there
    running = RunningDemo(folder)
    try:
        address = running.wait_until_ready()
        browser = log_in(address, "logistics")
        assert "罗建平" in browser.open(f"{address}/").read().decode()
        children = running.children()
        assert len(children) == 5  # web, worker, beat, and the two servers
        code, seconds = running.interrupt(signal.SIGINT)
        assert code == 0, running.log.read_text()
        assert seconds < 10
        assert not any(Path(f"/proc/{child}").exists() for child in children)

        running.log.unlink()
        running = RunningDemo(folder)
        address = running.wait_until_ready()
        # The session is a row: the same browser is still logged in.
        assert "罗建平" in browser.open(f"{address}/").read().decode()
        os.kill(running.children()[0], signal.SIGKILL)
        assert running.process.wait(30) == 1
        assert "ended by itself" in running.log.read_text()
    finally:
        if running.process.poll() is None:
            running.interrupt(signal.SIGTERM)
        demo.Home(folder).reset()
        running.log.unlink()
        (folder / "lock").unlink()
        folder.rmdir()


def test_one_folder_serves_one_demo_at_a_time(home):
    with home.taken(), pytest.raises(demo.DemoError, match="runs already"), demo.Home(home.path).taken():
        pass
    with home.taken():
        pass


def test_reset_removes_the_demos_data_and_nothing_else(home):
    with home.taken():
        home.prepare()
        (home.path / "media" / "photo.jpg").write_text("")
        kept = home.path / "my own notes.txt"
        kept.write_text("")
        home.reset()
    assert {path.name for path in home.path.iterdir()} == {"lock", kept.name}


def test_without_a_port_the_next_free_one_is_taken():
    with demo.listen("127.0.0.1", "") as first, demo.listen("127.0.0.1", "") as second:
        assert first.getsockname()[1] < second.getsockname()[1] <= demo.LAST_PORT


def test_a_port_that_was_asked_for_is_taken_or_refused():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(demo.DemoError, match="PORT="):
        demo.listen("127.0.0.1", str(taken.getsockname()[1]))


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1:8000"), ("::1", "http://[::1]:8000"), ("demo.local", "http://demo.local:8000")],
)
def test_address_for_browsers(host, address):
    assert demo.public_address(host, 8000) == address


@pytest.mark.parametrize("url", ["postgres://a@/houqin", "postgres://a@/houqin?host=%2Frun"])
def test_role_is_added_to_any_database_address(url):
    options = urllib.parse.parse_qs(urllib.parse.urlsplit(demo.as_role(url, "houqin_app")).query)
    assert options["options"] == ["-c role=houqin_app"]
    assert "+" not in demo.as_role(url, "houqin_app")


def test_a_slow_step_is_done_again_only_after_a_change(tmp_path):
    source = tmp_path / "static"
    source.mkdir()
    (source / "houqin.css").write_text("a")
    mark = demo.Mark(tmp_path / "mark", source)
    assert not mark.is_current
    mark.set()
    assert mark.is_current
    (source / "houqin.css").write_text("ab")
    assert not mark.is_current


def test_accounts_are_those_of_the_login_page():
    settings = importlib.import_module("houqin.settings.demo")
    assert demo.PASSWORD == settings.DEMO_PASSWORD
    assert {username for username, _person, _school in demo.accounts()} == dict(settings.DEMO_ACCOUNTS).keys()

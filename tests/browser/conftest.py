"""One browser for the whole folder, a site of its own for each journey, devices to look at it."""

import os
import shutil
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, sync_playwright

from finance.journals import tasks as journal_tasks
from houqin.exports import tasks as export_tasks
from houqin.imports import tasks as import_tasks
from tests.assets.repair_factories import Team
from tests.browser.devices import Device
from tests.schools.factories import make_person, make_place, make_school

# `make test` names the browser in HOUQIN_BROWSER; a bare pytest looks for one.
NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
NO_BROWSER = "!!! NO BROWSER COULD BE HAD: THE BROWSER JOURNEYS ARE SKIPPED. Run `make test`, or install Chromium. !!!"


def _browser_named() -> str:
    return os.environ.get("HOUQIN_BROWSER") or next(filter(None, map(shutil.which, NAMES)), "none")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip before anything is set up; from here, since pytest then says it in one line for all of them."""
    if _browser_named() == "none":
        pytest.skip(NO_BROWSER)


@pytest.fixture(scope="package")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """A headless Chromium.

    Playwright keeps an event loop in this thread, though nothing here is asynchronous: Django is told so. Under the
    loop it also has connections of its own; whatever is open is closed when the loop comes and when it goes.
    """
    found = _browser_named()
    path = None if found == "playwright" else found
    # Chromium's sandbox does not work for root; these pages are our own.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    connections.close_all()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=[*arguments, "--disable-dev-shm-usage"])
            yield browser
            browser.close()
            connections.close_all()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def device(browser: Browser, live_site: str) -> Iterator[Callable[..., Device]]:
    """Make a device: `device("phone", user)`; without a user nobody is logged in.

    The test fails for whatever was wrong with any page on any of them.
    """
    made: list[Device] = []

    def make(kind: str, user: Any = None, **options: Any) -> Device:
        one = Device(browser, live_site, kind, **options)
        made.append(one)
        return one.log_in(user) if user else one

    yield make
    for one in made:
        one.context.close()
    faults = [fault for one in made for fault in one.faults]
    assert not faults, "\n".join(faults)


@pytest.fixture
def team(live_site: str) -> Team:
    """A school with everybody who takes part in a repair, with names as schools have them."""
    team = Team(make_school(name="黄竹林学校", code="hzl", parent=make_school(name="太平中心学校", code="tpz")))
    building = make_place(team.school, name="二号楼", code="2H")
    team.place = make_place(team.school, name="302教室", code="2H302", parent=building)
    for person, name in ((team.head, "王建国"), (team.maintainer, "李师傅"), (team.reporter, "陈老师")):
        person.display_name = name
        person.save()
    return team


@pytest.fixture
def stranger(live_site: str) -> Any:
    """The head of general affairs of another campus."""
    return make_person(make_school(name="示范小学", code="sfxx"), "logistics")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo as a phone takes it: larger than it need be, lying on its side."""
    picture = Image.effect_noise((1600, 1200), 60).convert("RGB")
    ImageDraw.Draw(picture).rectangle((400, 300, 1200, 900), fill="#8f5522")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    content = BytesIO()
    picture.save(content, "JPEG", quality=92, exif=exif)
    path = tmp_path / "IMG_0001.jpg"
    path.write_bytes(content.getvalue())
    return path


class HeldWorkers:
    """Workers that begin only when told: until then the page shows how a job waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._waiting: list[Callable[[], object]] = []
        for task in (export_tasks.run_export, import_tasks.run, journal_tasks.post_journal):
            monkeypatch.setattr(task, "delay", lambda pk, run=task.run: self._waiting.append(lambda: run(pk)))

    def work(self) -> None:
        """Do everything that waits."""
        assert self._waiting, "nothing was asked of the workers"
        while self._waiting:
            self._waiting.pop(0)()


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> HeldWorkers:
    """Hold the workers until the journey lets them begin."""
    return HeldWorkers(monkeypatch)

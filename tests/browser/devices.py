"""A person's phone or desk: one browser context that notes whatever is wrong with any page it shows."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Response, expect

from houqin.accounts.models import User

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """
(runOnly) => axe.run(document, { runOnly, resultTypes: ["violations"], preload: false })
  .then((result) => result.violations)
"""
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
HARMFUL = {"serious", "critical"}
# Long enough for a busy machine; nothing waits longer than it must.
WAIT_MS = 45_000
expect.set_options(timeout=WAIT_MS)

KINDS: dict[str, dict[str, Any]] = {
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
    "desk": {"viewport": {"width": 1280, "height": 860}},
}

# Runs in every page before its own scripts; what it finds joins the errors of the console.
WATCH = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
window.addEventListener("load", () => requestAnimationFrame(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) console.error(`Too wide: ${scrollWidth} of ${clientWidth} pixels`);
}));
"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The elements that stick out, to name them in a failure.
STICKING_OUT = """
() => [...document.querySelectorAll("body *")]
  .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((element) => `${element.tagName}.${element.className}`).slice(0, 8)
"""


class Device:
    """One context with one page; `faults` names every error, broken CSP and page that was too wide."""

    def __init__(self, browser: Browser, site: str, kind: str, *, scripts: bool = True) -> None:
        self.site = site
        self.faults: list[str] = []
        # Refusals that the journey means to meet, by status.
        self.expected: set[int] = set()
        self.context: BrowserContext = browser.new_context(
            base_url=site,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            java_script_enabled=scripts,
            accept_downloads=True,
            **KINDS[kind],
        )
        self.context.set_default_timeout(WAIT_MS)
        self.context.add_init_script(WATCH)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        # Answers with an error status are noted by `_answered`, where they can be expected.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.url}: {response.status}")

    def log_in(self, user: User) -> "Device":
        """Give the device the session of somebody who has logged in."""
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        self.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.site}])
        return self

    def open(self, address: str) -> Page:
        """Open a page by its address."""
        self.page.goto(address)
        return self.page

    def look(self) -> None:
        """Fail at once when the page, as it is now, is too wide."""
        assert self.page.evaluate(OVERFLOW) <= 0, (self.page.url, self.page.evaluate(STICKING_OUT))

    def find_barriers(self, *, contrast_only: bool = False) -> list[str]:
        """Return what axe-core finds wrong with the page as it is now, one line for each rule."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found = self.page.evaluate(RUN_AXE, CONTRAST if contrast_only else WCAG)
        return [
            f"{self.page.url} {rule['id']} ({rule['impact']}): "
            + "; ".join(f"{node['html'][:160]} {node['failureSummary'][:200]!r}" for node in rule["nodes"][:3])
            for rule in found
            if rule["impact"] in HARMFUL
        ]


def press(button: Locator) -> None:
    """Tap or click a button that leads to another page, and wait for that page."""
    page = button.page
    with page.expect_navigation():
        button.click()


def submit(page: Page, action: str = "") -> None:
    """Press the one button of the form that posts to `action` (a part of its address; empty: to the page itself)."""
    form = f'form[action*="{action}"]' if action else "main form[method=post]:not([action])"
    press(page.locator(form).get_by_role("button").last)


def expect_address(page: Page, pattern: str) -> None:
    """Wait until the page's address matches."""
    expect(page).to_have_url(re.compile(pattern))

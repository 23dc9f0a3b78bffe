"""Browsers as the limiter knows them, and the words that the tests type."""

from typing import Any

from django.test import Client
from django.urls import reverse

PASSWORD = "secret-words"
NEW = "quite-new-words-7"


def make_browser(device: str = "", **headers: Any) -> Client:
    """A browser; with `device` (at least 20 characters) it brings the cookie of a known one."""
    browser = Client(**headers)
    if device:
        browser.cookies["device"] = device
    return browser


def log_in(browser: Client, name: str, password: str = PASSWORD, **more: Any) -> Any:
    """Send the login form."""
    return browser.post(reverse("accounts:login"), {"name": name, "password": password, **more})


def codes(response: Any) -> set[str]:
    """Return the codes of the refusals that a form shows."""
    errors = response.context["form"].errors.as_data()
    return {error.code for field in errors.values() for error in field}

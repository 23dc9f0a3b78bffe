"""The browser's connection is cut before, while and after the server answers: the same form again is done once."""

import socket
import struct
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from finance.ledger.models import Posting, Voucher
from tests.faults.conftest import wait_until
from tests.finance.ledger_factories import BUDGET_MONEY, BUDGET_SPENT, CASH, EXPENSE, Office

TOKEN = "a" * 32
LINES = [
    ("购粉笔", EXPENSE, "100.00", ""),
    ("", CASH, "", "100.00"),
    ("", BUDGET_SPENT, "100.00", ""),
    ("", BUDGET_MONEY, "", "100.00"),
]


def typed(key):
    """A voucher as a browser sends it."""
    data = {"kind": "payment", "date": "2026-03-02", "attachments": "1", "do": "submit", "form_key": str(key)}
    data |= {"lines-TOTAL_FORMS": str(len(LINES)), "lines-INITIAL_FORMS": "0"}
    for place, values in enumerate(LINES):
        for name, value in zip(("summary", "account", "debit", "credit"), values, strict=True):
            data[f"lines-{place}-{name}"] = value
    return data


class Browser:
    """Somebody logged in, who sees every byte go."""

    def __init__(self, site: str, user) -> None:
        client = Client()
        client.force_login(user)
        self.site = urlsplit(site)
        cookies = SimpleCookie({settings.CSRF_COOKIE_NAME: TOKEN})
        cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())

    def request(self, path: str, data: dict[str, str]) -> bytes:
        """A whole request in bytes."""
        body = urlencode(data | {"csrfmiddlewaretoken": TOKEN}).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.site.netloc}\r\nCookie: {self.cookies}\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def send(self, request: bytes, *, answered: bool = True) -> str:
        """Send it and return status and address of the answer; or cut the connection once all of it is sent."""
        with socket.create_connection((self.site.hostname, self.site.port), timeout=30) as line:
            line.sendall(request)
            if not answered:
                # Closing resets the connection, so that the answer finds nobody.
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return ""
            answer = b"".join(iter(lambda: line.recv(65536), b"")).decode("utf-8", "replace")
        head = answer.partition("\r\n\r\n")[0].split("\r\n")
        place = next((row.partition(": ")[2] for row in head if row.lower().startswith("location:")), "")
        return f"{head[0].split()[1]} {place}".strip()


@pytest.fixture
def office(live_site):
    office = Office()
    office.opening(1000)
    return office


@pytest.mark.parametrize("cuts", [0, 1, 3])
def test_a_voucher_whose_answer_never_arrived_is_sent_again_and_written_once(live_site, office, cuts):
    browser = Browser(live_site, office.accountant)
    request = browser.request(reverse("finance:ledger:create"), typed(uuid4()))
    payments = Voucher.objects.filter(kind="payment")
    for _cut in range(cuts):
        browser.send(request, answered=False)
    if cuts:
        wait_until(payments.exists, seconds=20)
    answers = {browser.send(request) for _again in range(2)}
    voucher = payments.get()
    assert answers == {f"302 {reverse('finance:ledger:voucher', args=[voucher.pk])}"}
    assert (voucher.state, voucher.lines.count()) == ("submitted", 4)


def test_half_a_voucher_is_no_voucher(live_site, office):
    browser = Browser(live_site, office.accountant)
    request = browser.request(reverse("finance:ledger:create"), typed(uuid4()))
    for part in (len(request) // 4, len(request) - 40, len(request) - 1):
        browser.send(request[:part], answered=False)
    assert browser.send(request).startswith("302 ")
    assert Voucher.objects.filter(kind="payment").count() == 1


def test_who_never_heard_that_it_is_posted_posts_again_and_it_is_posted_once(live_site, office):
    voucher = office.reviewed(office.payment(100))
    browser = Browser(live_site, office.chief)
    request = browser.request(reverse("finance:ledger:post", args=[voucher.pk]), {})
    for _cut in range(3):
        browser.send(request, answered=False)
    wait_until(Posting.objects.filter(voucher=voucher).exists, seconds=20)
    assert browser.send(request).startswith("302 ")
    posting = Posting.objects.get(voucher=voucher)
    assert (posting.position, posting.number, office.balance(CASH)) == (2, 1, 900)

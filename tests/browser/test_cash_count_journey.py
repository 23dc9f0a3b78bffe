"""The cashier counts the box on the phone, note by note; the principal gives it back, and then confirms it."""

from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from finance.counts.models import CashCount
from tests.browser.devices import expect_address, press
from tests.finance.ledger_factories import Office

ADDRESS = r"/counts/\d+/$"


@pytest.fixture
def office(live_site):
    office = Office()
    office.opening(2000)
    return office


def test_a_count_from_the_reminder_to_the_witness(device, office):
    cashier = device("phone", office.cashier)
    page = cashier.open("/")
    press(page.locator(f"a[href^='{reverse('finance:counts:create')}']").last)
    # Enter goes from note to note; sums and numerals follow.
    page.locator("[data-fen='10000']").fill("19")
    page.keyboard.press("Enter")
    expect(page.locator("[data-fen='5000']")).to_be_focused()
    page.keyboard.type("1")
    expect(page.locator("[data-total]")).to_have_text("¥1,950.00")
    expect(page.locator("[data-words]")).to_have_text("壹仟玖佰伍拾元整")
    expect(page.locator("[data-difference]")).to_have_text("-¥50.00")
    expect(page.locator("[data-short]")).to_be_visible()
    cashier.look()
    assert cashier.find_barriers() == []
    cashier.expected = {422}
    press(page.locator("button[value=save]"))
    expect(page.locator("[name=reason].is-invalid")).to_be_visible()
    page.locator("[name=reason]").fill("短款五十元，待查")
    press(page.locator("button[value=save]"))
    expect_address(page, ADDRESS)
    made = CashCount.objects.get()
    assert (made.counted, made.difference) == (Decimal(1950), Decimal(-50))
    cashier.look()

    principal = device("phone", office.principal)
    page = principal.open(made.get_absolute_url())
    press(page.locator(f"a[href='{reverse('finance:counts:give_back', args=[made.pk])}']"))
    page.locator("[name=reason]").fill("抽屉里还有五十元")
    press(page.locator("form.hq-form button"))
    expect_address(page, ADDRESS)

    page = cashier.open(made.get_absolute_url())
    press(page.locator(f"a[href$='?of={made.pk}']"))
    expect(page.locator("[data-fen='10000']")).to_have_value("19")
    page.locator("[data-fen='5000']").fill("2")
    page.locator("[name=reason]").fill("")
    press(page.locator("button[value=save]"))
    expect_address(page, ADDRESS)
    anew = CashCount.objects.get(replaces=made)
    page = principal.open(anew.get_absolute_url())
    press(page.locator("form[action$='/confirm/'] button"))
    expect(page.locator(".hq-title")).to_be_visible()
    principal.look()
    assert principal.find_barriers() == []
    anew.refresh_from_db()
    assert (anew.state, anew.witness, anew.difference) == ("confirmed", office.principal, 0)

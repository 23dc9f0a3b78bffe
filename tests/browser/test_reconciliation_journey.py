"""The accountant reconciles a month with the sums in sight; the chief accountant reviews it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from finance.reconciliations.models import BankReconciliation
from tests.browser.devices import expect_address
from tests.finance.reconciliation_factories import BankOffice


@pytest.fixture
def office(live_site):
    return BankOffice()


def test_a_month_is_reconciled_and_reviewed(device, office):
    desk = device("desk", office.accountant)
    page = desk.open(reverse("finance:reconciliations:create"))
    page.locator("[name=statement]").fill("1,012.50")
    page.locator("main form button.btn-primary").click()
    expect_address(page, r"/reconciliations/\d+/change/$")
    off, even = page.locator(".hq-reconcile-off"), page.locator(".hq-reconcile-even")
    expect(off).to_contain_text("312.50")
    page.locator(f"[name=entry][value='{office.paid_out.pk}']").check()
    expect(off).to_contain_text("12.50")
    page.locator("[data-add-line]").first.click()
    page.locator("[name=items-3-date]").fill("2026-03-21")
    page.locator("[name=items-3-text]").fill("一季度利息")
    page.locator("[name=items-3-amount]").fill("12.50元")
    expect(even).to_be_visible()
    expect(off).to_be_hidden()
    expect(page.locator("[data-sum=ours]")).to_have_text("¥712.50")
    desk.look()
    assert desk.find_barriers() == []
    page.locator("button[value=submit]").click()
    expect_address(page, r"/reconciliations/\d+/$")
    one = BankReconciliation.objects.get()
    assert one.state == "submitted"
    chief = device("phone", office.chief)
    page = chief.open(one.get_absolute_url())
    chief.look()
    assert chief.find_barriers() == []
    page.locator(f"form[action='{reverse('finance:reconciliations:review', args=[one.pk])}'] button").click()
    expect(page.locator(".hq-time")).to_contain_text(str(office.chief))
    one.refresh_from_db()
    assert (one.state, one.reviewed_by) == ("reviewed", office.chief)

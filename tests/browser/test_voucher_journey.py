"""The accountant writes vouchers without touching the mouse; the chief accountant reviews, posts and closes."""

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from finance.ledger.models import Posting, Voucher
from tests.browser.devices import expect_address, press
from tests.finance.ledger_factories import Office


@pytest.fixture
def office(live_site):
    office = Office()
    for person, name in ((office.accountant, "陈会计"), (office.chief, "王主管")):
        person.display_name = name
        person.save()
    office.opening(2000)
    return office


def keys(page, *pressed):
    """Type and press: what is one key's name is pressed, anything else is typed."""
    for one in pressed:
        if one in ("Enter", "=", "ArrowDown", "ArrowUp", "Escape", "Tab", "Control+Enter", "Control+s"):
            page.keyboard.press(one)
        else:
            page.keyboard.type(one)


def test_a_voucher_from_the_first_key_to_the_books(device, office):
    desk = device("desk", office.accountant)
    page = desk.open(reverse("finance:ledger:create"))
    expect(page.locator("form[data-voucher]")).to_have_attribute("data-ready", "yes")
    page.locator("[name=date]").fill("2026-03-02")
    page.locator("[name=attachments]").focus()
    # The summary, an account by its initials, its amount; Enter goes on, = says what is missing.
    keys(page, "2", "Enter", "购买粉笔", "Enter", "ywhdfysphfwfy", "Enter", "320.50", "Enter")
    off = page.locator("[data-half=financial] .hq-voucher-off")
    expect(off).to_contain_text("320.50")
    expect(page.locator("[data-half=financial] [data-capital]")).to_have_text("叁佰贰拾元零伍角整")
    keys(page, "Enter", "100101", "Enter", "Enter", "=")
    expect(page.locator("[name=lines-1-credit]")).to_have_value("320.50")
    expect(off).to_be_hidden()
    keys(page, "Enter", "Enter", "7201", "ArrowDown", "Escape")
    page.locator("[name=lines-2-account]").fill("")
    keys(page, "jbzc", "Enter", "320.50", "Enter", "Enter", "zjjchbzj", "Enter", "Enter", "=")
    expect(page.locator("[name=lines-3-credit]")).to_have_value("320.50")
    expect(page.locator("[data-half=budget] [data-debit]")).to_have_text("¥320.50")
    # The last line's Enter adds another one.
    keys(page, "Enter")
    expect(page.locator("[name=lines-4-summary]")).to_be_focused()
    desk.look()
    assert desk.find_barriers() == []
    with page.expect_navigation():
        keys(page, "Control+Enter")
    expect_address(page, r"/ledger/vouchers/\d+/$")
    voucher = Voucher.objects.get(kind="payment")
    assert (voucher.state, voucher.lines.count(), voucher.attachments) == ("submitted", 4, 2)
    desk.look()
    assert desk.find_barriers() == []

    chief = device("desk", office.chief)
    page = chief.open("/")
    expect(page.locator("main")).to_contain_text("购买粉笔")
    page = chief.open(reverse("finance:ledger:voucher", args=[voucher.pk]))
    press(page.locator("form[action$='/review/'] button"))
    press(page.locator(f"form[action$='/vouchers/{voucher.pk}/post/'] button"))
    expect(page.locator("h1")).to_contain_text("购买粉笔")
    posting = Posting.objects.get(voucher=voucher)
    assert (posting.number, posting.posted_by, posting.reviewed_by) == (1, office.chief, office.chief)
    chief.look()


def begin(page, on):
    """Open the form, date it, and stand in its first summary."""
    page.goto(page.url.split("/ledger/")[0] + reverse("finance:ledger:create"))
    expect(page.locator("form[data-voucher]")).to_have_attribute("data-ready", "yes")
    page.locator("[name=date]").fill(on)
    page.locator("[name=attachments]").focus()


def test_a_month_by_keyboard_then_reviewed_posted_and_closed(device, office):
    desk = device("desk", office.accountant)
    page = desk.open(reverse("finance:ledger:create"))
    # A receipt: what is typed in full width and with a unit is understood, // repeats the summary.
    begin(page, "2026-01-05")
    keys(page, "1", "Enter", "提备用金", "Enter", "100101", "Enter", "１，２００元", "Enter", "//")
    expect(page.locator("[name=lines-1-summary]")).to_have_value("提备用金")
    # The list by arrow keys: initials, one down and up again, Tab takes it and goes on.
    keys(page, "Enter", "2307", "ArrowDown", "ArrowDown")
    expect(page.locator("#account-finds [aria-selected=true]")).to_contain_text("230703")
    for _n in range(3):
        keys(page, "ArrowDown")
    keys(page, "Enter", "Enter", "=")
    expect(page.locator("[name=lines-1-credit]")).to_have_value("1200.00")
    # An amount that could mean two things is marked as soon as one goes on.
    page.locator("[name=lines-0-debit]").focus()
    keys(page, "1,2", "Tab")
    expect(page.locator("[name=lines-0-debit]")).to_have_class("form-control num is-invalid")
    page.locator("[name=lines-0-debit]").fill("1,200")
    expect(page.locator("[data-half=financial] .hq-voucher-off")).to_be_hidden()
    with page.expect_navigation():
        keys(page, "Control+s")
    receipt = Voucher.objects.get(kind="receipt")
    assert (receipt.state, receipt.lines.count(), receipt.total) == ("draft", 2, 1200)
    with page.expect_navigation():
        press(page.locator("main form[action$='/submit/'] button"))
    # A payment from a usual case fills the budget half; the amounts are there, the summary is the case's.
    page.goto(page.url.split("/ledger/")[0] + reverse("finance:ledger:create") + "?case=goods_cash&amount=66.6")
    expect(page.locator("form[data-voucher]")).to_have_attribute("data-ready", "yes")
    expect(page.locator("[data-half=budget] [data-debit]")).to_have_text("¥66.60")
    page.locator("[name=date]").fill("2026-01-09")
    page.locator("[name=attachments]").focus()
    with page.expect_navigation():
        keys(page, "1", "Control+Enter")
    assert Voucher.objects.get(kind="payment").state == "submitted"

    chief = device("desk", office.chief)
    for voucher in (receipt, Voucher.objects.get(kind="payment")):
        page = chief.open(reverse("finance:ledger:voucher", args=[voucher.pk]))
        press(page.locator("form[action$='/review-and-post/'] button"))
        expect(page.locator("main")).to_contain_text(f"{voucher.date:%Y-%m-%d}")
    assert Posting.objects.exclude(kind="opening").count() == 2
    january = office.period(1)
    page = chief.open(reverse("finance:ledger:close", args=[january.pk]))
    chief.look()
    assert chief.find_barriers() == []
    press(page.locator("main form.hq-gap-s button"))
    expect_address(page, r":\d+/$")
    january.refresh_from_db()
    assert (january.state, january.closed_by) == ("closed", office.chief)
    assert date(2026, 1, 9) == Voucher.objects.get(kind="payment").date
    assert chief.find_barriers() == []
    chief.open(reverse("finance:ledger:chart"))
    chief.look()
    assert chief.find_barriers() == []


def test_on_a_phone_and_without_script(device, office):
    phone = device("phone", office.accountant)
    page = phone.open(reverse("finance:ledger:create") + "?case=goods_cash&amount=12")
    phone.look()
    assert phone.find_barriers() == []
    plain = device("desk", office.accountant, scripts=False)
    page = plain.open(reverse("finance:ledger:create") + "?case=goods_cash&amount=12")
    page.locator("[name=lines-1-account]").fill("kcxj")
    press(page.locator(".hq-voucher-more button[value=check]"))
    expect(page.locator("[name=lines-1-account]")).to_have_value("100101 库存现金")
    page.locator("[name=attachments]").fill("1")
    page.locator("[name=date]").fill("2026-03-02")
    press(page.locator("main button[value=submit]"))
    expect_address(page, r"/ledger/vouchers/\d+/$")
    assert Voucher.objects.get(kind="payment").state == "submitted"

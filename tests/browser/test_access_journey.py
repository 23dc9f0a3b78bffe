"""Coming in, and using the pages by keyboard, in the other language, in the dark."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.devices import expect_address, press, submit


def log_in(page, name, password):
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(password)
    press(page.locator("form:has([name=password]) button"))


def test_a_wrong_password_is_said_and_the_right_one_leads_on(device, team):
    phone = device("phone")
    phone.expected |= {401, 422}
    wanted = reverse("assets:repairs:list")
    page = phone.open(wanted)
    expect_address(page, reverse("accounts:login"))
    log_in(page, team.head.username, "not-my-password")
    expect_address(page, reverse("accounts:login"))
    expect(page.locator(".alert, .hq-say.red, .invalid-feedback").first).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value(team.head.username)
    expect(page.locator("[name=password]")).to_have_value("")
    phone.look()
    log_in(page, team.head.username, "secret-words")
    expect_address(page, wanted)
    phone.open(reverse("web:menu"))
    submit(page, reverse("accounts:logout"))
    expect_address(page, reverse("accounts:login"))
    phone.open(wanted)
    expect_address(page, reverse("accounts:login"))


def test_the_language_and_the_look_are_kept_on_the_device(device, team):
    phone = device("phone", team.reporter)
    page = phone.open(reverse("web:menu"))
    html = page.locator("html")
    expect(html).to_have_attribute("lang", "zh-Hans")
    press(page.locator("main button[name=language][value=en]"))
    expect(html).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Everything")
    press(page.locator("main button[name=theme][value=dark]"))
    expect(html).to_have_attribute("data-bs-theme", "dark")
    dark = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).every((part) => part < 70)"
    assert page.evaluate(dark)
    phone.look()
    phone.open(reverse("web:home"))
    expect(html).to_have_attribute("data-bs-theme", "dark")
    phone.open(reverse("web:menu"))
    press(page.locator("main button[name=language][value='zh-hans']"))
    press(page.locator("main button[name=theme][value=light]"))
    expect(html).to_have_attribute("lang", "zh-Hans")
    assert not page.evaluate(dark)


def test_the_keyboard_alone(device, team):
    page = device("desk", team.head).open(reverse("web:home"))
    page.keyboard.press("Tab")
    skip = page.locator(".hq-skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("/")
    search = page.locator("[data-search]:visible").first
    expect(search).to_be_focused()
    # The slash was a command, and in the field it is a letter again.
    expect(search).to_have_value("")
    page.keyboard.type("a/b")
    expect(search).to_have_value("a/b")


@pytest.mark.parametrize("name", ["web:home", "assets:repairs:list", "assets:register:list", "assets:repairs:create"])
def test_focus_is_seen_wherever_it_is(device, team, name):
    team.repair("reported")
    page = device("desk", team.head).open(reverse(name))
    for _ in range(25):
        page.keyboard.press("Tab")
        hidden = page.evaluate(FOCUS_IS_HIDDEN)
        assert not hidden, hidden


# Outline or ring on the focused element, or on what is drawn in its stead; null when something shows.
FOCUS_IS_HIDDEN = """
() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const near = [element, element.nextElementSibling, element.parentElement].filter(Boolean);
  const seen = near.some((one) => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  });
  return seen ? null : element.outerHTML.slice(0, 200);
}
"""


def test_a_place_is_found_while_one_types_its_initials(device, team):
    page = device("phone", team.reporter).open(reverse("assets:repairs:create"))
    field = page.locator("input[role=combobox]")
    field.press_sequentially("2h302")
    option = page.locator("[role=option]").first
    expect(option).to_contain_text("302")
    field.press("ArrowDown")
    field.press("Enter")
    expect(page.locator("input[type=hidden][name=place]")).to_have_value(str(team.place.pk))

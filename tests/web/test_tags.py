import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from houqin.web.counts import PageCounts
from houqin.web.templatetags import houqin as tags
from houqin.web.views import ListState

ROOT = Path(settings.ROOT)


def draw(source, **context):
    return Template("{% load houqin %}" + source).render(Context(context))


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def in_2026(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 9, 16, 2, 0, tzinfo=UTC))


def test_an_icon_comes_from_the_sprite():
    assert draw('{% icon "door" %}') == ('<svg class=i aria-hidden=true><use href="/static/icons.svg#door"/></svg>')
    assert 'class="i i-s"' in draw('{% icon "door" "s" %}')
    assert 'class="i i-l"' in draw('{% icon "door" "l" %}')


def test_a_badge_has_glyph_and_word_and_escapes_the_word():
    drawn = draw('{% badge "wait" "wait" word %}', word="<b>")
    assert drawn.startswith('<span class="hq-badge is-wait"><svg class=sg')
    assert "#s-wait" in drawn
    assert "&lt;b&gt;</span>" in drawn


def test_facts_are_joined_with_drawn_dots_and_escaped():
    assert draw("{{ parts|facts }}", parts=["a<", "", None, "b"]) == "a&lt;<span class=mid></span>b"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1234.5"), "¥1,234.50"),
        (Decimal("-3.1"), "-¥3.10"),
        (0, "¥0.00"),
        (Decimal("999999999999.99"), "¥999,999,999,999.99"),
        (None, "—"),
        ("", "—"),
    ],
)
def test_money(value, shown):
    assert tags.money(value) == shown


def test_dates_as_people_say_them(in_2026):
    # 2 o'clock in Greenwich is 10 in Shanghai
    at = datetime(2026, 9, 16, 0, 12, tzinfo=UTC)
    assert tags.day(date(2026, 9, 1)) == "1 Sep Tue"
    assert tags.day(date(2025, 9, 1)) == "1 Sep 2025 Mon"
    assert tags.stamp(at) == "09-16 08:12"
    assert tags.stamp(at - timedelta(days=365)) == "2025-09-16 08:12"
    assert tags.stamp(date(2026, 9, 1)) == "09-01"
    assert tags.moment(at) == "16 Sep 08:12"
    assert tags.day(None) == tags.stamp(None) == tags.moment(None) == tags.ago(None) == tags.duration(None) == "—"


def test_the_day_is_that_of_the_house(in_2026):
    assert tags.day(datetime(2026, 9, 15, 17, 0, tzinfo=UTC)) == "16 Sep Wed"


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [(-5, "0 minutes"), (1, "1 minute"), (59, "59 minutes"), (60, "1 hour"), (19 * 60, "19 hours"), (2880, "2 days")],
)
def test_ago(in_2026, minutes, shown):
    assert tags.ago(timezone.now() - timedelta(minutes=minutes)) == shown


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(hours=6, minutes=6), "6 h 6 min"),
        (timedelta(hours=6), "6 hours"),
        (timedelta(minutes=8), "8 minutes"),
        (timedelta(days=1, hours=4), "1 d 4 h"),
        (timedelta(days=3, minutes=5), "3 days"),
        (timedelta(seconds=-5), "0 minutes"),
    ],
)
def test_duration(span, shown):
    assert tags.duration(span) == shown


def listing(address="", **state):
    request = RequestFactory().get("/places/" + address)
    return {"request": request, "state": ListState(**state)}


def test_a_link_of_a_list_keeps_what_else_was_asked():
    context = listing("?q=x&sort=new&page=abc", query="x", sort="new", filters={"kind": "room"})
    assert draw('{% list_url chip="late" %}', **context) == "?q=x&amp;chip=late&amp;kind=room&amp;sort=new"
    assert "page=older" in draw('{% list_url page="older" %}', **context)
    assert "page=" not in draw('{% list_url chip="late" %}', **context)


def test_an_empty_chip_is_said_aloud():
    assert draw('{% list_url chip="" %}', **listing(chip="late")) == "?chip="
    assert draw('{% list_url page="p" %}', **listing("?chip=", chip="")) == "?chip=&amp;page=p"
    assert draw('{% list_url q="" %}', **listing(query="x")) == "?"


def test_a_count_of_a_page_without_counts_is_zero():
    assert draw('{% count "nav:x" %}') == "0"
    request = RequestFactory().get("/")
    request.counts = PageCounts()
    assert draw('{% count "nav:x" %}', request=request) == "0"


def test_every_icon_that_is_named_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static" / "icons.svg").read_text(encoding="utf-8")))
    named = set()
    for page in (ROOT / "templates").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        named |= set(re.findall(r'{% icon "([^"]+)"', text)) | set(re.findall(r'\bicon="([^"]+)"', text))
        named |= {f"s-{name}" for name in re.findall(r'{% badge "[^"]+" "([^"]+)"', text)}
        named |= {f"s-{name}" for name in re.findall(r'{% glyph "([^"]+)"', text)}
    for folder in ("houqin", "assets", "finance"):
        for module in (ROOT / folder).rglob("*.py"):
            named |= set(re.findall(r'\bicon="([a-z0-9-]+)"', module.read_text(encoding="utf-8")))
    assert named <= sprite, named - sprite


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("10.00"), "10"),
        (Decimal("2.50"), "2.5"),
        (Decimal("0.01"), "0.01"),
        (Decimal("1200.00"), "1,200"),
        (Decimal("0.00"), "0"),
        (48, "48"),
        (None, tags.NOTHING),
    ],
)
def test_quantities_go_without_empty_decimals(value, shown):
    assert tags.quantity(value) == shown

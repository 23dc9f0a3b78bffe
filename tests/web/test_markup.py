"""What the content security policy forbids stands in no template and no answer."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.schools.factories import make_person, make_school

TEMPLATES = sorted(Path(settings.ROOT, "templates").rglob("*.html"))
# Letters, PDFs and files have their style inside; no browser shows them under the policy.
NOT_PAGES = ("/pdf/", "/mail/", "/email/", "_pdf.html", "/print/")
FORBIDDEN = {
    "inline style": re.compile(r"""<[^>]*\sstyle\s*=""", re.I),
    "style element": re.compile(r"<style\b", re.I),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.I),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "javascript address": re.compile(r"(?:href|src|action)\s*=\s*[\"']?\s*javascript:", re.I),
    "foreign address": re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=[\"'](?:https?:)?//", re.I),
}


def offences(markup):
    markup = re.sub(r"{%.*?%}|{{.*?}}", "", markup)
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(markup)]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(settings.ROOT).as_posix())
def test_no_template_has_what_the_policy_forbids(template):
    if any(part in template.as_posix() for part in NOT_PAGES):
        pytest.skip("not shown by a browser")
    assert not offences(template.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("markup", "offence"),
    [
        ('<p style="color:red">', "inline style"),
        ("<style>", "style element"),
        ("<script>x()</script>", "inline script"),
        ('<a onclick="x()">', "event attribute"),
        ('<a href="javascript:x()">', "javascript address"),
        ('<script src="//cdn.example/x.js">', "foreign address"),
    ],
)
def test_the_check_can_fail(markup, offence):
    assert offence in offences(markup)


@pytest.mark.django_db
def test_pages_are_sent_with_the_policy_and_keep_it(client):
    client.force_login(make_person(make_school(), "logistics"))
    for address in ("/", "/menu/", "/search/"):
        response = client.get(address)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not offences(response.content.decode())


def test_the_stylesheet_uses_colours_that_old_browsers_know():
    css = Path(settings.ROOT, "static", "css", "houqin.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    assert not re.search(r"light-dark\(|oklch\(|color-mix\(|:has\(", css)


def test_pages_weigh_little():
    import gzip

    static = Path(settings.ROOT, "static")
    files = ["vendor/tabler.min.css", "css/houqin.css", "vendor/htmx.min.js", "js/houqin.js", "icons.svg"]
    assert sum(len(gzip.compress((static / name).read_bytes())) for name in files) < 130_000

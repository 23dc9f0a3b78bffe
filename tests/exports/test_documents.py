import io

import pypdf
import pytest
from django.template import engines
from weasyprint.urls import FatalURLFetchingError

from houqin.exports import documents
from houqin.exports.documents import render_pdf

PAPER = """{% extends "exports/_paper.html" %}
{% block title %}维修派工单{% endblock %}
{% block heading %}维修派工单{% endblock %}
{% block line %}<span>黄竹林学校</span><span>BX-2609-0142</span>{% endblock %}
{% block content %}<p>{{ words }}</p>{% for n in pages %}<p style="break-before: page">{{ n }}</p>{% endfor %}
{% if image %}<img src="{{ image }}">{% endif %}{% endblock %}"""


@pytest.fixture
def paper(monkeypatch):
    """Render the paper above with a context, as `render_pdf` renders a template file."""
    template = engines["django"].from_string(PAPER)
    monkeypatch.setattr(documents, "render_to_string", lambda name, context: template.render(context))
    return lambda **context: render_pdf("paper.html", context)


def test_a_document_is_a4_in_our_own_fonts_with_page_x_of_y(paper):
    reader = pypdf.PdfReader(io.BytesIO(paper(words="门锁坏了，关不上", pages=[1, 2])))
    assert len(reader.pages) == 3
    first = reader.pages[0]
    assert (round(float(first.mediabox.width)), round(float(first.mediabox.height))) == (595, 842)
    fonts = {str(font.get_object()["/BaseFont"]) for font in first["/Resources"]["/Font"].values()}
    assert any("Serif" in font for font in fonts)
    assert any("Sans" in font for font in fonts)
    for number, page in enumerate(reader.pages, start=1):
        digits = [character for character in page.extract_text() if character.isdigit()]
        assert digits[-2:] == [str(number), "3"]
    assert "门锁坏了" in first.extract_text()


@pytest.mark.parametrize("image", ["http://127.0.0.1:9/x.png", "file:///etc/passwd", "../pyproject.toml"])
def test_a_document_fetches_nothing_foreign(paper, image):
    with pytest.raises(FatalURLFetchingError):
        paper(words="x", pages=[], image=image)


def test_a_document_shows_our_own_pictures(paper):
    assert paper(words="x", pages=[], image="logo.svg").startswith(b"%PDF")

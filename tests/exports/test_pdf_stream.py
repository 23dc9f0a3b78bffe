"""PDF that is written while it is drawn: what it holds, and that the file is whole."""

import io
import tracemalloc

import pypdf
import pytest
from fpdf.fonts import SubsetMap

from houqin.exports import fonts
from houqin.exports.writers.pdf_stream import StreamedPDF

# fpdf2 alone keeps 2,500 bytes of such a page, and 15,000 of a page of a book; 24 are what is noted of where it stands.
MOST_BYTES_A_PAGE = 200


@pytest.fixture
def file(tmp_path):
    """Where the pages go."""
    with (tmp_path / "out.pdf").open("w+b") as opened:
        yield opened


@pytest.fixture
def paper(file):
    """A paper with one face, for tests that leave it open."""
    with paper_of(file) as paper:
        yield paper


def paper_of(file):
    """A paper with one face."""
    paper = StreamedPDF(file, orientation="L", unit="mm", format="A4")
    paper.set_auto_page_break(False)
    paper.add_font("sans", fname=fonts.sans())
    paper.set_font("sans", size=10)
    return paper


def draw(paper, pages):
    for _page in range(pages):
        paper.add_page()
        for line in range(20):
            paper.text(20, 20 + 5 * line, f"第{line}行 {paper.page}")
            paper.line(20, 20 + 5 * line, 200, 20 + 5 * line)


def read(file):
    """The file as a strict reader has it."""
    file.seek(0)
    return pypdf.PdfReader(io.BytesIO(file.read()), strict=True)


def text_of(page):
    return page.extract_text().replace("\x00", "")


def test_a_page_that_is_finished_leaves_memory(file, paper):
    draw(paper, 100)
    tracemalloc.start()
    try:
        draw(paper, 10)
        before = tracemalloc.get_traced_memory()[0]
        draw(paper, 200)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert list(paper.pages) == [310]
    assert grown / 200 < MOST_BYTES_A_PAGE
    file.flush()
    assert file.tell() > 309 * 300


def test_the_file_is_whole(file):
    with paper_of(file) as paper:
        paper.set_title("账簿")
        paper.set_lang("zh-hans")
        draw(paper, 3)
    reader = read(file)
    assert [f"第19行 {number}" in text_of(page) for number, page in enumerate(reader.pages, start=1)] == [True] * 3
    assert (reader.metadata.title, reader.trailer["/Root"]["/Lang"]) == ("账簿", "zh-hans")
    assert (round(reader.pages[0].mediabox.width), round(reader.pages[0].mediabox.height)) == (842, 595)
    file.seek(0)
    data = file.read()
    table = data[int(data.split(b"startxref")[1].split()[0]) :].split(b"\n")
    assert table[0] == b"xref"
    for number in range(1, int(table[1].split()[1])):
        assert data[int(table[2 + number].split()[0]) :].startswith(b"%d 0 obj" % number)


def test_what_is_known_at_the_end_is_added_to_pages_that_have_left(file):
    with paper_of(file) as paper:
        paper.set_fill_color(200, 0, 0)
        paper.set_text_color(200, 0, 0)
        draw(paper, 5)
        total = paper.pages_count
        paper.amend(range(1, total + 1), lambda number: paper.text(20, 150, f"页{number}/{total}"))
        paper.text(20, 160, "完")
        draw(paper, 1)
    texts = [text_of(page) for page in read(file).pages]
    assert [f"页{number}/5" in text for number, text in enumerate(texts, start=1)] == [True] * 5 + [False]
    assert ["完" in text for text in texts] == [False] * 4 + [True, False]
    # What is added says its colour and its face itself.
    added = read(file).pages[0]["/Contents"][1].get_object().get_data()
    assert b"0.7843 0 0 rg" in added and b" Tf" in added


def test_a_page_is_amended_once(paper):
    draw(paper, 2)
    paper.amend([1], lambda _number: paper.text(20, 150, "一"))
    with pytest.raises(ValueError, match="amended"):
        paper.amend([1], lambda _number: paper.text(20, 150, "二"))


def test_links_are_refused_rather_than_lost(file):
    with pytest.raises(NotImplementedError), paper_of(file) as paper:
        paper.add_page()
        paper.link(20, 20, 10, 10, link="https://example.org/")


def test_the_fonts_are_let_go_when_drawing_fails(file):
    with pytest.raises(KeyError), paper_of(file) as paper:
        draw(paper, 1)
        raise KeyError
    # fpdf2 remembers each glyph for the whole process, and its font with it.
    assert SubsetMap.pick.cache_info().currsize == 0
    file.seek(0)
    assert b"%%EOF" not in file.read()


def test_a_file_without_pages_has_an_empty_one(file):
    with paper_of(file):
        pass
    assert len(read(file).pages) == 1

"""What is the same on every page of a printed book, and its first and last page."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.books import figures
from finance.books.sheets import Bundle, Col, Form, Sheet
from finance.books.writers import pdf_layout as grid
from finance.books.writers.csv_books import chain
from finance.books.writers.pdf_layout import HEAD_ROW, LEFT, RIGHT, TOP, Layout, Place
from finance.books.writers.pdf_paper import GREEN, HAIRLINE, LEAST, PALE, RED, SANS, SERIF, STRONG, Paper
from finance.ledger.archive import BOOKS, kept

_HASH = 32
# What a title may take of the width of a page, and what stands beside it.
_TITLE, _BESIDE = 105.0, 72.0


def draw(paper: Paper, sheet: Sheet, layout: Layout) -> None:
    """Draw title, heads and rules."""
    _rules(paper, sheet, layout)
    if sheet.account:
        whose(paper, sheet.account)
    if sheet.form:
        _around_form(paper, sheet, sheet.form, layout)
    else:
        _around_book(paper, sheet, layout)
    paper.ink(GREEN)
    paper.set_line_width(HAIRLINE)
    _heads(paper, sheet, layout)


def _around_book(paper: Paper, sheet: Sheet, layout: Layout) -> None:
    """Write title and unit above a page of a book, and who signs below it."""
    paper.place(LEFT, 21.5, _("Unit: %(name)s") % {"name": sheet.whose}, "L", SERIF, 10.5, most=_BESIDE)
    middle = (LEFT + RIGHT) / 2
    spaced = sheet.title if not sheet.is_bound or sheet.title.isascii() else " ".join(sheet.title)
    width = paper.place(middle, 18.0, spaced, "C", SERIF, 17, most=_TITLE) / 2 + 3
    paper.ink(RED)
    for y in (20.4, 21.2):
        paper.set_line_width(0.2)
        paper.line(middle - width, y, middle + width, y)
    if not sheet.is_bound:
        paper.place(middle, 25.4, sheet.period, "C", SERIF, 9)
    y = layout.end + 6
    paper.place(LEFT, y, _("Chief accountant (seal):"), "L", SERIF, 9)
    paper.place(LEFT + 70, y, _("Book-keeper (seal):"), "L", SERIF, 9)
    paper.place(RIGHT, y, _("As of %(moment)s") % {"moment": paper.bundle.moment}, "R", SERIF, 9)


def _around_form(paper: Paper, sheet: Sheet, form: Form, layout: Layout) -> None:
    """Write what stands around a form: its name, number and unit, who signs, and what is to be known of it."""
    left, right = layout.left, layout.right
    middle, wide = (left + right) / 2, right - left
    paper.place(middle, 16.5, sheet.title, "C", SERIF, 17, most=wide * 0.7)
    paper.place(right, 18.0, form.number, "R", SERIF, 9)
    unit = pgettext("of a statement", "Unit: %(name)s") % {"name": sheet.whose}
    paper.place(left, 25.0, unit, "L", SERIF, 9.5, most=wide * 0.38)
    paper.place(middle, 25.0, sheet.period, "C", SERIF, 9.5)
    paper.place(right, 25.0, form.unit, "R", SERIF, 9.5)
    y = layout.end + grid.SIGNED
    paper.place(left, y, form.signatures, "L", SERIF, 9.5, most=wide)
    known = [_("As of %(moment)s") % {"moment": paper.bundle.moment}, paper.bundle.owner, *chain(sheet)]
    for text in (" · ".join(known), *form.notes):
        y += grid.NOTE
        paper.place(left, y, text, "L", SERIF, 7.5, most=wide)


def whose(paper: Paper, account: str) -> None:
    """Say at the head of a page whose it is: a school may keep two cash books, and 总账 has pages of every account."""
    paper.place(LEFT, 16.0, _("Account: %(account)s") % {"account": account}, "L", SERIF, 9, most=_BESIDE)


def _rules(paper: Paper, sheet: Sheet, layout: Layout) -> None:
    """Draw the lines between rows, columns and digits."""
    paper.set_line_width(HAIRLINE)
    paper.ink(PALE)
    for place in layout.places:
        for number in range(1, place.digits):
            if number not in (2, 5):
                _down(paper, place.right - number * grid.CELL, TOP + HEAD_ROW, layout.end)
    for number in range(1, layout.rows):
        y = layout.first + number * layout.row
        paper.line(layout.left, y, layout.right, y)
    for place in layout.places:
        if place.digits:
            paper.ink(GREEN)
            _down(paper, place.right - 5 * grid.CELL, TOP + HEAD_ROW, layout.end)
            paper.ink(RED)
            _down(paper, place.right - 2 * grid.CELL, TOP + HEAD_ROW, layout.end)
    paper.ink(GREEN)
    for number, place in enumerate(layout.places[1:], start=1):
        group = _group(sheet.columns[number])
        grouped = group and group == _group(sheet.columns[number - 1])
        _down(paper, place.left, TOP + HEAD_ROW if grouped else TOP, layout.end)
    if layout.places[0].kind == "date":
        _down(paper, layout.places[0].middle, TOP + HEAD_ROW, layout.end)
    paper.set_line_width(STRONG)
    paper.rect(layout.left, TOP, layout.right - layout.left, layout.end - TOP)
    paper.line(layout.left, layout.first, layout.right, layout.first)
    paper.set_line_width(HAIRLINE)


def _down(paper: Paper, x: float, top: float, bottom: float) -> None:
    paper.line(x, top, x, bottom)


def _heads(paper: Paper, sheet: Sheet, layout: Layout) -> None:
    """Write the heads: years over month and day, places over digits, groups over their columns."""
    number = 0
    while number < len(layout.places):
        place, col = layout.places[number], sheet.columns[number]
        end = number
        if place.kind == "none":
            number += 1
            continue
        group = _group(col)
        while group and end + 1 < len(sheet.columns) and _group(sheet.columns[end + 1]) == group:
            end += 1
        if col.kind == "date":
            _two(paper, place, _("%(year)s") % {"year": sheet.year}, (_month(), _day()))
        elif place.digits:
            _centred(paper, col.head, place.left, place.right, TOP + 4.2)
            _between(paper, place)
            _places(paper, place, layout)
        elif group:
            _centred(paper, group, place.left, layout.places[end].right, TOP + 4.2)
            paper.line(place.left, TOP + HEAD_ROW, layout.places[end].right, TOP + HEAD_ROW)
            for below in range(number, end + 1):
                here = layout.places[below]
                _wrapped(paper, sheet.columns[below].head, here, TOP + HEAD_ROW)
        elif col.kind == "short" and len(col.head) == 3:
            # 借或贷: one below the other, as on paper
            for at, character in enumerate(col.head):
                paper.place(place.middle, TOP + 3.6 + at * 3.6, character, "C", SERIF, 8)
        elif sheet.form:
            # Many schools beside each other leave little room for their names.
            _wrapped(paper, col.head, place, TOP + 3)
        else:
            _centred(paper, col.head, place.left, place.right, TOP + HEAD_ROW + 1.2)
        number = end + 1


def _group(col: Col) -> str:
    return col.group or col.paper_group


def _month() -> str:
    return pgettext("head of a column", "Month")


def _day() -> str:
    return pgettext("head of a column", "Day")


def _two(paper: Paper, place: Place, above: str, below: tuple[str, str]) -> None:
    _centred(paper, above, place.left, place.right, TOP + 4.2)
    _between(paper, place)
    _centred(paper, below[0], place.left, place.middle, TOP + HEAD_ROW + 4.2)
    _centred(paper, below[1], place.middle, place.right, TOP + HEAD_ROW + 4.2)


def _between(paper: Paper, place: Place) -> None:
    paper.line(place.left, TOP + HEAD_ROW, place.right, TOP + HEAD_ROW)


def _places(paper: Paper, place: Place, layout: Layout) -> None:
    for number, name in enumerate(reversed(figures.PLACES[-place.digits :])):
        right = place.right - number * grid.CELL
        paper.place(right - grid.CELL / 2, TOP + HEAD_ROW + 4.2, name, "C", SERIF, 7)


def _wrapped(paper: Paper, text: str, place: Place, top: float) -> None:
    """Write a head into one row, or into two lines when it would be too small; Latin words stay whole."""
    paper.set_font(SERIF, size=7.5)
    half = (len(text) + 1) // 2
    if float(paper.get_string_width(text)) <= place.right - place.left - 1 or text.isascii():
        _centred(paper, text, place.left, place.right, top + 4.2)
        return
    for part, y in ((text[:half], top + 2.7), (text[half:], top + 5.4)):
        paper.place(place.middle, y, part, "C", SERIF, 6.5)


def _centred(paper: Paper, text: str, left: float, right: float, y: float) -> None:
    """Write a head between two sides, smaller when it is long."""
    size = 9.0
    paper.set_font(SERIF, size=size)
    width = float(paper.get_string_width(text))
    if width > right - left - 1:
        size = max(size * (right - left - 1) / width, LEAST)
    paper.place((left + right) / 2, y, text, "C", SERIF, size)


def opening_page(paper: Paper, sheet: Sheet) -> None:
    """Print the opening page of a bound book (账簿启用表)."""
    facts = [
        (_("Unit"), sheet.whose),
        (_("Name of the book"), sheet.title),
        (_("Account"), sheet.account),
        (_("Year"), str(sheet.year)),
        (_("Opened on"), f"{max(sheet.ledger.opened_on.isoformat(), f'{sheet.year}-01-01')}"),
        (
            pgettext("of a book", "Pages"),
            _("%(last)s, of %(lines)s lines") % {"last": sheet.last_page, "lines": sheet.ledger.lines_per_page},
        ),
        (_("Chief accountant (seal)"), ""),
        (_("Book-keeper (seal)"), ""),
        (_("Handed over on"), ""),
        (_("Taken over by"), ""),
        (_("Period of keeping"), kept(sheet.year, BOOKS)[0].words),
    ]
    _form(paper, _("Opening page of the book"), facts)


def closing_page(paper: Paper, bundle: Bundle, sheet: Sheet, pages: int) -> None:
    """Print the last page: what the book came to, as of when, and where its chain stood."""
    head = sheet.ledger.chain_head
    facts = [
        (_("Unit"), sheet.whose),
        (_("Book"), f"{sheet.title} {sheet.account}".strip()),
        (_("Period"), sheet.period),
        (_("Pages printed"), str(pages)),
        (_("Lines"), str(sheet.totals.lines)),
    ]
    if sheet.has_sums:
        got = sheet.totals
        facts += [
            (_("Opening balance"), f"{figures.side(got.opening)} {abs(got.opening):,.2f}"),
            (_("Debit of the period"), f"{got.debit:,.2f}"),
            (_("Credit of the period"), f"{got.credit:,.2f}"),
            (_("Closing balance"), f"{figures.side(got.closing)} {abs(got.closing):,.2f}"),
        ]
    facts += [
        (_("As of"), bundle.moment),
        (_("Postings in the chain"), str(sheet.ledger.chain_position)),
        (_("Head of the chain"), f"{head[:_HASH]}\n{head[_HASH:]}"),
        (_("Exported by"), bundle.owner),
        (_("Chief accountant (seal)"), ""),
    ]
    _form(paper, _("Closing page of the book"), facts)


def _form(paper: Paper, title: str, facts: list[tuple[str, str]]) -> None:
    """Print a page of names and values."""
    paper.add_page()
    left, right, row = LEFT + 40, RIGHT - 40, min(11.5, 160 / len(facts))
    middle = (left + right) / 2
    width = paper.place(middle, 22.0, title, "C", SERIF, 18) / 2 + 3
    paper.ink(RED)
    paper.set_line_width(0.2)
    for y in (24.4, 25.2):
        paper.line(middle - width, y, middle + width, y)
    paper.ink(GREEN)
    top, split = 33.0, left + 58
    for number, (name, value) in enumerate(facts):
        y = top + number * row
        paper.rect(left, y, right - left, row)
        paper.place((left + split) / 2, y + row / 2 + 1.5, name, "C", SERIF, 10.5)
        lines = value.split("\n")
        for at, text in enumerate(lines):
            shift = (at - (len(lines) - 1) / 2) * 4.6
            paper.place(split + 4, y + row / 2 + 1.5 + shift, text, "L", SANS, 10.5, most=right - split - 8)
    paper.line(split, top, split, top + len(facts) * row)

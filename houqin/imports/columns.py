"""Find the row of column titles in a sheet, and which column of ours each one is."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django.utils import translation

from houqin.imports.parse import cell_text, fold
from houqin.imports.reader import BrokenCell, Sheet
from houqin.imports.registry import ImportColumn, ImportKind

# Titles stand above the column titles, but not more lines than this.
SEARCHED_ROWS = 20
_BRACKETS = re.compile(r"[((\[【].*?[))\]】]")
_MARKS = re.compile(r"[\s*:：、,，.。_\-/]+")
_NOTE = re.compile(r"^(制表|填表|审核|审批|复核|负责人|经办|备注|说明|注|单位|日期|会计|出纳|校长)[^:：]{0,10}[:：]")
_TOTALS = re.compile(r"^(本页|本月|本年|本日|全校)?(合计|小计|总计|共计|累计)[:：]?$|^(sub)?total:?$")


def shown(cell: Any) -> str:
    """Return a cell as people see it, failed formulas included."""
    if isinstance(cell, BrokenCell):
        return cell.text
    return cell_text(cell)


def find_header(sheet: Sheet, kind: ImportKind) -> tuple[int, int]:
    """Return the row of column titles (as the spreadsheet numbers it) and how many of them are understood.

    The row that names most of our columns wins, of titles in two rows the lower one; where none does, the first with
    several texts.
    """
    best, score = 0, 0
    for number in range(1, len(sheet.head[:SEARCHED_ROWS]) + 1):
        found = len(match_columns(titles_at(sheet.head, number, kind), kind))
        if found > score:
            best, score = number, found
    if best:
        return best, score
    for number, row in enumerate(sheet.head[:SEARCHED_ROWS], start=1):
        if sum(isinstance(cell, str) for cell in row) > 1:
            return number, 0
    return 1, 0


def titles(row: Sequence[Any]) -> list[str]:
    """Return the texts of a row of column titles, each on one line."""
    return [" ".join(shown(cell).split())[:100] for cell in row]


def titles_at(rows: Sequence[Sequence[Any]], number: int, kind: ImportKind) -> list[str]:
    """Return the column titles in a row, counted from 1.

    Where they stand in two rows, as in bound books (凭证 over 字 and 号), it is the lower one: what it leaves empty is
    named above it. They do where more of our columns are named so than by this row alone, and by the one above alone.
    """
    if number > len(rows):
        return []
    own = titles(rows[number - 1])
    if number < 2:
        return own
    above = titles(rows[number - 2])
    width = max(len(own), len(above))
    below, over = ([*heads, *[""] * (width - len(heads))] for heads in (own, above))
    both = [low or high for low, high in zip(below, over, strict=True)]
    found, *alone = (len(match_columns(heads, kind)) for heads in (both, own, above))
    return both if found > max(alone) else own


def match_columns(heads: Sequence[str], kind: ImportKind) -> dict[str, int]:
    """Return which position of the file each of our columns has: whole titles first, then without brackets."""
    mapping: dict[str, int] = {}
    for simplify in (_plain, _without_brackets):
        positions: dict[str, int] = {}
        for position, head in enumerate(heads):
            word = simplify(head)
            if word and position not in mapping.values():
                positions.setdefault(word, position)
        for column in kind.columns:
            if column.name in mapping:
                continue
            for name in names_of(column):
                position_found = positions.pop(simplify(name), None)
                if position_found is not None:
                    mapping[column.name] = position_found
                    break
    return mapping


def names_of(column: ImportColumn) -> list[str]:
    """Return what a column may be called, in both languages."""
    names = [str(column.title)]
    for code in ("zh-hans", "en"):
        with translation.override(code):
            names.append(str(column.title))
    return [*dict.fromkeys(names), *column.synonyms, column.name]


def is_total(cells: Sequence[Any]) -> bool:
    """Say whether a row only sums up others (合计, 小计): such rows are left out."""
    return any(isinstance(cell, str) and _TOTALS.match(fold(cell)) for cell in cells)


def is_note(cells: Sequence[Any], required: Sequence[int]) -> bool:
    """Say whether a row is a remark under the table (制表人：…): nothing required stands beside its first cell."""
    texts = [cell for cell in cells if cell is not None]
    if any(0 < position < len(cells) and cells[position] is not None for position in required):
        return False
    return bool(texts) and isinstance(texts[0], str) and bool(_NOTE.match(texts[0]))


def letter(position: int) -> str:
    """Return a column's letter as the spreadsheet shows it (0 -> A, 26 -> AA)."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name


def _plain(text: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", text).lower())


def _without_brackets(text: str) -> str:
    return _plain(_BRACKETS.sub("", unicodedata.normalize("NFKC", text)))

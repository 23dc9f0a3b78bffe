"""Turn the cells of a workbook into values, or say in words why not.

Each function takes a cell that is not empty (text comes trimmed) and returns a value or raises Refused
with a code. Options are keyword-only: use `functools.partial(parse_text, max_length=60)` in a column.
Spreadsheets keep numbers as floats: they become exact Decimals here or are refused.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from houqin.errors import Refused
from houqin.web.listing import listed

_DATE = re.compile(r"^(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?$")
_DATE_DIGITS = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_NUMBER = re.compile(r"^[-+]?\d[\d,]*(\.\d+)?$|^[-+]?\.\d+$")
_YES = {"是", "有", "y", "yes", "true", "1", "√", "✓", "对"}
_NO = {"否", "无", "n", "no", "false", "0", "×", "x", "✗", "错"}
# A double holds 15 significant digits for certain; more means that the file's number was not exact.
_EXACT_DIGITS = 15
_EXACT_LIMIT = 10**_EXACT_DIGITS


def cell_text(cell: Any) -> str:
    """Return a cell as people see it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(_shortest(cell), "f")
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == cell.min.time() else f"{cell:%Y-%m-%d %H:%M}"
    return str(cell).strip()


def parse_text(cell: Any, *, max_length: int = 200) -> str:
    """Return the text on one line; a number becomes its digits (a phone number typed as a number)."""
    if isinstance(cell, (int, float)) and abs(cell) >= _EXACT_LIMIT:
        raise Refused(_("This number is too long to be exact. Enter it as text."), code="not_exact")
    text = " ".join(cell_text(cell).split())
    if any(unicodedata.category(char) == "Cc" for char in text):
        raise Refused(_("This contains control characters. Type the text again."), code="control_characters")
    if len(text) > max_length:
        raise Refused(
            _("This has %(length)d characters, at most %(most)d fit. Shorten it."),
            code="too_long",
            params={"length": len(text), "most": max_length},
        )
    return text


def parse_decimal(
    cell: Any, *, places: int = 2, minimum: Decimal | int | None = None, maximum: Decimal | int | None = None
) -> Decimal:
    """Return an exact number with at most `places` decimals."""
    value = _number(cell)
    if value != round(value, places):
        raise Refused(_("At most %(places)d decimals are allowed here."), code="not_exact", params={"places": places})
    if minimum is not None and value < minimum:
        raise Refused(
            _("This must be at least %(least)s."), code="too_small", params={"least": f"{Decimal(minimum):f}"}
        )
    if maximum is not None and value > maximum:
        raise Refused(_("This must be at most %(most)s."), code="too_large", params={"most": f"{Decimal(maximum):f}"})
    return value.quantize(Decimal(1).scaleb(-places))


def parse_money(
    cell: Any, *, minimum: Decimal | int | None = 0, maximum: Decimal | int | None = Decimal("9999999999.99")
) -> Decimal:
    """Return an amount in yuan, exact to the cent; ¥ and thousands separators are understood."""
    if isinstance(cell, str):
        cell = unicodedata.normalize("NFKC", cell).strip().removeprefix("¥").removesuffix("元").strip()
    try:
        return parse_decimal(cell, places=2, minimum=minimum, maximum=maximum)
    except Refused as refusal:
        if refusal.code == "not_exact":
            raise Refused(_("Amounts go to the cent: write at most two decimals."), code="not_exact") from refusal
        raise


def parse_integer(cell: Any, *, minimum: int | None = 0, maximum: int | None = 2_147_483_647) -> int:
    """Return a whole number."""
    value = _number(cell)
    if value != value.to_integral_value():
        raise Refused(_("This must be a whole number."), code="not_whole")
    return int(parse_decimal(cell, places=0, minimum=minimum, maximum=maximum))


def parse_date(cell: Any, *, earliest: date = date(1900, 1, 1), latest: date | None = None) -> date:
    """Return a day: a real date, or text as offices write it (2024.9.1, 2024-09-01, 2024年9月1日, 20240901)."""
    day = _day(cell)
    if day is None:
        raise Refused(_("This is no date. Write it like 2024-09-01."), code="not_a_date")
    if day < earliest:
        raise Refused(
            _("This is before %(day)s. Check the year."), code="too_early", params={"day": earliest.isoformat()}
        )
    if latest is not None and day > latest:
        raise Refused(_("This is after %(day)s. Check the year."), code="too_late", params={"day": latest.isoformat()})
    return day


def parse_choice(cell: Any, *, choices: Sequence[tuple[str, Any]], synonyms: Mapping[str, str] | None = None) -> str:
    """Return the value of a choice, found by its label, its value or a synonym (word -> value)."""
    word = fold(cell_text(cell))
    for value, label in choices:
        if word in (fold(value), fold(str(label))):
            return value
    for synonym, value in (synonyms or {}).items():
        if word == fold(synonym):
            return value
    labels: list[str | Promise] = [label for _value, label in choices]
    raise Refused(_("This is none of: %(choices)s."), code="not_a_choice", params={"choices": listed(labels)})


def parse_yes_no(cell: Any) -> bool:
    """Return whether the cell says yes."""
    if isinstance(cell, bool):
        return cell
    word = fold(cell_text(cell))
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Refused(_("Write yes or no."), code="not_yes_no")


def fold(text: str) -> str:
    """Return `text` for comparing: width, case and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def _shortest(number: float) -> Decimal:
    """Return the decimal that people see for a float: 0.1, not 0.1000000000000000055."""
    return Decimal(repr(number))


def _number(cell: Any) -> Decimal:
    if isinstance(cell, (bool, date, datetime)):
        raise Refused(_("This is no number."), code="not_a_number")
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, float):
        return _from_float(cell)
    text = unicodedata.normalize("NFKC", str(cell)).strip().replace(" ", "")
    if not _NUMBER.match(text) or len(text) > 30:
        raise Refused(_("This is no number."), code="not_a_number")
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise Refused(_("This is no number."), code="not_a_number") from error


def _from_float(cell: float) -> Decimal:
    """Return the exact decimal; sums left by a formula (0.30000000000000004) are taken as what they mean."""
    if cell != cell or cell in (float("inf"), float("-inf")):
        raise Refused(_("This is no number."), code="not_a_number")
    value = _shortest(cell)
    if len(value.as_tuple().digits) > _EXACT_DIGITS:
        value = Decimal(format(cell, f".{_EXACT_DIGITS}g"))
    if abs(value) >= _EXACT_LIMIT:
        raise Refused(_("This number is too long to be exact. Enter it as text."), code="not_exact")
    return value


def _day(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = unicodedata.normalize("NFKC", cell_text(cell)).strip()
    match = _DATE.match(text) or _DATE_DIGITS.match(text)
    if match is None:
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None

"""Amounts in capital Chinese numerals (大写金额), as they stand where money is signed for.

Two rules meet: the payment rules of 1997, annex 1, and the accounting norm of 2019, article 52. Where they
leave a choice, the form that is right under both is written and every form is read.
"""

import re
from decimal import Decimal

BOUND = Decimal(1_000_000_000_000)
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("仟", "佰", "拾", "")
_WEIGHTS = {"仟": 1000, "佰": 100, "拾": 10}
_GROUPS = {"亿": 10**8, "万": 10**4}
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]{1,2})?", re.ASCII)
_LONGEST = 60
# What a pattern leaves open: a zero that is written or not, and 整 after 角. First as written, then as read.
_MARKS = {"z": ("零", "零?"), "o": ("", "零?"), "s": ("整", "整?")}


def in_capitals(amount: Decimal | str) -> str:
    """Return 壹仟元整 for 1000: no prefix 人民币, 负 before a negative amount.

    Takes a Decimal or a plain string with at most two decimals, between minus and plus a million millions.
    Nothing is rounded: whatever else comes raises ValueError, floats and other types TypeError.
    """
    text = _pattern(_exact(amount))
    for mark, (written, _read) in _MARKS.items():
        text = text.replace(mark, written)
    return text


def from_capitals(text: str) -> Decimal:
    """Return the amount that `text` says; every form that the rules allow is read. Raises ValueError for the rest."""
    plain = text.strip().removeprefix("人民币").replace("圆", "元").replace("正", "整")
    amount = _value(plain)
    pattern = _pattern(amount)
    for mark, (_written, read) in _MARKS.items():
        pattern = pattern.replace(mark, read)
    if not re.fullmatch(pattern, plain):
        raise ValueError(f"not an amount in capital numerals: {text!r}")
    return amount


def _exact(amount: Decimal | str) -> Decimal:
    """Return the amount as a Decimal with two places, or refuse it."""
    if isinstance(amount, str):
        if not _PLAIN.fullmatch(amount):
            raise ValueError(f"not a plain amount: {amount!r}")
        amount = Decimal(amount)
    elif not isinstance(amount, Decimal):
        raise TypeError(f"a Decimal or a string is needed, not {type(amount).__name__}")
    if not amount.is_finite():
        raise ValueError("not a finite amount")
    if abs(amount) >= BOUND:
        raise ValueError("the amount is too large")
    if int(amount.as_tuple().exponent) < -2:
        raise ValueError("an amount has at most two decimals")
    return amount.quantize(Decimal("0.01"))


def _pattern(amount: Decimal) -> str:
    """Return the numerals of an exact amount, with marks where there is a choice."""
    yuan, cents = divmod(int(abs(amount) * 100), 100)
    jiao, fen = divmod(cents, 10)
    text = "负" if amount < 0 else ""
    if yuan or not cents:
        text += (_whole(yuan) or "零") + "元"
    if not cents:
        return text + "整"
    if jiao:
        # The digit of 元 is zero and that of 角 is not.
        text += ("z" if yuan and yuan % 10 == 0 else "") + _DIGITS[jiao] + "角"
    elif yuan:
        text += "零"
    return text + (_DIGITS[fen] + "分" if fen else "s")


def _whole(yuan: int) -> str:
    """Return the numerals of whole yuan, group by group of four digits; nothing for zero."""
    text, before = "", 0
    for name, group in (("亿", yuan // 10**8), ("万", yuan // 10**4 % 10**4), ("", yuan % 10**4)):
        if group:
            if text and group < 1000:
                text += "零"
            elif text and not before:
                # A whole group is empty: the rules leave the zero open, readers expect it.
                text += "z"
            elif text and before % 10 == 0:
                text += "o"
            text += _group(group) + name
        before = group
    return text


def _group(number: int) -> str:
    """Return the numerals of four digits, a run of zeros inside as one."""
    text, gap = "", False
    for digit, unit in zip(f"{number:04d}", _UNITS, strict=True):
        if digit == "0":
            gap = bool(text)
        else:
            text += ("零" if gap else "") + _DIGITS[int(digit)] + unit
            gap = False
    return text


def _value(text: str) -> Decimal:
    """Add up what the numerals stand for, in whatever order; the caller checks the order."""
    if not 0 < len(text) <= _LONGEST:
        raise ValueError("no amount in capital numerals")
    is_negative = text.startswith("负")
    cents = whole = group = digit = 0
    for char in text.removeprefix("负"):
        if char in _DIGITS:
            digit = _DIGITS.index(char)
        elif char in _WEIGHTS:
            group, digit = group + digit * _WEIGHTS[char], 0
        elif char in _GROUPS:
            whole, group, digit = whole + (group + digit) * _GROUPS[char], 0, 0
        elif char == "元":
            cents, whole, group, digit = cents + (whole + group + digit) * 100, 0, 0, 0
        elif char in "角分":
            cents, digit = cents + digit * (10 if char == "角" else 1), 0
        elif char != "整":
            raise ValueError(f"no capital numeral: {char!r}")
    amount = Decimal(cents).scaleb(-2)
    return _exact(-amount if is_negative else amount)

"""How books and papers name a posting. As the accounting norm words it, so never translated."""

from typing import Any

WORDS = {"receipt": "收", "payment": "付", "transfer": "转", "general": "记", "opening": "启"}
RESULTS = "结转本年收支"
_WRITTEN_OFF = "注销%(month)d月%(day)d日%(word)s字%(number)d号凭证"
_PUT_RIGHT = "订正%(month)d月%(day)d日%(word)s字%(number)d号凭证"


def word(kind: str) -> str:
    """Return the word (字) of a kind of voucher as it stands in books; opening balances have none."""
    return "" if kind in ("", "opening") else WORDS[kind]


def number_of(posting: Any) -> str:
    """Return 付字第12号."""
    return f"{WORDS[posting.kind]}字第{posting.number}号"


def logged(kind: str, number: Any, date: Any) -> str:
    """Return what the action log says of a posting: 付字第12号 · 2026-03-02."""
    return f"{WORDS[kind]}字第{number}号 · {date}"


def written_off(posting: Any) -> str:
    """Return the summary of the red voucher that writes a posting off (注销)."""
    return _WRITTEN_OFF % _parts(posting)


def put_right(posting: Any) -> str:
    """Return the summary of the voucher that puts a posting right (订正)."""
    return _PUT_RIGHT % _parts(posting)


def month_of(period: Any) -> str:
    """Return 2026年3月."""
    return f"{period.year}年{period.month}月"


def _parts(posting: Any) -> dict[str, object]:
    day = posting.date
    return {"month": day.month, "day": day.day, "word": WORDS[posting.kind], "number": posting.number}

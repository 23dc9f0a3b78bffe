"""Search that understands Chinese, pinyin initials and codes, at any size.

A model writes `search_text` (lower case: names, codes, places, persons and their pinyin initials) and
has `search_pieces`, an array of its one- and two-character pieces that PostgreSQL generates and a GIN
index finds; hits are rechecked in the text. See docs/architecture.md, "Search".
"""

from functools import lru_cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q, TextField

MAX_TERMS = 5
# The names of accounts, places and categories are the same in every school.
WORDS_KEPT = 4096


class Pieces(Func):
    """The one- and two-character pieces of a text, by the immutable SQL function of web.0001."""

    function = "houqin_pieces"
    output_field = ArrayField(TextField())


def search_pieces_field() -> models.GeneratedField:
    """Return the generated column that the GIN index stands on."""
    return models.GeneratedField(
        expression=Pieces("search_text"), output_field=ArrayField(TextField()), db_persist=True, editable=False
    )


@lru_cache(maxsize=WORDS_KEPT)
def initials(text: str) -> str:
    """Return the pinyin initials of the Chinese characters in `text` (课桌椅 -> kzy)."""
    from pypinyin import Style, lazy_pinyin  # its phrases take 55 MiB: only where names are written

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors="ignore")).lower()


@lru_cache(maxsize=WORDS_KEPT)
def pinyin(text: str) -> str:
    """Return the full pinyin of `text` for sorting and searching (黄竹林 -> huangzhulin)."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(text, errors=lambda rest: rest.lower())).replace(" ", "")


def search_text(*parts: Any, phonetic: tuple[Any, ...] = ()) -> str:
    """Join `parts`, and the initials of `phonetic`, to what `search_text` columns hold."""
    words = [str(part).strip() for part in parts if part not in (None, "")]
    words += [initials(str(part)) for part in phonetic if part]
    return " ".join(dict.fromkeys(word.lower() for word in words if word))


def matching(term: str) -> Q:
    """Return the condition that every word of `term` stands in `search_text`."""
    condition = Q()
    for word in term.replace("\x00", " ").lower().split()[:MAX_TERMS]:
        pieces = list({word[i : i + 2] for i in range(len(word) - 1)} or {word})
        condition &= Q(search_pieces__contains=pieces) & Q(search_text__contains=word)
    return condition

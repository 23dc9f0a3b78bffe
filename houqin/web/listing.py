"""Several names in one sentence, as the language of the page writes them."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import pgettext


def listed(items: Iterable[Any]) -> str:
    """Return the items one after the other: "cashier, principal", 出纳、校长."""
    return pgettext("between the items of a list", ", ").join(map(str, items))

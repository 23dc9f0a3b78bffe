"""What rooms above add to the page of a purchase: the voucher that books it. Registered in AppConfig.ready()."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from finance.purchases.models import PurchaseRequest
from houqin.accounts.models import User

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Further:
    """What comes of a purchase: a step that is still to take, or what was made of it."""

    title: Text
    words: Text
    url: str
    is_step: bool = False


# Gets the purchase and who looks at it; one query at most.
Ask = Callable[[PurchaseRequest, User], Sequence[Further]]
_asked: dict[str, Ask] = {}


def register(name: str, ask: Ask) -> None:
    """Add something; a second one of the same name replaces the first."""
    _asked[name] = ask


def of(purchase: PurchaseRequest, user: User) -> list[Further]:
    """Return what rooms above add for this person."""
    return [one for ask in _asked.values() for one in ask(purchase, user)]

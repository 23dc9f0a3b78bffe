"""The home page is a to-do list that the apps fill: cards registered in AppConfig.ready()."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class HomeRow:
    """One thing that waits: what, the facts below it, and the one button that helps."""

    title: Text
    url: str
    icon: str
    facts: Sequence[Text] = ()
    right: Text = ""
    late: bool = False
    urgent: bool = False
    action: Text = ""
    action_url: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class HomeSection:
    """A titled list of rows; `waits` says whether they count among what waits for the person."""

    title: Text
    rows: Sequence[HomeRow]
    count: int = 0
    more_label: Text = ""
    more_url: str = ""
    late: bool = False
    waits: bool = True
    empty: Text = ""
    # Stands in the side column: what today brings, rather than what waits.
    aside: bool = False

    @property
    def total(self) -> int:
        """How many things it stands for; `count` when the rows are only the first of them."""
        return self.count or len(self.rows)


@dataclass(frozen=True, slots=True)
class HomeFigure:
    """One number at the side that links to the list it counts."""

    value: str
    label: Text
    url: str


@dataclass(slots=True)
class HomePage:
    """What the cards of one request have put together."""

    sections: list[HomeSection] = field(default_factory=list)
    figures: list[HomeFigure] = field(default_factory=list)
    # One big button above everything: label, icon, url (the staff's 报修).
    big_button: tuple[Text, str, str] | None = None
    # The same for those who sit at a desk: an ordinary primary button in the page's head.
    head_button: tuple[Text, str, str] | None = None

    @property
    def waiting(self) -> int:
        """How many things wait for the person."""
        return sum(section.total for section in self.sections if section.waits and not section.aside)

    @property
    def main(self) -> list[HomeSection]:
        """The to-do lists."""
        return [section for section in self.sections if not section.aside and (section.rows or section.empty)]

    @property
    def side(self) -> list[HomeSection]:
        """What stands beside them."""
        return [section for section in self.sections if section.aside and (section.rows or section.empty)]


# A card gets (user, acting school or None, page) and adds its sections and figures to the page.
Card = Callable[[Any, Any, HomePage], None]
_cards: dict[str, tuple[int, Card]] = {}

# Facts of a day at a school: the week of the term, whether it is a school day.
DayFacts = Callable[[date, Any], Sequence[Text]]
_day_facts: list[DayFacts] = []


def register(name: str, *, order: int, card: Card) -> None:
    """Add a card; lower orders come first."""
    _cards[name] = (order, card)


def build(user: Any, school: Any) -> HomePage:
    """Let every card add what `user` should see."""
    page = HomePage()
    for _order, card in sorted(_cards.values(), key=lambda pair: pair[0]):
        card(user, school, page)
    return page


def register_day_facts(facts: DayFacts) -> None:
    """Let the date line of the home page say more about the day."""
    if facts not in _day_facts:
        _day_facts.append(facts)


def day_facts(day: date, school: Any) -> list[Text]:
    """Return what the floors above know about `day`."""
    return [fact for facts in _day_facts for fact in facts(day, school)]

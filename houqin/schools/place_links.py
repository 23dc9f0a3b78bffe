"""Where else one can go with the listed places (labels to print); the rooms above register their pages."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class PlaceLink:
    """A page that takes the list's query string and does something with the places that it shows."""

    label: Text
    icon: str
    url_name: str
    permission: str

    @property
    def url(self) -> str:
        """The page's address."""
        return reverse(self.url_name)


_links: dict[str, PlaceLink] = {}


def register(name: str, link: PlaceLink) -> None:
    """Add a link; a second one of the same name replaces the first."""
    _links[name] = link


def links_for(user: Any, school: Any) -> list[PlaceLink]:
    """Return the links that `user` may follow at `school`."""
    return [link for link in _links.values() if user.has_perm(link.permission, school)]

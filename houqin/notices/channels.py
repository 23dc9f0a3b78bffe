"""The ways by which a notice leaves the house: e-mail, and whatever is registered later.

A channel is an object with the three things of `Channel`; `register` it in AppConfig.ready(). Deliveries,
retries and their schedule are the same for all (`houqin.notices.delivery`).
"""

from typing import Protocol

from django.db.models import Q

from houqin.notices.models import NoticeDelivery


class Undeliverable(Exception):
    """Raise from `Channel.send` when trying again cannot help (no address any more)."""


class Channel(Protocol):
    """One way out of the house."""

    # Stored with each delivery; never changes once used.
    name: str

    def reaches(self, *, urgent: bool) -> Q:
        """Return the condition on people whom a notice reaches by this channel, as they wish."""
        ...

    def send(self, delivery: NoticeDelivery) -> None:
        """Hand the notice over, or raise; the message carries `delivery.key`, the same at every attempt."""
        ...


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Add a channel; a second one of the same name replaces the first."""
    _channels[channel.name] = channel


def channels() -> list[Channel]:
    """Return all channels."""
    return list(_channels.values())


def named(name: str) -> Channel:
    """Return the channel of a delivery; raise Undeliverable when the house has none of that name any more."""
    try:
        return _channels[name]
    except KeyError:
        raise Undeliverable(f"no channel {name!r}") from None

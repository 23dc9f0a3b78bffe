"""What a record's page shows besides its facts: the one next step, and the course of events."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Button:
    """A way on: posts to `url`, or opens it when `post` is off. Kinds: primary, quiet, plain, refuse."""

    label: Text
    url: str
    kind: str = "quiet"
    icon: str = ""
    post: bool = True


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next step under a record's title; without buttons it says who acts, or why this person may not."""

    title: Text
    reason: Text = ""
    buttons: Sequence[Button] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing of a timeline. Tones: ok (happened), now (waits), next (still to come)."""

    what: Text
    who: Text = ""
    facts: Sequence[Text] = ()
    said: str = ""
    tone: str = "ok"
    glyph: str = "done"

    @property
    def strong(self) -> bool:
        """Whether the line stands for the present."""
        return self.tone == "now"

"""What can be approved: rooms register their kinds of subjects in AppConfig.ready()."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from houqin.schools.roles import Role

Text = str | Promise


@dataclass(frozen=True, slots=True)
class ExtraSigner:
    """A signature beyond the tiers, with the reason (a price above the market's)."""

    role: Role
    at_central: bool
    reason: Text


@dataclass(frozen=True, slots=True)
class DefaultTier:
    """A tier that holds until the central school or the school itself names others."""

    role: Role
    at_central: bool = False
    from_amount: Decimal = Decimal(0)
    signatures: int = 1


# The principal signs everything, from 5,000 yuan on the central school as well.
PRINCIPAL_THEN_CENTRAL = (
    DefaultTier(Role.PRINCIPAL),
    DefaultTier(Role.CENTRAL_OFFICER, at_central=True, from_amount=Decimal(5000)),
)


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """One kind of subject and what the engine needs to know of it."""

    name: str
    title: Text
    # Gets the subject's id; returns it locked until the transaction ends.
    lock: Callable[[int], Any]
    # What is signed: plain values only; any change of it voids what was signed before.
    content: Callable[[Any], Mapping[str, Any]]
    url: Callable[[Any], str]
    # Called in the signing transaction with (subject, by, comment).
    approved: Callable[[Any, Any, str], None]
    returned: Callable[[Any, Any, str], None]
    rejected: Callable[[Any, Any, str], None]
    # The template, and its context of (subject, viewer), that answer at a glance what is to be decided.
    panel_template: str = ""
    panel: Callable[[Any, Any], Mapping[str, Any]] | None = None
    extra_signers: Callable[[Any], Sequence[ExtraSigner]] | None = None
    icon: str = "checklist"
    default_tiers: Sequence[DefaultTier] = PRINCIPAL_THEN_CENTRAL
    # Gets the subject's id; returns it for the panel, with what that shows joined. Without it the panel locks.
    read: Callable[[int], Any] | None = None


_kinds: dict[str, SubjectKind] = {}


def register(kind: SubjectKind) -> None:
    """Add a kind; a second one of the same name replaces the first."""
    _kinds[kind.name] = kind


def get(name: str) -> SubjectKind:
    """Return the kind of this name; KeyError for one that no room registered."""
    return _kinds[name]


def kinds() -> list[SubjectKind]:
    """Return all kinds, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def canonical(content: Mapping[str, Any]) -> str:
    """Return the content as text that is the same for the same content: sorted keys, exact decimals."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical content, in hexadecimal."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)

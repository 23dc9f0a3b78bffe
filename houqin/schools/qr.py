"""What stands behind a QR code: /q/<token>/ leads wherever the rooms above say."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse

from houqin.schools.models import Place

PLACE = "place"

# The resolver of "place" gets the Place and returns an address. Every other kind gets the token itself and
# returns the address, or None when the token is not one of its own.
Resolver = Callable[[Any], str | None]
_resolvers: dict[str, Resolver] = {}


def register(kind: str, resolver: Resolver) -> None:
    """Say where the codes of a kind lead; a second resolver of a kind replaces the first."""
    _resolvers[kind] = resolver


def resolve(token: str) -> str | None:
    """Return the address behind `token`, None when no label in use carries it."""
    place = Place.objects.filter(token=token, is_active=True, school__is_active=True).select_related("school").first()
    if place is not None:
        to_place = _resolvers.get(PLACE)
        return (to_place(place) if to_place else None) or place.get_absolute_url()
    others = (resolver(token) for kind, resolver in _resolvers.items() if kind != PLACE)
    return next((address for address in others if address), None)


def address_of(token: str, *, site: str = "") -> str:
    """Return what the code says: the full address of `token` at `site` (scheme and host), else at SITE_URL."""
    return f"{site or settings.SITE_URL}{reverse('schools:qr', args=[token])}"


def drawing(token: str, *, site: str = "") -> bytes:
    """Draw the code as an SVG file; it holds no style and no script."""
    code = segno.make(address_of(token, site=site), error="m", micro=False)
    file = BytesIO()
    code.save(file, kind="svg", border=2, dark="#000", light="#fff", svgclass=None, lineclass=None, omitsize=True)
    return file.getvalue()

"""Misconfiguration of accounts, found at start-up."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from houqin.accounts.limiter import Limit

LIMITS = ("known_device", "unknown_devices", "unknown_devices_day", "device", "address", "code", "code_account", "mail")
TOKEN_LENGTH = 16


@register(Tags.security)
def check_sessions(**kwargs: Any) -> list[CheckMessage]:
    """Sessions must end, and the idle limit comes first."""
    idle, absolute = settings.SESSION_IDLE_SECONDS, settings.SESSION_ABSOLUTE_SECONDS
    if idle <= 0 or absolute <= 0:
        return [Error("SESSION_IDLE_SECONDS and SESSION_ABSOLUTE_SECONDS must be above zero.", id="accounts.E001")]
    if idle > absolute:
        return [Error("SESSION_IDLE_SECONDS is above SESSION_ABSOLUTE_SECONDS and never applies.", id="accounts.E002")]
    return []


@register(Tags.security)
def check_limits(**kwargs: Any) -> list[CheckMessage]:
    """Every limit is there and reads like "10/15"."""
    found: list[CheckMessage] = []
    for name in LIMITS:
        try:
            limit = Limit.named(name)
        except (KeyError, ValueError):
            limit = Limit(0, 0)
        if limit.attempts < 1 or limit.minutes < 1:
            hint = 'Write attempts and minutes, for example "10/15".'
            found.append(Error(f"LOGIN_LIMITS[{name!r}] is missing or no limit.", hint=hint, id="accounts.E003"))
    if settings.ONE_TIME_CODE_HOURS < 1:
        found.append(Error("ONE_TIME_CODE_HOURS must be at least 1.", id="accounts.E004"))
    return found


@register(Tags.security)
def check_demo(**kwargs: Any) -> list[CheckMessage]:
    """A known password belongs to the demo alone; the demo alone may skip the token."""
    if settings.DEMO_PASSWORD and not settings.DEMO:
        return [Error("DEMO_PASSWORD is set outside the demo.", id="accounts.E005")]
    if settings.FIRST_RUN_TOKEN and len(settings.FIRST_RUN_TOKEN) < TOKEN_LENGTH:
        return [Error(f"FIRST_RUN_TOKEN needs at least {TOKEN_LENGTH} characters.", id="accounts.E006")]
    return []


@register(Tags.security, deploy=True)
def check_hasher(**kwargs: Any) -> list[CheckMessage]:
    """Passwords of real people are hashed with Argon2."""
    if not settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher"):
        return [Error("The first of PASSWORD_HASHERS must be Argon2.", id="accounts.E007")]
    return []

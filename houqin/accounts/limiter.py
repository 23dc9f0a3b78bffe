"""Slow down who guesses passwords and codes, without shutting out the person they belong to.

Every attempt is counted before anything is hashed, by one atomic statement each, so that simultaneous guesses
cannot slip through together. The buckets, narrow ones last:

- a device may try so many times over all accounts; its cookie can be thrown away, therefore
- an address may try so many times on devices that are unknown to the accounts: a generous number, for a whole
  school sits behind one address;
- all unknown devices together may try an account, or a name that nobody has, so many times a quarter and a day;
- a device on which the account was used before has a bucket of its own, which nobody else can fill.

Call these functions outside of transactions that may roll back. The limits are settings.LOGIN_LIMITS.
"""

import ipaddress
import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from houqin.accounts.models import KnownDevice, User, fingerprint
from houqin.errors import Refused
from houqin.web.limits import count_use
from houqin.web.trail import Origin, origin, record_action


class TooMany(Refused):
    """Refuse an attempt because there were too many before it; pages answer 429."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts within so many minutes."""

    attempts: int
    minutes: int

    @classmethod
    def named(cls, name: str) -> "Limit":
        """Read a limit like "10/15" from the settings."""
        attempts, minutes = settings.LOGIN_LIMITS[name].split("/")
        return cls(int(attempts), int(minutes))

    @property
    def wait(self) -> int:
        """Minutes until the current window ends, at least one."""
        seconds = self.minutes * 60
        return (seconds - int(time.time()) % seconds + 59) // 60


def count_login(user: User | None, name: str, device: str) -> None:
    """Count an attempt to log in as `user` (None: nobody has this name); raise TooMany above a limit."""
    mark = fingerprint(device)
    _count("device", mark, _DEVICE, user)
    if user is not None and KnownDevice.objects.known(user, device):
        _count("known_device", f"{user.pk}:{mark}", _HERE, user)
        return
    whose = _whose(user, name)
    _count("address", _network(), _ADDRESS, user)
    _count("unknown_devices", whose, _ELSEWHERE, user)
    _count("unknown_devices_day", whose, _ELSEWHERE, user)


def count_own_password(user: User, device: str) -> None:
    """Count an attempt to prove one's own password while logged in."""
    _count("known_device", f"{user.pk}:{fingerprint(device)}", _HERE, user)


def count_code(user: User | None, name: str, device: str) -> None:
    """Count an attempt to use a one-time code: whoever is locked out of logging in can still use one."""
    mark = fingerprint(device)
    _count("device", mark, _DEVICE, user)
    whose = _whose(user, name)
    _count("code", f"{whose}:{mark}", _CODE, user)
    _count("code_account", whose, _CODE, user)


def may_mail(user: User) -> bool:
    """Count a letter to `user` and say whether it may be sent."""
    limit = Limit.named("mail")
    return count_use(f"accounts.mail:{user.pk}", window=timedelta(minutes=limit.minutes)) <= limit.attempts


_DEVICE = _("There were too many attempts on this device. Wait %(wait)s, then try again.")
_HERE = _("There were too many wrong passwords. Wait %(wait)s, then try again. If you forgot it, choose a new one.")
_ADDRESS = _(
    "There were too many attempts from this network. Wait %(wait)s, or use a device that you have used before."
)
_ELSEWHERE = _(
    "There were too many attempts for this account on devices that it was never used on. Wait %(wait)s, use a device"
    " that you have used before, or ask the head of general affairs for a one-time code."
)
_CODE = _("There were too many wrong codes. Wait %(wait)s, then try again.")


def _count(name: str, key: str, sentence: Promise, user: User | None) -> None:
    limit = Limit.named(name)
    used = count_use(f"accounts.{name}:{key}", window=timedelta(minutes=limit.minutes))
    if used <= limit.attempts:
        return
    if used == limit.attempts + 1:  # once a window, so that guessing does not fill the log
        record_action("accounts.log_in", by=None, record=user, result=f"limit_{name}")
    raise TooMany(sentence, code=f"limit_{name}", params={"wait": _minutes(limit.wait)})


def _whose(user: User | None, name: str) -> str:
    """Name the account's buckets; a name that nobody has gets some too, so that an answer tells nothing."""
    return str(user.pk) if user is not None else f"?{fingerprint(name.strip().lower())}"


def _minutes(count: int) -> str:
    if count < 120:
        return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
    hours = count // 60
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}


def _network() -> str:
    """Return where the request came from; an IPv6 line owns a whole /64."""
    address = (origin.get() or Origin()).address
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "-"
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if found.version == 6 else address

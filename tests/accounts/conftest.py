"""Limits of a test's own, and a count of the hashes."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.utils import timezone


@pytest.fixture
def one_moment(monkeypatch):
    """Keep all attempts of a test in one window."""
    now = timezone.now()
    monkeypatch.setattr("houqin.web.limits.timezone.now", lambda: now)


@pytest.fixture
def limits(settings):
    """Set limits for one test: limits(known_device="3/15")."""

    def change(**changes):
        settings.LOGIN_LIMITS = settings.LOGIN_LIMITS | changes

    return change


@pytest.fixture
def hashed(monkeypatch):
    """Count the hashes that are computed."""
    done = []
    encode = MD5PasswordHasher.encode

    def counting(self, password, salt):
        done.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    return done

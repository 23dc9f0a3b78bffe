from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from houqin.accounts import actions
from houqin.accounts.models import KnownDevice
from houqin.errors import Refused
from tests.schools.factories import make_user

pytestmark = pytest.mark.usefixtures("committing_db", "one_moment")


def guess_at_once(name, device_of):
    """Send 200 guesses, 50 at a time; return the codes of the refusals."""

    def guess(number):
        try:
            actions.prove_password(name, f"guess-{number}", device=device_of(number))
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(guess, range(200)))


def test_of_200_guesses_on_new_devices_few_are_hashed(limits, hashed):
    limits(unknown_devices="10/15")
    person = make_user()
    del hashed[:]
    results = guess_at_once(person.username, lambda number: f"some-new-device-number-{number}")
    assert results.count("wrong_password") == 10
    assert results.count("limit_unknown_devices") == 190
    assert len(hashed) == 10


def test_of_200_guesses_on_a_known_device_few_are_hashed(limits, hashed):
    limits(known_device="10/15", device="300/15")
    person = make_user()
    KnownDevice.objects.remember(person, "device-of-the-principal-1", "")
    del hashed[:]
    results = guess_at_once(person.username, lambda number: "device-of-the-principal-1")
    assert results.count("wrong_password") == 10
    assert results.count("limit_known_device") == 190
    assert len(hashed) == 10

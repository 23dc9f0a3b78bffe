from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from houqin.accounts import tasks
from houqin.accounts.models import KnownDevice, OneTimeCode
from tests.schools.factories import make_user

pytestmark = pytest.mark.django_db


def test_what_ran_out_is_removed_and_the_rest_kept():
    now = timezone.now()
    person, other = make_user(), make_user()
    for key, days in (("ended", -1), ("open", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(days=days))
    for user, days in ((person, 40), (other, 1)):
        made = now - timedelta(days=days)
        OneTimeCode.objects.create(
            user=user, made_by=person, code_hash=user.username, made_at=made, expires_at=made + timedelta(days=1)
        )
    KnownDevice.objects.create(user=person, device="old", last_seen=now - timedelta(days=401))
    KnownDevice.objects.create(user=person, device="new", last_seen=now - timedelta(days=300))
    for _ in range(2):
        tasks.remove_expired()
    assert [session.session_key for session in Session.objects.all()] == ["open"]
    assert [code.user for code in OneTimeCode.objects.all()] == [other]
    assert [known.device for known in KnownDevice.objects.all()] == ["new"]

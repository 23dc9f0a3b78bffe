from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from houqin.accounts.models import CODE_LENGTH, CODE_SIGNS, KnownDevice, OneTimeCode, User
from tests.schools.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "typed", ["Wang.Li", "wang.li", " WANG.LI ", "13800001234", "138 0000-1234", "T-0042", "t-0042"]
)
def test_a_person_is_found_by_each_of_three_names(typed):
    person = make_user(username="wang.li", phone="138 0000 1234", staff_number="T-0042")
    assert User.objects.named(typed) == person


def test_a_phone_that_is_anothers_username_takes_nothing_over():
    owner = make_user(username="13800001234")
    make_user(phone="13800001234")
    assert User.objects.named("13800001234") == owner


def test_a_phone_that_is_anothers_staff_number_takes_nothing_over():
    make_user(phone="20260042")
    owner = make_user(staff_number="20260042")
    assert User.objects.named("20260042") == owner


def test_who_is_switched_off_has_no_name():
    make_user(username="gone", is_active=False)
    assert User.objects.named("gone") is None
    assert User.objects.named("  ") is None


def test_a_name_is_found_by_one_query(django_assert_num_queries):
    make_user(username="one")
    with django_assert_num_queries(1):
        User.objects.named("one")


@pytest.mark.parametrize(
    ("first", "second", "constraint"),
    [
        ({"username": "wang"}, {"username": "WANG"}, "accounts_user_username"),
        ({"phone": "13800001234"}, {"phone": "138 0000 1234"}, "accounts_user_phone"),
        ({"staff_number": "42"}, {"staff_number": "42"}, "accounts_user_staff_number"),
    ],
)
def test_names_are_given_once(first, second, constraint):
    make_user(**first)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_user(**second)


def test_empty_phones_and_numbers_do_not_collide():
    make_user()
    make_user()


def test_the_history_keeps_names_and_no_password():
    person = make_user()
    person.last_login = timezone.now()
    person.save(update_fields=["last_login"])
    person.set_password("another-one")
    person.save(update_fields=["password"])
    assert person.events.count() == 1
    person.display_name = "王丽"
    person.save(update_fields=["display_name"])
    assert person.events.count() == 2
    assert not {"password", "last_login"} & {field.name for field in person.events.model._meta.get_fields()}


def test_raising_the_round_of_sessions_changes_what_sessions_must_know():
    person = make_user()
    before = person.get_session_auth_hash()
    person.session_round += 1
    assert person.get_session_auth_hash() != before


def test_sessions_outlive_a_new_secret_key(settings):
    person = make_user()
    before = person.get_session_auth_hash()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key"
    assert before in list(person.get_session_auth_fallback_hash())


def test_a_device_is_known_to_its_person_only():
    person, other = make_user(), make_user()
    KnownDevice.objects.remember(person, "a-device-cookie-of-24-chars", "Android")
    KnownDevice.objects.remember(person, "a-device-cookie-of-24-chars", "Android")
    assert KnownDevice.objects.known(person, "a-device-cookie-of-24-chars")
    assert not KnownDevice.objects.known(other, "a-device-cookie-of-24-chars")
    assert "cookie" not in KnownDevice.objects.get().device


def test_a_code_is_random_readable_and_not_kept():
    person, head = make_user(), make_user()
    made, code = OneTimeCode.objects.make(person, by=head)
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(CODE_SIGNS)
    assert not set("0O1ILUV") & set(CODE_SIGNS)
    assert code not in str(OneTimeCode.objects.values().get())
    assert made.fits(f" {code[:5].lower()}-{code[5:]} ")
    assert not made.fits(code[::-1] + "2")


def test_a_code_fits_its_person_only():
    head = make_user()
    made, code = OneTimeCode.objects.make(make_user(), by=head)
    made.user = make_user()
    assert not made.fits(code)


def test_the_newest_code_replaces_older_ones():
    person, head = make_user(), make_user()
    OneTimeCode.objects.make(person, by=head)
    newest, _code = OneTimeCode.objects.make(person, by=head)
    assert list(OneTimeCode.objects.valid()) == [newest]


def test_the_database_keeps_one_unused_code_a_person():
    person, head = make_user(), make_user()
    later = timezone.now() + timedelta(hours=1)
    OneTimeCode.objects.create(user=person, made_by=head, code_hash="a", expires_at=later)
    with pytest.raises(IntegrityError, match="accounts_onetimecode_newest"), transaction.atomic():
        OneTimeCode.objects.create(user=person, made_by=head, code_hash="b", expires_at=later)


def test_the_database_refuses_a_code_that_ends_before_it_begins():
    person = make_user()
    with pytest.raises(IntegrityError, match="accounts_onetimecode_dates"), transaction.atomic():
        OneTimeCode.objects.create(user=person, made_by=person, code_hash="a", expires_at=timezone.now() - timedelta(1))

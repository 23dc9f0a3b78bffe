import pytest

from houqin.accounts import checks


def ids(check):
    return [message.id for message in check()]


def test_the_settings_as_shipped_pass():
    assert ids(checks.check_sessions) == ids(checks.check_limits) == ids(checks.check_demo) == []


@pytest.mark.parametrize(
    ("idle", "absolute", "found"), [(0, 10, "accounts.E001"), (10, 0, "accounts.E001"), (20, 10, "accounts.E002")]
)
def test_sessions_must_end(settings, idle, absolute, found):
    settings.SESSION_IDLE_SECONDS, settings.SESSION_ABSOLUTE_SECONDS = idle, absolute
    assert ids(checks.check_sessions) == [found]


@pytest.mark.parametrize("limit", ["", "10", "0/15", "10/0", "ten/15", "10/15/1"])
def test_a_limit_must_be_one(settings, limit):
    settings.LOGIN_LIMITS = settings.LOGIN_LIMITS | {"address": limit}
    assert ids(checks.check_limits) == ["accounts.E003"]


def test_no_limit_may_be_missing(settings):
    settings.LOGIN_LIMITS = {}
    assert ids(checks.check_limits) == ["accounts.E003"] * len(checks.LIMITS)


def test_a_code_must_be_good_for_a_while(settings):
    settings.ONE_TIME_CODE_HOURS = 0
    assert ids(checks.check_limits) == ["accounts.E004"]


def test_the_known_password_belongs_to_the_demo(settings):
    settings.DEMO_PASSWORD = "known-to-all"
    assert ids(checks.check_demo) == ["accounts.E005"]
    settings.DEMO = True
    assert ids(checks.check_demo) == []


def test_the_setup_token_must_be_long(settings):
    settings.FIRST_RUN_TOKEN = "short"
    assert ids(checks.check_demo) == ["accounts.E006"]


def test_real_passwords_are_hashed_with_argon2(settings):
    assert ids(checks.check_hasher) == ["accounts.E007"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert ids(checks.check_hasher) == []

"""The production settings, asserted against a running server."""

import http.client
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import MiddlewareNotUsed

from houqin.children import Child
from houqin.demo import as_role
from tests.conftest import cloned_database

ROOT = Path(__file__).resolve().parents[1]
# One server for all of them, so one worker for all of them.
pytestmark = pytest.mark.xdist_group("production")


def production(**changed):
    """Return the environment that the example file makes, with secrets filled in."""
    lines = (ROOT / "deploy" / "houqin.env").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    kept = {name: os.environ[name] for name in ("PATH", "HOUQIN_HOME", "DATABASE_URL", "REDIS_URL")}
    return example | {"SECRET_KEY": secrets.token_urlsafe(64)} | kept | changed


def manage(*arguments, env):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    """Gunicorn with the production settings, as nginx would talk to it; yields a function that asks it."""
    with django_db_blocker.unblock(), cloned_database() as clone:
        yield from serve(clone, tmp_path_factory.mktemp("production"))


def serve(database, home):
    """Start the server, yield how to ask it, stop it."""
    env = production(HOUQIN_HOME=str(home), DATABASE_URL=database.environ["DATABASE_URL"])
    collected = manage("collectstatic", "--noinput", "--verbosity", "0", env=env)
    assert collected.returncode == 0, collected.stderr
    command = [sys.executable, "-m", "gunicorn", "houqin.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket"]
    child = Child("web", command, log=home / "web.log", env=env, cwd=ROOT)
    try:
        while "Listening at" not in (output := child.last_lines()):
            assert child.is_running, output
        port = int(output.partition("Listening at: http://127.0.0.1:")[2].split()[0])

        def ask(path, *, host="houqin.school.example", scheme="https", client="203.0.113.7"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            headers = {"Host": host, "X-Forwarded-Proto": scheme, "X-Real-IP": client}
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.body = response.read().decode()
            connection.close()
            return response

        yield ask
    finally:
        child.stop(10)


def test_plain_http_is_sent_to_https(server):
    response = server("/accounts/login/?next=/", scheme="http")
    assert response.status == 301
    assert response.headers["Location"] == "https://houqin.school.example/accounts/login/?next=/"


def test_pages_carry_the_security_headers(server):
    response = server("/accounts/login/")
    assert response.status in (200, 302)  # a fresh server leads to its first-run page
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_cookies_are_for_https_and_not_for_scripts(server):
    cookies = server("/accounts/login/").headers.get_all("Set-Cookie")
    assert cookies
    assert all("Secure" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
    assert all("HttpOnly" in cookie for cookie in cookies if not cookie.startswith("csrftoken"))


def test_other_host_names_are_refused(server):
    assert server("/accounts/login/", host="elsewhere.example").status == 400


def test_strangers_get_to_the_login_and_no_further(server):
    response = server("/")
    assert response.status == 302
    assert "/accounts/login/" in response.headers["Location"]


def test_errors_tell_nothing_about_the_inside(server):
    response = server("/no-such-page/")
    assert response.status in (302, 404)
    assert "Traceback" not in response.body


def test_the_client_is_whom_the_proxy_names(settings, rf):
    from houqin.web.proxy import ClientAddressMiddleware

    settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"
    request = rf.get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_REAL_IP="203.0.113.7", HTTP_X_FORWARDED_FOR="10.0.0.1")
    assert ClientAddressMiddleware(lambda asked: asked.META["REMOTE_ADDR"])(request) == "203.0.113.7"


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("10.0.0.1, 203.0.113.7", "203.0.113.7"),  # the proxy appends: what stands before came from the browser
        ("", "127.0.0.1"),
        ("<script>", "127.0.0.1"),
    ],
)
def test_only_what_the_proxy_says_and_what_is_an_address_counts(settings, rf, sent, address):
    from houqin.web.proxy import ClientAddressMiddleware

    settings.CLIENT_ADDRESS_HEADER = "X-Forwarded-For"
    request = rf.get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=sent)
    assert ClientAddressMiddleware(lambda asked: asked.META["REMOTE_ADDR"])(request) == address


def test_without_a_proxy_no_header_is_believed(settings, rf):
    from houqin.web.proxy import ClientAddressMiddleware

    settings.CLIENT_ADDRESS_HEADER = ""
    with pytest.raises(MiddlewareNotUsed):
        ClientAddressMiddleware(lambda asked: asked)


def test_the_deployment_checks_have_nothing_to_say():
    checked = manage("check", "--deploy", "--fail-level", "WARNING", env=production())
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL"])
def test_a_server_without_its_own_secrets_does_not_start(name):
    env = production()
    del env[name]
    checked = manage("check", env=env)
    assert checked.returncode != 0
    assert name in checked.stderr


def test_migrations_run_as_the_owner_and_the_application_does_not(committing_db):
    owner = committing_db.environ["DATABASE_URL"]
    env = production(DATABASE_URL=owner)
    assert manage("grant_rights", env=env).returncode == 0
    env = production(DATABASE_OWNER_URL=owner, DATABASE_URL=as_role(owner, "houqin_app"))
    assert manage("migrate", "--noinput", env=env).returncode == 0
    assert manage("grant_rights", env=env).returncode == 0
    tried = manage("shell", "--command", "ActionLog.objects.update(code='')", env=env)
    assert "permission denied for table history_actionlog" in tried.stderr


def test_every_variable_of_the_environment_is_explained():
    settings = ROOT / "houqin" / "settings"
    read = {name for path in settings.glob("*.py") for name in re.findall(r'env\.\w+\(\s*"(\w+)"', path.read_text())}
    page = (ROOT / "docs" / "deploy.md").read_text()
    tests_only = {"CELERY_TASK_ALWAYS_EAGER"}
    assert {name for name in read - tests_only if f"`{name}`" not in page} == set()

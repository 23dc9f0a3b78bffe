import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.test import Client
from django.urls import include, path

from houqin.errors import NotAllowed
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db


def raising(error):
    def view(request):
        raise error

    view.login_required = False
    return view


urlpatterns = [
    path("", include("houqin.urls")),
    path("t/400/", raising(SuspiciousOperation("x"))),
    path("t/403/", raising(PermissionDenied())),
    path("t/not-allowed/", raising(NotAllowed("Ask the principal."))),
    path("t/404/", raising(Http404())),
    path("t/500/", raising(RuntimeError("secret detail"))),
]
handler400 = "houqin.web.errors_views.bad_request"
handler403 = "houqin.web.errors_views.permission_denied"
handler404 = "houqin.web.errors_views.page_not_found"
handler500 = "houqin.web.errors_views.server_error"


@pytest.fixture
def browser(settings):
    settings.ROOT_URLCONF = __name__
    browser = Client(raise_request_exception=False)
    browser.cookies["django_language"] = "en"
    return browser


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/t/400/", 400, "could not be understood"),
        ("/t/403/", 403, "Your role does not allow this"),
        ("/t/not-allowed/", 403, "Ask the principal."),
        ("/t/404/", 404, "There is no such page"),
        ("/t/500/", 500, "nothing was changed"),
        ("/no/such/address/", 404, "belongs to another school"),
    ],
)
def test_errors_say_what_happened_and_lead_out(browser, address, status, words):
    for _ in range(2):  # a guest first, then somebody who is logged in
        response = browser.get(address)
        page = response.content.decode()
        assert response.status_code == status
        assert words in page
        assert 'href="/"' in page
        assert "secret detail" not in page
        browser.force_login(make_person(make_school()))


@pytest.mark.parametrize("who", ["a guest", "somebody"])
def test_an_address_that_is_no_page_says_so(browser, who):
    if who == "somebody":
        browser.force_login(make_person(make_school()))
    response = browser.get("/theme/")
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    page = response.content.decode()
    assert "Only a button leads here" in page
    assert 'href="/"' in page
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/t/404/?q=%00", "/t/404/?page=a%00b", "/t/%00/", "/search/?q=%00"])
def test_an_address_that_no_database_can_hold_is_refused(browser, address):
    browser.force_login(make_person(make_school()))
    response = browser.get(address)
    assert response.status_code == 400
    assert "could not be understood" in response.content.decode()


def test_too_much_at_once_is_said_in_words(browser, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = browser.post("/theme/", {"theme": "x" * 2000})
    assert response.status_code == 413
    page = response.content.decode()
    assert "more than can be taken" in page
    assert 'href="/"' in page


@pytest.mark.parametrize("address", ["/t/400/", "/t/403/", "/t/404/", "/t/500/", "/no/such/address/", "/theme/"])
def test_every_answer_carries_the_policy(browser, address):
    response = browser.get(address)
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"


def test_the_fault_page_needs_no_query(browser, django_assert_num_queries):
    with django_assert_num_queries(0):
        browser.get("/t/500/")


def test_a_form_without_its_token_is_explained(settings):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies["django_language"] = "en"
    response = browser.post("/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/accounts/login/?x=1"})
    assert response.status_code == 403
    assert 'href="/accounts/login/?x=1"' in response.content.decode()
    assert "lay open for too long" in response.content.decode()

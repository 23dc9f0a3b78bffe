"""The pages of purchases: everybody concerned sees where it hangs, and how many hang there."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from finance.purchases.models import PurchaseRequest, PurchaseSettings, State
from houqin.schools.middleware import ALL, SESSION_KEY
from tests.finance.purchase_factories import Buyers, desks, make_request, needed, waiting
from tests.schools.factories import make_school

pytestmark = pytest.mark.django_db

NEW = "/purchases/new/"


@pytest.fixture
def buyers():
    return Buyers()


@pytest.fixture
def client(client, buyers):
    client.force_login(buyers.requester)
    return client


def page(response):
    return response.content.decode()


def test_everybody_concerned_sees_where_it_hangs(client, buyers):
    request = buyers.request(State.SUBMITTED)
    for person in (buyers.requester, buyers.head, buyers.officer):
        client.force_login(person)
        assert buyers.principal.display_name in page(client.get(request.get_absolute_url()))
    client.force_login(buyers.principal)
    assert waiting(request).get_absolute_url() in page(client.get(request.get_absolute_url()))


@pytest.mark.parametrize(
    "state",
    [State.DRAFT, State.SUBMITTED, State.APPROVED, State.RETURNED, State.REJECTED, State.WITHDRAWN],
)
def test_every_state_has_its_page(client, buyers, state):
    request = buyers.request(state)
    for person in (buyers.requester, buyers.head, buyers.principal, buyers.officer, buyers.accountant):
        client.force_login(person)
        response = client.get(request.get_absolute_url())
        assert response.status_code == 200
        assert "¥6,624.00" in page(response)


def test_the_page_says_what_is_missing(client, buyers):
    request = make_request(buyers, purpose="")
    next_step = client.get(request.get_absolute_url()).context["next"]
    assert [button.url for button in next_step.buttons] == [reverse("finance:purchases:update", args=[request.pk])]
    client.post(reverse("finance:purchases:submit", args=[request.pk]))
    request.refresh_from_db()
    assert request.state == State.DRAFT


def test_buttons_submit_withdraw_and_copy(client, buyers):
    request = make_request(buyers)
    client.post(reverse("finance:purchases:submit", args=[request.pk]))
    client.post(reverse("finance:purchases:withdraw", args=[request.pk]))
    request.refresh_from_db()
    assert request.state == State.WITHDRAWN
    response = client.post(reverse("finance:purchases:copy", args=[request.pk]))
    copied = PurchaseRequest.objects.exclude(pk=request.pk).get()
    assert response["Location"] == reverse("finance:purchases:update", args=[copied.pk])


def test_the_panel_answers_at_a_glance(client, buyers):
    buyers.request(State.APPROVED, line={"unit_price": Decimal("136.00")})
    lines = [desks(), desks(name="讲台", unit_price=Decimal("150.00"), quantity=Decimal(1), over_market_reason="独家")]
    request = make_request(buyers, lines=lines, needed_on=needed(3), emergency_reason="等不了")
    client.post(reverse("finance:purchases:submit", args=[request.pk]))
    client.force_login(buyers.principal)
    html = page(client.get(waiting(request).get_absolute_url()))
    for words in ("桌腿开裂", "等不了", "独家", "¥145.00", "¥136.00", "¥2.00"):
        assert words in html
    context = client.get(waiting(request).get_absolute_url()).context
    assert context["standing"].this == request.total
    assert context["lead"].tone == "bad"


def test_the_list_is_searched_and_shows_what_hangs_where(client, buyers):
    shown = buyers.request(State.SUBMITTED)
    make_request(buyers, title="电脑一台", lines=[desks(name="台式电脑")])
    client.force_login(buyers.head)
    for query in ("课桌", "kz", shown.number):
        rows = client.get("/purchases/", {"q": query}).context["rows"]
        assert shown.number in [row["number"] for row in rows]
    rows = client.get("/purchases/", {"chip": "waiting"}).context["rows"]
    assert [row["hangs"] != "" for row in rows] == [True]


def test_emergencies_and_prices_above_the_market_are_counted(client, buyers):
    buyers.request(State.SUBMITTED, needed_on=needed(2), emergency_reason="急")
    buyers.request(State.SUBMITTED, line={"unit_price": Decimal(146), "over_market_reason": "独家"})
    client.force_login(buyers.head)
    for chip in ("emergency", "over_market"):
        assert len(client.get("/purchases/", {"chip": chip}).context["rows"]) == 1
    client.force_login(buyers.requester)
    assert "emergency" not in [chip.value for chip in client.get("/purchases/").context["chips"]]


def test_the_central_school_sees_all_campuses_side_by_side(client, buyers):
    buyers.request(State.SUBMITTED)
    second = Buyers(make_school(parent=buyers.central, name="示范小学"))
    second.request(State.APPROVED)
    Buyers().request(State.APPROVED)
    client.force_login(buyers.officer)
    session = client.session
    session[SESSION_KEY] = ALL
    session.save()
    assert len(client.get("/purchases/").context["rows"]) == 2
    assert len(client.get("/purchases/", {"school": second.school.pk}).context["rows"]) == 1
    campuses = {campus.school.pk: campus for campus in client.get("/purchases/campuses/").context["campuses"]}
    assert (campuses[buyers.school.pk].waiting, campuses[second.school.pk].bought) == (1, 1)
    assert campuses[second.school.pk].bought_sum == Decimal("6624.00")
    assert set(campuses) == {buyers.central.pk, buyers.school.pk, second.school.pk}


def test_a_number_of_the_campuses_leads_to_the_purchases_that_it_counts(client, buyers):
    buyers.request(State.SUBMITTED)
    client.force_login(buyers.officer)
    session = client.session
    session[SESSION_KEY] = buyers.central.pk
    session.save()
    assert "chip=waiting" not in client.get("/purchases/campuses/").content.decode()
    session[SESSION_KEY] = ALL
    session.save()
    page = client.get("/purchases/campuses/").content.decode()
    link = re.search(rf'href="([^"]*\?school={buyers.school.pk}&amp;[^"]*chip=waiting)">(\d+)</a>', page)
    assert link is not None
    assert len(client.get(unescape(link[1])).context["rows"]) == int(link[2]) == 1


def test_home_says_what_was_returned_and_where_the_rest_hangs(client, buyers):
    buyers.request(State.RETURNED, title="退回的")
    buyers.request(State.SUBMITTED, title="等签字的")
    html = page(client.get("/"))
    assert "退回的" in html
    assert "等签字的" in html


def test_the_central_school_sets_the_days_of_notice(client, buyers):
    address = reverse("finance:purchases:settings")
    client.force_login(buyers.officer)
    session = client.session
    session[SESSION_KEY] = buyers.school.pk
    session.save()
    assert client.post(address, {"lead_days": "0"}).status_code == 422
    assert client.post(address, {"lead_days": "10"}).status_code == 302
    assert PurchaseSettings.of(buyers.school).lead_days == 10


def test_a_page_costs_the_same_for_one_line_and_for_many(client, buyers, django_assert_max_num_queries):
    few = make_request(buyers)
    many = make_request(buyers, lines=[desks(name=f"物品{n}") for n in range(30)])
    counts = []
    for request in (few, many):
        client.get(request.get_absolute_url())
        with django_assert_max_num_queries(40) as captured:
            client.get(request.get_absolute_url())
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_one_entry_of_the_navigation_is_the_current_one(client, buyers):
    client.force_login(buyers.head)
    current = {
        address: [entry.name for entry in client.get(address).context["frame"]["nav"] if entry.current]
        for address in ("/purchases/", "/purchase-orders/", NEW, "/budgets/", "/")
    }
    assert current == {
        "/purchases/": ["purchases"],
        "/purchase-orders/": ["orders"],
        NEW: ["purchases"],
        "/budgets/": ["budget"],
        "/": ["home"],
    }

"""The pages of purchases: nothing typed is lost, refusals stand beside their field, everybody sees where it hangs."""

import re
import uuid
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from assets.register.models import AssetCard
from finance.purchases.models import PurchaseFile, PurchaseRequest, PurchaseSettings, State
from houqin.history.models import ActionLog
from houqin.schools.middleware import ALL, SESSION_KEY
from tests.assets.register_factories import make_card
from tests.files.factories import document, picture, upload
from tests.finance.purchase_factories import Buyers, desks, make_request, needed, waiting
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db

NEW = "/purchases/new/"


@pytest.fixture
def buyers():
    return Buyers()


@pytest.fixture
def client(client, buyers):
    client.force_login(buyers.requester)
    return client


def typed(buyers, *, lines=1, do="submit", **changes):
    """What a person types: everything that a submission needs."""
    data = {
        "do": do,
        "form_key": str(uuid.uuid4()),
        "kind": "equipment",
        "title": "更换五年级破旧课桌",
        "purpose": "桌腿开裂",
        "needed_on": needed().isoformat(),
        "budget_line": buyers.line.pk,
        "lines-TOTAL_FORMS": lines,
        "lines-INITIAL_FORMS": 0,
    }
    one = {
        "name": "课桌",
        "quantity": "48",
        "unit": "张",
        "unit_price": "138.00",
        "market_price": "145.00",
        "market_source": "县城家具城",
    }
    for place in range(lines):
        data |= {f"lines-{place}-{name}": value for name, value in one.items()}
    return data | changes


def page(response):
    return response.content.decode()


def test_a_teacher_asks_for_desks_and_the_principal_is_told(client, buyers):
    response = client.post(NEW, typed(buyers))
    request = PurchaseRequest.objects.get()
    assert response.status_code == 302
    assert response["Location"] == request.get_absolute_url()
    assert request.state == State.SUBMITTED
    assert waiting(request).current_role == "principal"
    assert request.total == Decimal("6624.00")


def test_a_second_tap_makes_no_second_request(client, buyers):
    data = typed(buyers)
    first, second = client.post(NEW, data), client.post(NEW, data)
    assert first["Location"] == second["Location"]
    assert PurchaseRequest.objects.count() == 1


def test_a_draft_may_lack_almost_everything(client, buyers):
    data = typed(buyers, lines=0, do="save", purpose="", needed_on="", budget_line="")
    assert client.post(NEW, data).status_code == 302
    assert PurchaseRequest.objects.get().state == State.DRAFT


@pytest.mark.parametrize("htmx", [False, True])
def test_one_more_line_keeps_what_is_typed(client, buyers, htmx):
    data = typed(buyers, lines=2, do="add", title="还没写完", **{"lines-1-name": "课椅", "lines-1-quantity": "很多"})
    headers = {"HX-Request": "true"} if htmx else {}
    response = client.post(NEW, data, headers=headers)
    html = page(response)
    assert response.status_code == 200
    for words in ("还没写完", "课椅", "很多", "县城家具城", 'name="lines-2-name"', data["form_key"]):
        assert words in html
    assert "is-invalid" not in html
    assert not PurchaseRequest.objects.exists()


def test_a_line_can_be_taken_away(client, buyers):
    data = typed(buyers, lines=2, do="remove-0", **{"lines-1-name": "课椅"})
    html = page(client.post(NEW, data))
    assert 'value="课椅"' in html
    assert 'value="课桌"' not in html
    assert 'name="lines-1-name"' not in html


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"kind": ""}, "kind"),
        ({"purpose": ""}, "purpose"),
        ({"needed_on": ""}, "needed_on"),
        ({"budget_line": ""}, "budget_line"),
        ({"needed_on": needed(-1).isoformat()}, "needed_on"),
        ({"needed_on": needed(3).isoformat()}, "emergency_reason"),
    ],
)
def test_a_refusal_stands_beside_its_field_and_nothing_is_lost(client, buyers, changes, field):
    response = client.post(NEW, typed(buyers, **changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert 'value="138.00"' in page(response)
    assert not PurchaseRequest.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"quantity": ""}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"unit": ""}, "unit"),
        ({"unit_price": ""}, "unit_price"),
        ({"unit_price": "12.345"}, "unit_price"),
        ({"market_price": ""}, "market_price"),
        ({"market_source": ""}, "market_source"),
        ({"unit_price": "145.01"}, "over_market_reason"),
        ({"quantity": "1.5", "is_equipment": "on"}, "quantity"),
        ({"quantity": "99999999", "unit_price": "99999999.99", "market_price": "999999999.99"}, "unit_price"),
        ({"supplier_1": "甲"}, "quote_1"),
        ({"quote_1": "138.00"}, "supplier_1"),
        ({"supplier_1": "甲", "quote_1": "138", "supplier_2": "甲", "quote_2": "139"}, "supplier_2"),
    ],
)
def test_a_line_says_what_is_wrong_beside_its_field(client, buyers, changes, field):
    response = client.post(NEW, typed(buyers, **{f"lines-0-{name}": value for name, value in changes.items()}))
    assert response.status_code == 422
    assert list(response.context["form"].lines[0].errors) == [field]
    assert not PurchaseRequest.objects.exists()


def test_quotes_take_the_place_of_the_market_price(client, buyers):
    quotes = {"market_price": "", "market_source": "", "supplier_1": "甲", "quote_1": "140", "supplier_2": "乙"}
    data = typed(buyers, **{f"lines-0-{name}": value for name, value in (quotes | {"quote_2": "138"}).items()})
    assert client.post(NEW, data).status_code == 302
    assert PurchaseRequest.objects.get().lines.get().reference_price == Decimal("138.00")


def test_idle_things_are_shown_before_anything_is_submitted(client, buyers):
    make_card(buyers.school, name="单人课桌", quantity=12)
    AssetCard.objects.update(use_status="idle")
    response = client.post(NEW, typed(buyers))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["idle_reason"]
    assert "单人课桌" in page(response)
    assert client.post(NEW, typed(buyers, idle_reason="太矮")).status_code == 302
    assert ActionLog.objects.filter(code="finance.create_purchase", result="idle_first").exists()


def test_hints_say_what_lies_idle_and_what_it_cost(client, buyers):
    buyers.request(State.APPROVED)
    make_card(buyers.school, name="单人课桌", quantity=12)
    AssetCard.objects.update(use_status="idle")
    html = page(client.get(reverse("finance:purchases:hints"), {"lines-0-name": "课桌"}))
    assert "单人课桌" in html
    assert "¥138.00" in html
    assert "单人课桌" not in page(client.get(reverse("finance:purchases:hints"), {"lines-0-name": "电脑"}))
    assert client.get(reverse("finance:purchases:hints")).status_code == 200


def test_only_the_own_school_s_open_lines_are_offered(client, buyers):
    other = Buyers()
    response = client.post(NEW, typed(buyers, budget_line=other.line.pk))
    assert list(response.context["form"].errors) == ["budget_line"]
    assert str(buyers.line.left) not in page(client.get(NEW))
    client.force_login(buyers.accountant)
    assert "20,000.00" in page(client.get(NEW))


def test_changing_shows_what_was_written(client, buyers):
    quotes = [("supplier_1", "甲"), ("quote_1", "140")]
    client.post(NEW, typed(buyers, do="save", **{f"lines-0-{name}": value for name, value in quotes}))
    request = PurchaseRequest.objects.get()
    address = reverse("finance:purchases:update", args=[request.pk])
    html = page(client.get(address))
    for words in ("更换五年级破旧课桌", 'value="48"', 'value="甲"', 'value="140.00"'):
        assert words in html
    line = request.lines.get()
    data = typed(buyers, do="submit", **{"lines-0-pk": line.pk, "lines-0-unit_price": "130"})
    assert client.post(address, data).status_code == 302
    request.refresh_from_db()
    assert (request.state, request.total) == (State.SUBMITTED, 48 * Decimal(130))
    assert request.lines.get().pk == line.pk


def test_a_foreign_line_s_key_changes_nothing_of_it(client, buyers):
    foreign = make_request(Buyers()).lines.get()
    request = make_request(buyers)
    address = reverse("finance:purchases:update", args=[request.pk])
    client.post(address, typed(buyers, do="save", **{"lines-0-pk": foreign.pk, "lines-0-name": "别的"}))
    foreign.refresh_from_db()
    assert foreign.name == "课桌"
    assert request.lines.get().name == "别的"


def test_only_the_requester_opens_the_form(client, buyers):
    request = make_request(buyers)
    client.force_login(buyers.principal)
    for name in ("update", "attach"):
        assert client.get(reverse(f"finance:purchases:{name}", args=[request.pk])).status_code == 403
    client.force_login(make_person(make_school()))
    assert client.get(reverse("finance:purchases:update", args=[request.pk])).status_code == 404


def test_a_request_under_signature_is_not_changed(client, buyers):
    request = buyers.request(State.SUBMITTED)
    address = reverse("finance:purchases:update", args=[request.pk])
    assert client.get(address)["Location"] == request.get_absolute_url()
    assert client.post(address, typed(buyers, do="save")).status_code == 422
    request.refresh_from_db()
    assert request.state == State.SUBMITTED


def test_files_are_added_to_the_request_and_to_a_quote(client, buyers):
    client.post(NEW, typed(buyers, do="save", **{"lines-0-supplier_1": "甲", "lines-0-quote_1": "140"}))
    request = PurchaseRequest.objects.get()
    quote = request.lines.get().quotes.get()
    address = reverse("finance:purchases:attach", args=[request.pk])
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"file": upload(picture())}).status_code == 302
    assert client.post(address, {"file": upload(document(), "报价.pdf"), "quote": quote.pk}).status_code == 302
    file = PurchaseFile.objects.get().file
    quote.refresh_from_db()
    assert quote.file.kind == "pdf"
    client.force_login(buyers.principal)
    for shown in (file, quote.file):
        response = client.get(shown.url)
        assert len(b"".join(response.streaming_content)) == shown.size
    client.force_login(make_person(make_school(), "principal"))
    assert client.get(file.url).status_code == 404


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

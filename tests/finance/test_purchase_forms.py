"""Asking for a purchase in the browser: nothing typed is lost, refusals stand beside their field."""

import uuid
from decimal import Decimal

import pytest
from django.urls import reverse

from assets.register.models import AssetCard
from finance.purchases.models import PurchaseFile, PurchaseRequest, State
from houqin.history.models import ActionLog
from tests.assets.register_factories import make_card
from tests.files.factories import document, picture, upload
from tests.finance.purchase_factories import Buyers, make_request, needed, waiting
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

"""The pages of orders: forms keep what was typed, refusals stand beside their field, paper and exports come out."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from assets.register.models import AssetCard
from finance.purchases import order_actions, order_exports, price_history, supplier_actions
from finance.purchases.models import Delivery, OrderState, PurchaseOrder, Supplier
from finance.purchases.order_registration import write_names_anew
from houqin.errors import NotAllowed
from houqin.exports import actions as exports
from houqin.exports.models import ExportJob
from tests.assets.register_factories import category
from tests.finance.order_factories import Trade, make_supplier, new_desks, paper
from tests.finance.purchase_factories import desks
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade():
    return Trade()


def typed(response, **changes):
    """Return what a browser would send for the form of a page."""
    form = response.context["form"]
    data = {}
    for bound in form:
        value = bound.value()
        if value in (None, False):
            continue
        data[bound.html_name] = "on" if value is True else value
    return {name: value for name, value in (data | changes).items() if value is not None}


def test_the_office_orders_from_the_page(client, trade):
    request = trade.approved(new_desks(category=None, name="某种新课桌"), paper())
    client.force_login(trade.head)
    address = reverse("finance:purchases:order_create", args=[request.pk])
    page = client.get(address)
    desks, boxes = request.lines.order_by("position")
    assert f'name="category-{desks.pk}' in page.text
    buyers = set(page.context["form"].fields["buyer"].queryset)
    assert trade.buyer in buyers
    assert not buyers & {trade.requester, trade.principal, trade.officer}
    data = typed(page, buyer=trade.buyer.pk, new_supplier="兴达家具", **{f"category-{desks.pk}": category().pk})
    data.pop(f"take-{boxes.pk}")
    response = client.post(address, data)
    order = PurchaseOrder.objects.get()
    assert response.url == order.get_absolute_url()
    assert (order.supplier.name, order.supplier.school, order.lines.get().line) == ("兴达家具", trade.central, desks)
    assert client.get(response.url).status_code == 200
    assert "2,400.00" not in client.get(response.url).text
    # The same form a second time leads to the same order.
    assert client.post(address, data).url == order.get_absolute_url()
    assert PurchaseOrder.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({}, "supplier", "required"),
        ({"new_supplier": "兴达", "buyer": None}, "buyer", "required"),
        ({"new_supplier": "兴达", "price": "218.01"}, "price", "above_approved_price"),
        ({"new_supplier": "兴达", "take": None}, None, "no_line"),
        ({"new_supplier": "兴达", "promised_on": "2020-01-01"}, "promised_on", "promised_in_past"),
    ],
)
def test_what_cannot_be_ordered_is_said_beside_its_field(client, trade, changes, field, code):
    request = trade.approved()
    line = request.lines.get()
    client.force_login(trade.head)
    address = reverse("finance:purchases:order_create", args=[request.pk])
    named = {f"{name}-{line.pk}" if name in ("price", "take") else name: value for name, value in changes.items()}
    response = client.post(address, typed(client.get(address), **{"buyer": trade.buyer.pk} | named))
    assert response.status_code == 422
    name = f"price-{line.pk}" if field == "price" else field
    errors = response.context["form"].errors.as_data()
    assert [error.code for error in errors[name or "__all__"]] == [code]
    assert not Supplier.objects.filter(name="兴达").exists()


def test_the_form_begins_with_what_is_still_to_come(client, trade):
    order = trade.order_in(OrderState.PARTLY)
    client.force_login(trade.second)
    address = reverse("finance:purchases:receive", args=[order.pk])
    page = client.get(address)
    line = order.lines.get()
    assert page.context["form"][f"counted-{line.pk}"].value() == "2"
    data = typed(page, **{f"faulty-{line.pk}": "1"})
    refused = client.post(address, data)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["faults"])
    assert refused.context["form"][f"faulty-{line.pk}"].value() == "1"
    response = client.post(address, data | {"faults": "一张开裂"})
    assert response.url == order.get_absolute_url()
    assert "一张开裂" in client.get(response.url).text
    assert client.post(address, data | {"faults": "一张开裂"}).status_code == 302
    assert Delivery.objects.count() == 2


def test_too_many_are_refused_beside_the_number(client, trade):
    order = trade.order()
    client.force_login(trade.receiver)
    address = reverse("finance:purchases:receive", args=[order.pk])
    name = f"counted-{order.lines.get().pk}"
    response = client.post(address, typed(client.get(address), **{name: "51"}))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [name]


@pytest.mark.parametrize(("who", "may"), [("receiver", True), ("head", True), ("buyer", False), ("requester", False)])
def test_the_order_says_who_counts_and_why_others_do_not(client, trade, who, may):
    order = trade.order()
    client.force_login(getattr(trade, who))
    page = client.get(order.get_absolute_url())
    assert bool(page.context["next"].buttons) == may
    assert may or page.context["next"].reason


def test_an_ended_order_has_no_next_step(client, trade):
    client.force_login(trade.head)
    order = trade.order_in(OrderState.CLOSED)
    page = client.get(order.get_absolute_url())
    assert page.context["next"] is None
    assert "厂家停产" in page.text


def test_the_page_of_the_purchase_tells_of_orders_and_deliveries(client, trade):
    order = trade.order_in(OrderState.PARTLY)
    client.force_login(trade.head)
    page = client.get(order.request.get_absolute_url())
    card = AssetCard.objects.get()
    for words in (
        order.number,
        card.number,
        trade.receiver.display_name,
        reverse("finance:purchases:receive", args=[order.pk]),
    ):
        assert str(words) in page.text
    back = client.get(card.get_absolute_url()).text
    assert order.request.get_absolute_url() in back
    assert order.get_absolute_url() in back


def test_cancelling_and_closing_ask_for_a_reason(client, trade):
    client.force_login(trade.head)
    order = trade.order()
    address = reverse("finance:purchases:cancel_order", args=[order.pk])
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "没有货"}).status_code == 302
    second = trade.order(order.request, supplier=make_supplier(trade.school))
    trade.receive(second, 48)
    assert (
        client.post(reverse("finance:purchases:close_order", args=[second.pk]), {"reason": "停产"}).status_code == 302
    )
    third = trade.order(trade.approved(paper()))
    address = reverse("finance:purchases:close_purchase", args=[third.request.pk])
    assert client.post(address, {"reason": "不要了"}).status_code == 302
    third.refresh_from_db()
    assert third.state == OrderState.CLOSED


def test_the_list_shows_what_is_to_come_and_finds_by_supplier(client, trade):
    order, done = trade.order(), trade.order(trade.approved(paper(name="粉笔")))
    order_actions.cancel_order(done, by=trade.head, reason="换一家")
    client.force_login(trade.receiver)
    address = reverse("finance:purchases:orders")
    assert [row["number"] for row in client.get(address).context["rows"]] == [order.number]
    everything = client.get(address, {"chip": "", "q": trade.supplier.name}).context["rows"]
    assert {row["number"] for row in everything} == {order.number, done.number}
    late = trade.order(trade.approved(paper()), promised_on=timezone.localdate())
    PurchaseOrder.objects.filter(pk=late.pk).update(
        ordered_on=timezone.localdate() - timedelta(days=3), promised_on=timezone.localdate() - timedelta(days=1)
    )
    assert [row["number"] for row in client.get(address, {"chip": "late"}).context["rows"]] == [late.number]


def test_orders_are_found_by_a_buyers_new_name(trade):
    order = trade.order()
    trade.buyer.display_name = "新名字"
    trade.buyer.save()
    write_names_anew("person", [trade.buyer.pk])
    order.refresh_from_db()
    assert "新名字" in order.search_text


def test_suppliers_are_shared_by_the_schools_of_a_tree(client, trade):
    client.force_login(trade.head)
    address = reverse("finance:purchases:supplier_create")
    response = client.post(address, {"name": "城关文具店", "phone": "0871-123456"})
    assert response.url == reverse("finance:purchases:suppliers")
    supplier = Supplier.objects.get(name="城关文具店")
    assert supplier.school == trade.central
    again = client.post(address, {"name": "城关文具店"})
    assert again.status_code == 422
    other = make_person(make_school(parent=trade.central), "logistics")
    client.force_login(other)
    assert "城关文具店" in client.get(response.url).text
    change = client.post(supplier.get_absolute_url(), {"name": "城关文具店", "phone": "0871-654321"})
    assert change.status_code == 302
    supplier.refresh_from_db()
    assert (supplier.phone, supplier.is_active) == ("0871-654321", False)
    client.force_login(make_person(make_school(), "logistics"))
    assert client.get(supplier.get_absolute_url()).status_code == 404
    with pytest.raises(NotAllowed):
        supplier_actions.change_supplier(supplier, changes={"name": "x"}, by=trade.receiver)


@pytest.mark.parametrize("changes", [{"phone": "电话"}, {"taxpayer_number": "123"}, {"name": ""}])
def test_a_supplier_that_cannot_be(client, trade, changes):
    client.force_login(trade.head)
    address = reverse("finance:purchases:supplier_create")
    response = client.post(address, {"name": "城关文具店"} | changes)
    assert list(response.context["form"].errors) == list(changes)


def test_the_type_ahead_offers_active_suppliers(client, trade):
    make_supplier(trade.school, name="兴达家具")
    make_supplier(trade.school, name="兴旺家具", is_active=False)
    client.force_login(trade.head)
    text = client.get(reverse("finance:purchases:supplier_options"), {"q": "xd"}).text
    assert "兴达家具" in text
    assert "兴旺家具" not in text


def pdf_text(response):
    assert response["Content-Type"] == "application/pdf"
    pages = PdfReader(BytesIO(response.content)).pages
    return "".join(page.extract_text() for page in pages).replace("\x00", "")


def test_request_comparison_and_order_are_printed(client, trade):
    order = trade.order()
    client.force_login(trade.head)
    request = pdf_text(client.get(reverse("finance:purchases:print", args=[order.request.pk])))
    for words in ("壹万零玖佰元整", trade.principal.display_name, trade.officer.display_name):
        assert words in request
    assert order.request.number in pdf_text(
        client.get(reverse("finance:purchases:comparison", args=[order.request.pk]))
    )
    printed = pdf_text(client.get(reverse("finance:purchases:order_print", args=[order.pk])))
    assert "壹万零玖佰元整" in printed
    assert trade.supplier.name in printed


def test_a_draft_is_printed_with_empty_boxes(client, trade):
    client.force_login(trade.requester)
    request = trade.request("draft")
    assert pdf_text(client.get(reverse("finance:purchases:print", args=[request.pk])))


def test_prices_over_time_with_the_market_beside_them(client, trade):
    first = trade.approved(paper())
    trade.order(first, lines=[_cheaper(first, "110.00")])
    trade.approved(paper(unit_price=Decimal("118.00")))
    trade.request("draft", lines=[paper(unit_price=Decimal("1.00"))])
    client.force_login(trade.head)
    for query in ("复印", "fyz"):
        page = client.get(reverse("finance:purchases:price_history"), {"q": query})
        assert [line.price for line in page.context["lines"]] == [Decimal("118.00"), Decimal("110.00")]
        assert "hq-plot" in page.text
    assert client.get(reverse("finance:purchases:price_history"), {"q": "没有"}).context["lines"] == []
    rows = price_history.rows(trade.head, trade.school, QueryDict("q=复印纸"))
    assert list(rows.values_list("price", "seller")) == [
        (Decimal("110.00"), trade.supplier.name),
        (Decimal("118.00"), ""),
    ]
    other = make_person(make_school(parent=trade.central), "logistics")
    assert not price_history.rows(other, None, QueryDict("q=复印纸")).exists()


def _cheaper(request, price):
    return order_actions.Wanted(request.lines.get(), Decimal(price))


def exported(export, person, school, query=""):
    return list(export.queryset(person, school, QueryDict(query)))


def test_exports_hold_what_the_list_shows(trade):
    urgent = trade.request(
        "submitted", needed_on=timezone.localdate() + timedelta(days=1), emergency_reason="停水", lines=[paper()]
    )
    dear = trade.request("submitted", lines=[desks(unit_price=Decimal(150), over_market_reason="送货上门")])
    trade.request("draft")
    assert len(exported(order_exports.REQUESTS, trade.head, trade.school, "chip=")) == 3
    assert len(exported(order_exports.LINES, trade.head, trade.school, "chip=waiting")) == 2
    rows = exported(order_exports.EXCEPTIONS, trade.head, trade.school, "chip=")
    assert {row.pk for row in rows} == {urgent.pk, dear.pk}
    job = exports.run(
        exports.start(
            order_exports.EXCEPTIONS.name, by=trade.head, school=trade.school, format="csv", params=QueryDict("chip=")
        )
    )
    assert job.state == ExportJob.State.DONE, job.error
    text = job.path.read_text(encoding="utf-8-sig")
    assert "停水" in text
    assert "课桌: 送货上门" in text

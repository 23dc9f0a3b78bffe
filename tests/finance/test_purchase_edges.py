"""What nobody planned: sums beyond all columns, a form gone back to, a line named twice, a plan that comes again."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from finance.purchases import actions, facts, order_actions, panel, price_history
from finance.purchases.models import PurchaseFile, PurchaseRequest, State
from finance.purchases.order_registration import open_things
from finance.purchases.prices import last_prices
from houqin.approvals import actions as approvals
from houqin.approvals.models import Tier
from houqin.errors import Refused, WrongState
from houqin.web.home import HomePage
from tests.files.factories import document, upload
from tests.finance.order_factories import Trade, new_desks, paper
from tests.finance.purchase_factories import desks, make_request, needed, waiting
from tests.finance.test_purchase_forms import NEW, typed
from tests.schools.factories import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade():
    return Trade()


@pytest.fixture
def asking(client, trade):
    """The browser of who asks."""
    client.force_login(trade.requester)
    return client


def test_a_sum_that_no_column_holds_is_said_above_the_lines(asking, trade):
    huge = {"quantity": "90000000", "unit_price": "9999.00", "market_price": "9999.00"}
    changes = {f"lines-{place}-{name}": value for place in (0, 1) for name, value in huge.items()}
    response = asking.post(NEW, typed(trade, lines=2, **changes))
    assert response.status_code == 422
    assert [error.code for error in response.context["form"].lines.non_form_errors().as_data()] == ["total_too_large"]
    assert response.context["form"].lines.non_form_errors()[0] in response.content.decode()
    line = desks(quantity=Decimal(90_000_000), unit_price=Decimal("9999.00"))
    with pytest.raises(Refused) as refused:
        make_request(trade, lines=[line, line])
    assert refused.value.code == "total_too_large"


@pytest.mark.parametrize(
    ("value", "price"),
    [("１２", "12.00"), (" 5 ", "5.00"), ("1,5", None), ("1，200", "1200.00"), ("NaN", None), ("-1", None)],
)
def test_a_number_is_read_exactly_or_refused_beside_its_field(asking, trade, value, price):
    response = asking.post(NEW, typed(trade, do="save", **{"lines-0-unit_price": value}))
    if price is None:
        assert response.status_code == 422
        assert response.context["form"].lines[0].errors.keys() == {"unit_price"}
        assert value in response.content.decode()
    else:
        assert PurchaseRequest.objects.get().lines.get().unit_price == Decimal(price)


@pytest.mark.parametrize("count", ["61", "99999"])
def test_the_61st_line_is_refused_in_words_and_not_offered(asking, trade, count):
    data = typed(trade, lines=61) | {"lines-TOTAL_FORMS": count}
    response = asking.post(NEW, data)
    assert response.status_code == 422
    lines = response.context["form"].lines
    assert [error.code for error in lines.non_form_errors().as_data()] == ["too_many_forms"]
    assert lines.non_form_errors()[0] in response.content.decode()
    full = asking.post(NEW, typed(trade, lines=60, do="add"))
    assert len(full.context["form"].lines.forms) == 60
    assert 'value="add"' not in full.content.decode()
    assert not PurchaseRequest.objects.exists()


def test_a_line_named_twice_is_not_lost(trade):
    request = make_request(trade)
    line = request.lines.get()
    actions.change(request, by=trade.requester, lines=[desks(pk=line.pk), desks(pk=line.pk, name="课椅")])
    assert [line.name for line in request.lines.all()] == ["课桌", "课椅"]


def test_a_form_that_was_gone_back_to_and_changed_is_not_dropped(asking, trade):
    data = typed(trade, do="save")
    first = asking.post(NEW, data)
    assert asking.post(NEW, data).headers["Location"] == first.headers["Location"]
    changed = asking.post(NEW, data | {"title": "再买十张"})
    assert changed.status_code == 422
    form = changed.context["form"]
    assert [error.code for error in form.non_field_errors().as_data()] == ["sent_before"]
    assert form["title"].value() == "再买十张"
    assert form["form_key"].value() != data["form_key"]
    again = asking.post(NEW, data | {"title": "再买十张", "form_key": form["form_key"].value()})
    assert again.status_code == 302
    assert PurchaseRequest.objects.count() == 2


def test_a_changed_draft_is_saved_though_its_form_was_sent_before(asking, trade):
    request = make_request(trade)
    url = reverse("finance:purchases:update", args=[request.pk])
    data = typed(trade, do="save", **{"lines-0-pk": request.lines.get().pk})
    asking.post(url, data)
    form = asking.post(url, data | {"title": "改了"}).context["form"]
    asking.post(url, data | {"title": "改了", "form_key": form["form_key"].value()})
    request.refresh_from_db()
    assert request.title == "改了"


def test_a_second_tap_copies_and_attaches_once(asking, trade):
    request = make_request(trade)
    url = reverse("finance:purchases:copy", args=[request.pk])
    first, second = asking.post(url), asking.post(url)
    assert first.headers["Location"] == second.headers["Location"]
    PurchaseRequest.objects.filter(copied_from=request).update(created_at=timezone.now() - actions.writing.SECOND_TAP)
    assert asking.post(url).headers["Location"] != first.headers["Location"]
    attach = reverse("finance:purchases:attach", args=[request.pk])
    key = asking.get(attach).context["form"]["form_key"].value()
    for _tap in range(2):
        asking.post(attach, {"form_key": key, "file": upload(document(), "报价.pdf")})
    assert PurchaseFile.objects.count() == 1


def test_nothing_is_added_to_what_waits_for_signatures(asking, trade):
    request = trade.request(State.SUBMITTED)
    response = asking.get(reverse("finance:purchases:attach", args=[request.pk]))
    assert response.headers["Location"] == request.get_absolute_url()


def test_what_was_ordered_once_is_not_taken_back_to_be_rewritten(asking, trade):
    request = trade.approved(new_desks(), paper())
    order_actions.cancel_order(trade.order(request), by=trade.head, reason="换一家")
    with pytest.raises(WrongState) as refused:
        actions.withdraw(request, by=trade.requester)
    assert refused.value.code == "ordered_once"
    page = asking.get(request.get_absolute_url()).content.decode()
    assert reverse("finance:purchases:withdraw", args=[request.pk]) not in page
    trade.order(request)


def test_the_last_price_is_the_agreed_one(trade):
    request = trade.approved()
    trade.order(request, lines=[order_actions.Wanted(request.lines.get(), Decimal("200.00"))])
    assert last_prices(trade.school, ["新课桌"])["新课桌"].price == Decimal("200.00")


def test_what_never_came_has_no_price(trade):
    request = trade.approved(new_desks(), paper())
    lines = [order_actions.Wanted(line, line.unit_price) for line in request.lines.filter(name="新课桌")]
    trade.receive(trade.order(request, lines=lines), 10)
    order_actions.close_purchase(request, by=trade.head, reason="学校合并")
    assert last_prices(trade.school, ["新课桌", "复印纸"]).keys() == {"新课桌"}
    assert price_history.names_like(trade.head, trade.school, "纸") == []


def test_the_export_of_prices_holds_the_one_thing_that_the_page_shows(client, trade):
    for name in ("课桌", "课桌椅"):
        trade.approved(new_desks(name=name, quantity=Decimal(5)))
    client.force_login(trade.head)
    for query in ("q=课桌", "q=课桌&name=课桌椅", "q=课桌&name=复印纸"):
        shown = client.get(f"{reverse('finance:purchases:price_history')}?{query}").context["lines"]
        exported = price_history.rows(trade.head, trade.school, QueryDict(query))
        assert [line.pk for line in exported] == [line.pk for line in shown]


def test_home_shows_what_was_returned_however_much_was_written_since(trade):
    trade.request(State.RETURNED)
    for _draft in range(12):
        make_request(trade)
    page = HomePage()
    facts.home_card(trade.requester, trade.school, page)
    returned, under_way = page.sections
    assert (len(returned.rows), returned.count) == (1, 1)
    assert (len(under_way.rows), under_way.count) == (5, 12)


def test_the_notice_of_a_returned_request_counts_from_today(trade):
    request = trade.request(State.RETURNED)
    PurchaseRequest.objects.filter(pk=request.pk).update(
        submitted_at=timezone.now() - timedelta(days=30), needed_on=needed(3)
    )
    request.refresh_from_db()
    assert request.notice_days == 3
    assert panel.lead(request).tone == "bad"


def test_a_dear_one_goes_to_all_posts_of_the_next_tier(trade):
    make_person(trade.central, "chief_accountant")
    posts = [("principal", False, 0), ("chief_accountant", True, 10_000), ("central_officer", True, 10_000)]
    tiers = [Tier(role=role, at_central=central, from_amount=amount) for role, central, amount in posts]
    approvals.set_tiers("purchase", tiers, by=trade.officer, school=trade.central)
    request = make_request(trade, line={"market_price": Decimal("100.00"), "over_market_reason": "只有这家送货"})
    actions.submit(request, by=trade.requester)
    roles = list(waiting(request).steps.order_by("position").values_list("role", flat=True))
    assert roles == ["principal", "chief_accountant", "central_officer"]


def test_who_asked_signed_or_buys_is_not_offered_to_count(client, trade):
    request = trade.approved(paper(), requester=trade.second)
    order = trade.order(request, buyer=trade.receiver)
    url = reverse("finance:purchases:receive", args=[order.pk])
    for person, offered in ((trade.second, False), (trade.receiver, False), (trade.accountant, True)):
        client.force_login(person)
        assert (url in client.get(request.get_absolute_url()).content.decode()) is offered


def test_one_supplier_is_named_not_two(client, trade):
    request = trade.approved()
    client.force_login(trade.head)
    data = {"supplier": trade.supplier.pk, "new_supplier": "别家", "buyer": trade.buyer.pk}
    data[f"take-{request.lines.get().pk}"] = "on"
    response = client.post(reverse("finance:purchases:order_create", args=[request.pk]), data)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"new_supplier"}


def test_one_dear_quote_does_not_hide_the_market(asking, trade):
    quote = [actions.QuoteGiven("熟人家具", Decimal("200.00"))]
    request = make_request(trade, line={"unit_price": Decimal("200.00"), "quotes": quote})
    assert request.lines.get().is_over_market
    data = typed(trade, **{"lines-0-supplier_1": "熟人家具", "lines-0-quote_1": "200", "lines-0-unit_price": "200"})
    response = asking.post(NEW, data)
    assert response.context["form"].lines[0].errors.keys() == {"over_market_reason"}
    shown = panel.context(request, trade.principal)["lines"][0]
    assert shown.market.tone == "bad"
    assert "145.00" in str(shown.market.words)


def test_a_buyer_who_leaves_is_asked_for_what_is_on_its_way(trade):
    order = trade.order()
    assert [thing.url for thing in open_things(trade.buyer)] == [order.get_absolute_url()]
    assert open_things(trade.head) == []


def printed(client, url):
    """The words of a paper, without the breaks of its lines."""
    pages = PdfReader(BytesIO(client.get(url).content)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def test_a_paper_shows_no_signature_of_what_was_changed_since(asking, trade):
    request = trade.approved()
    url = reverse("finance:purchases:print", args=[request.pk])
    assert trade.officer.display_name in printed(asking, url)
    actions.withdraw(request, by=trade.requester)
    changed = desks(quantity=Decimal(40), over_market_reason="", pk=request.lines.get().pk)
    actions.change(request, by=trade.requester, lines=[changed])
    words = printed(asking, url)
    assert trade.officer.display_name not in words
    assert trade.principal.display_name not in words
    assert str(State.WITHDRAWN.label).replace(" ", "") in words


def test_a_cancelled_order_says_so_on_paper(client, trade):
    order = trade.order_in("cancelled")
    client.force_login(trade.head)
    words = printed(client, reverse("finance:purchases:order_print", args=[order.pk]))
    assert order.get_state_display().replace(" ", "") in words


def test_a_reason_that_is_not_needed_is_no_alarm(client, trade):
    reasons = {"emergency_reason": "校长催得紧", "line": {"over_market_reason": "只有这家送货"}}
    request = trade.request(State.SUBMITTED, **reasons)
    client.force_login(trade.head)
    page = client.get(request.get_absolute_url()).content.decode()
    paper_words = printed(client, reverse("finance:purchases:print", args=[request.pk]))
    for reason in ("校长催得紧", "只有这家送货"):
        assert reason not in page
        assert reason not in paper_words

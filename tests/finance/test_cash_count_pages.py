"""Counting cash in the browser: typing, checking, witnessing, printing."""

import uuid
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pypdf import PdfReader

from finance.counts import actions, facts, home
from finance.counts.denominations import shipped
from finance.counts.exports import COUNTS
from finance.counts.models import CashCount
from finance.ledger import actions as ledgers
from houqin.history.models import ActionLog
from houqin.schools.middleware import SESSION_KEY
from houqin.web.home import HomePage
from tests.finance.count_factories import counted, pieces
from tests.finance.ledger_factories import CASH, YEAR, Office
from tests.schools.factories import make_membership, make_person

pytestmark = pytest.mark.django_db
NEW = "/counts/new/"
State = CashCount.State


@pytest.fixture
def office():
    office = Office()
    office.opening(1000)
    return office


def typed(office, **changes):
    """What a cashier types."""
    account = office.account(CASH)
    values = {
        "form_key": str(uuid.uuid4()),
        "account": account.pk,
        "seen": account.head.position,
        "counted_on": timezone.localdate().isoformat(),
        "pieces_10000": "9",
        "pieces_5000": "2",
        "received_unposted": "0.00",
        "paid_unposted": "0.00",
        "reason": "",
        "do": "save",
    }
    return values | changes


def test_the_cashier_counts_and_the_accountant_confirms(client, office):
    client.force_login(office.cashier)
    page = client.get(NEW)
    assert page.context["account"] == office.account(CASH)
    answer = client.post(NEW, typed(office))
    made = CashCount.objects.get()
    assert (answer.status_code, answer.url) == (302, made.get_absolute_url())
    assert (made.counted, made.difference) == (Decimal(1000), 0)
    page = client.get(made.get_absolute_url())
    assert page.context["next"].buttons == ()
    assert client.post(f"{made.get_absolute_url()}confirm/").status_code == 403
    client.force_login(office.accountant)
    page = client.get(made.get_absolute_url())
    assert len(page.context["next"].buttons) == 2
    assert client.post(f"{made.get_absolute_url()}confirm/").status_code == 302
    made.refresh_from_db()
    assert (made.state, made.witness) == (State.CONFIRMED, office.accountant)
    page = client.get(made.get_absolute_url())
    assert page.context["next"] is None
    assert client.post(f"{made.get_absolute_url()}confirm/", follow=True).status_code == 200


def test_what_was_typed_stays_when_something_is_wrong(client, office):
    client.force_login(office.cashier)
    for changes, field in (
        ({"pieces_10000": "八张"}, "pieces_10000"),
        ({"pieces_10000": "-8"}, "pieces_10000"),
        ({"received_unposted": "12,5"}, "received_unposted"),
        ({"paid_unposted": "-5"}, "paid_unposted"),
        ({"pieces_10000": "8"}, "reason"),
        ({"counted_on": "2099-01-01"}, "counted_on"),
        ({"counted_on": ""}, "counted_on"),
    ):
        page = client.post(NEW, typed(office, pieces_50="7", **changes))
        assert page.status_code == 422
        assert set(page.context["form"].errors) == {field}
        said = page.content.decode()
        assert all(f'value="{value}"' in said for name, value in changes.items() if name != "reason")
        assert 'value="7"' in said
    assert not CashCount.objects.exists()


def test_a_book_that_moved_on_is_compared_once_more(client, office):
    client.force_login(office.cashier)
    before = typed(office, pieces_10000="8")
    before |= {"reason": "短款"}
    office.post(office.payment(100))
    page = client.post(NEW, before)
    assert page.status_code == 422
    form = page.context["form"]
    assert form.has_error("__all__", "book_moved")
    # The page shows the book as it is now, and knows it.
    assert form["seen"].value() == "2"
    assert (form.due, form.counted) == (Decimal(900), Decimal(900))
    assert client.post(NEW, before | {"seen": "2", "reason": ""}).status_code == 302


def test_checking_adds_up_and_saves_nothing(client, office):
    client.force_login(office.cashier)
    page = client.post(NEW, typed(office, pieces_10000="12", received_unposted="1,200", do="check"))
    assert page.status_code == 200
    form = page.context["form"]
    assert (form.counted, form.due, form.difference) == (Decimal(1300), Decimal(2200), Decimal(-900))
    assert "壹仟叁佰元整" in page.content.decode()
    assert not CashCount.objects.exists()


def test_a_second_tap_makes_no_second_count(client, office):
    client.force_login(office.cashier)
    sent = typed(office)
    answers = [client.post(NEW, sent) for _time in range(2)]
    assert answers[0].url == answers[1].url
    assert CashCount.objects.count() == 1


def test_what_is_not_posted_yet_is_proposed(client, office):
    office.receipt(300)
    ledgers.submit(office.payment(80), by=office.accountant)
    ledgers.void(office.receipt(7), by=office.accountant)
    client.force_login(office.cashier)
    form = client.get(NEW).context["form"]
    assert (form["received_unposted"].value(), form["paid_unposted"].value()) == (Decimal(300), Decimal(80))
    assert form.due == Decimal(1220)


def test_what_puts_a_posting_right_takes_the_wrong_one_away(office):
    wrong = office.post(office.payment(100))
    office.draft(*office.paid(10), corrects=wrong, on=date(YEAR, 3, 3))
    found = facts.unposted(office.account(CASH))
    assert (found.received, found.paid) == (Decimal(100), Decimal(10))


def test_given_back_it_is_counted_anew_from_what_was_typed(client, office):
    made = counted(office)
    client.force_login(office.principal)
    back = f"{made.get_absolute_url()}return/"
    assert client.post(back, {"reason": " "}).status_code == 422
    assert client.post(back, {"reason": "没有当面点"}).status_code == 302
    client.force_login(office.cashier)
    (button,) = client.get(made.get_absolute_url()).context["next"].buttons
    form = client.get(button.url).context["form"]
    assert form["pieces_10000"].value() == 10
    assert client.post(NEW, typed(office, of=made.pk)).status_code == 302
    anew = CashCount.objects.get(replaces=made)
    assert client.get(made.get_absolute_url()).context["anew"] == anew
    again = client.post(NEW, typed(office, of=made.pk))
    assert again.context["form"].has_error("__all__", "count_replaced")


def test_with_several_boxes_one_is_chosen(client, office):
    second = ledgers.add_account(office.account("1001"), code="100102", name="备用金", by=office.chief)
    client.force_login(office.cashier)
    # The only one in use is meant when none is named.
    assert client.get(NEW).context["account"].code == CASH
    lines = [office.line("100102", 5, 0, "备用金"), office.line(CASH, 0, 5)]
    office.post(office.draft(*lines, kind="payment"))
    assert {account.code for account in client.get(NEW).context["accounts"]} >= {CASH, "100102"}
    assert "form" not in client.get(NEW).context
    assert client.get(f"{NEW}?account={second.pk}").context["account"] == second
    elsewhere = Office().account(CASH)
    assert "form" not in client.get(f"{NEW}?account={elsewhere.pk}").context


def test_the_list_counts_by_state_and_says_what_to_do_first(client, office):
    client.force_login(office.cashier)
    assert NEW in client.get("/counts/").content.decode()
    actions.confirm(counted(office), by=office.chief)
    counted(office, pieces(y100=9), reason="短款")
    page = client.get("/counts/?chip=differing")
    assert [row.difference for row, _look in page.context["rows"]] == [Decimal(-100)]
    client.force_login(office.chief)
    page = client.get("/counts/")
    assert page.context["all_schools"] is True
    assert len(page.context["rows"]) == 2
    rows = COUNTS.queryset(office.chief, None, page.wsgi_request.GET)
    assert [row.state for row in rows] == [State.COUNTED, State.CONFIRMED]
    assert list(COUNTS.queryset(make_person(office.central, "accountant"), None, page.wsgi_request.GET)) == []


def test_who_looks_at_all_schools_is_asked_for_one(client, office):
    person = make_person(office.campus, "cashier")
    client.force_login(person)
    session = client.session
    session[SESSION_KEY] = office.campus.pk
    session.save()
    assert client.get(NEW).status_code == 200
    client.force_login(office.accountant)
    assert client.get(NEW).status_code == 403


def test_the_form_on_paper(client, office):
    made = counted(office, pieces(y100=9, y50=1), reason="短款五十元，待查")
    client.force_login(office.principal)
    words = printed(client, made)
    for said in ("库存现金盘点表", "900.00", "玖佰伍拾元整", "短款五十元", "-¥50.00", "尚未监盘确认", "会计主管"):
        assert said in words
    actions.confirm(made, by=office.principal)
    words = printed(client, made)
    assert str(office.principal) in words
    assert str(office.cashier) in words
    assert "尚未监盘确认" not in words


def printed(client, made):
    answer = client.get(f"{made.get_absolute_url()}print/")
    assert answer["Content-Type"] == "application/pdf"
    reader = PdfReader(BytesIO(answer.content))
    assert len(reader.pages) == 1
    return "".join(reader.pages[0].extract_text().split())


def test_a_second_tap_on_give_back_is_told_on_the_page_of_the_count(client, office):
    made = counted(office)
    client.force_login(office.principal)
    address = reverse("finance:counts:give_back", args=[made.pk])
    assert client.post(address, {"reason": " "}).status_code == 422
    for reason, level in (("张数不对", []), ("张数还是不对", ["error"])):
        answer = client.post(address, {"reason": reason})
        assert (answer.status_code, answer.url) == (302, made.get_absolute_url())
        assert [message.level_tag for message in get_messages(answer.wsgi_request)] == level
        client.get(answer.url)
    made.refresh_from_db()
    assert made.returned_reason == "张数不对"
    results = ActionLog.objects.filter(code="finance.return_cash_count").order_by("pk").values_list("result", flat=True)
    assert list(results) == ["reason_missing", "done", "count_decided"]


def test_the_export_says_why_a_count_was_given_back():
    assert "returned_reason" in [column.value for column in COUNTS.columns]


def test_what_was_posted_meanwhile_is_no_longer_proposed(client, office):
    paying = office.payment(100)
    client.force_login(office.cashier)
    before = typed(office, pieces_10000="8", paid_unposted="100.00")
    office.post(paying)
    # Whatever is tapped, and even if something else is wrong.
    for changes, status in (({}, 422), ({"do": "check"}, 200), ({"pieces_50": "x", "paid_unposted": "y"}, 422)):
        page = client.post(NEW, before | changes)
        form = page.context["form"]
        assert page.status_code == status
        assert [error.code for error in form.non_field_errors().as_data()] == ["book_moved", "proposed_anew"]
        assert (form["seen"].value(), form["paid_unposted"].value()) == ("2", "0.00")
        assert not form.has_error("paid_unposted")
        assert form.difference == 0
    page = client.post(NEW, before | {"seen": "2", "do": "check"})
    assert page.context["form"]["paid_unposted"].value() == "100.00"
    assert not page.context["form"].errors


def test_only_what_was_given_back_is_offered_anew_and_at_its_school(client, office):
    made = counted(office)
    client.force_login(office.cashier)
    assert client.get(f"{NEW}?of={made.pk}").status_code == 404
    actions.give_back(made, reason="重盘", by=office.accountant)
    assert client.get(f"{NEW}?of={made.pk}").context["replaces"] == made
    make_membership(office.cashier, office.central, "cashier")
    session = client.session
    session[SESSION_KEY] = office.central.pk
    session.save()
    page = client.get(f"{NEW}?of={made.pk}")
    assert page.context["schools"] == [office.school]
    client.force_login(make_person(office.central, "cashier"))
    assert client.get(f"{NEW}?of={made.pk}").status_code == 404
    client.force_login(office.accountant)
    assert client.get(f"{NEW}?of={made.pk}").status_code == 403


def test_a_closed_box_is_not_offered_anew(client, office):
    spare = ledgers.add_account(office.account("1001"), code="100102", name="备用金", by=office.chief)
    made = actions.count(spare, pieces={}, on=timezone.localdate(), by=office.cashier)
    actions.give_back(made, reason="重盘", by=office.accountant)
    client.force_login(office.cashier)
    assert client.get(made.get_absolute_url()).context["next"].buttons
    ledgers.close_account(spare, by=office.chief)
    assert not client.get(made.get_absolute_url()).context["next"].buttons
    assert "form" not in client.get(f"{NEW}?of={made.pk}").context


def test_what_is_no_number_is_said_beside_its_field(client, office):
    client.force_login(office.cashier)
    for name, value, said in (
        ("pieces_10000", "x", "whole number"),
        ("pieces_10000", "-1", "whole number"),
        ("pieces_10000", "999999", "whole number"),
        ("paid_unposted", "-5", "zero or more"),
        ("paid_unposted", "99999999999", "too large"),
        ("paid_unposted", "99999999999999999", "too large"),
    ):
        page = client.post(NEW, typed(office, **{name: value}), headers={"accept-language": "en"})
        errors = page.context["form"].errors
        with override("en"):
            assert [said in str(error) for error in errors[name]] == [True], errors


def test_the_home_page_says_that_a_count_was_given_back(office):
    made = counted(office)
    actions.give_back(made, reason="重盘", by=office.accountant)
    page = HomePage()
    home.card(office.cashier, office.school, page)
    (row,) = page.sections[0].rows
    assert row.action_url == f"{NEW}?of={made.pk}"
    with override("en"):
        assert str(row.facts[0]) == "given back, to count anew"
    counted(office, replaces=made)
    (due,) = facts.due(office.cashier, office.school)
    assert due.given_back is None


def test_long_reasons_still_fit_on_one_sheet(client, office):
    """The signatures stay below what they are for."""
    every = {one.value: 1 for one in shipped()}
    made = counted(office, every, reason="因找零差错" * 60)
    client.force_login(office.principal)
    printed(client, made)
    actions.give_back(made, reason="没有当面点" * 60, by=office.principal)
    printed(client, made)
    again = counted(office, every, reason="因找零差错" * 60)
    printed(client, actions.confirm(again, by=office.principal))

"""A voucher on its way: reviewed, sent back, posted, several at once, written off and put right."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from finance.ledger import actions
from finance.ledger.models import Posting, Voucher
from tests.finance.ledger_factories import BUDGET_MONEY, BUDGET_SPENT, CASH, EXPENSE, Office
from tests.finance.voucher_typing import page, step, typed

pytestmark = pytest.mark.django_db
State = Voucher.State


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def desk(client, office):
    client.force_login(office.accountant)
    return client


@pytest.fixture
def chief(client, office):
    client.force_login(office.chief)
    return client


def test_the_chief_accountant_reviews_and_posts(chief, office):
    office.opening()
    voucher = office.payment()
    actions.submit(voucher, by=office.accountant)
    home = chief.get("/").text
    assert "购粉笔" in home
    assert reverse("finance:ledger:review", args=[voucher.pk]) in page(chief, voucher)
    step(chief, voucher, "review")
    step(chief, voucher, "post")
    voucher.refresh_from_db()
    assert voucher.state == State.POSTED
    assert "付字第1号" in page(chief, voucher)


def test_review_and_post_at_once_or_not_at_all(chief, office):
    voucher = office.payment()  # no money is there yet
    actions.submit(voucher, by=office.accountant)
    step(chief, voucher, "review_and_post")
    voucher.refresh_from_db()
    assert voucher.state == State.SUBMITTED
    office.opening(on=date(2026, 1, 1))
    step(chief, voucher, "review_and_post")
    voucher.refresh_from_db()
    assert voucher.state == State.POSTED


def test_nobody_reviews_what_they_wrote(chief, office):
    voucher = office.payment(by=office.chief)
    actions.submit(voucher, by=office.chief)
    assert reverse("finance:ledger:review", args=[voucher.pk]) not in page(chief, voucher)
    step(chief, voucher, "review")
    voucher.refresh_from_db()
    assert voucher.state == State.SUBMITTED


def test_what_goes_back_says_why(chief, office):
    voucher = office.payment()
    actions.submit(voucher, by=office.accountant)
    refused = step(chief, voucher, "send_back", {"reason": " "})
    assert refused.status_code == 422
    assert [error.code for error in refused.context["form"].errors.as_data()["reason"]] == ["reason_missing"]
    step(chief, voucher, "send_back", {"reason": "附件少一张"})
    chief.force_login(office.accountant)
    assert "附件少一张" in chief.get("/").text
    assert "附件少一张" in page(chief, voucher)
    assert "购粉笔" in chief.get(reverse("finance:ledger:vouchers") + "?chip=returned").text


def test_the_course_says_who_did_what_when(chief, office):
    office.opening()
    voucher = office.payment()
    actions.submit(voucher, by=office.accountant)
    actions.send_back(voucher, reason="附件少一张", by=office.chief)
    posting = office.post(voucher)
    shown = chief.get(reverse("finance:ledger:voucher", args=[voucher.pk])).context["moments"]
    assert [(moment.who, bool(moment.facts), moment.said) for moment in shown] == [
        (str(office.accountant), True, ""),
        (str(office.chief), True, "附件少一张"),
        (str(office.chief), True, ""),
        (str(office.chief), True, ""),
    ]
    red = actions.draft_reversal(posting, date=date(2026, 3, 5), reason="重复入账", by=office.accountant)
    assert "重复入账" in page(chief, red)


def test_a_voucher_costs_the_same_however_many_lines_it_has(chief, office):
    few = office.payment()
    lines = [office.line(EXPENSE, 1, 0, "很多行") for _ in range(30)] + [office.line(CASH, 0, 30)]
    many = office.draft(*lines)
    counts = []
    for voucher in (few, few, many):
        with CaptureQueriesContext(connection) as captured:
            page(chief, voucher)
        counts.append(len(captured))
    assert counts[1] == counts[2]
    assert counts[1] <= 12, captured.captured_queries


def test_several_are_posted_in_the_order_of_their_dates(chief, office):
    office.opening()
    late, early = office.payment(10, on=date(2026, 3, 9)), office.payment(20, on=date(2026, 3, 2))
    for voucher in (late, early):
        office.reviewed(voucher)
    assert "checkbox" in chief.get(reverse("finance:ledger:vouchers") + "?chip=post").text
    chief.post(reverse("finance:ledger:post_several"), {"voucher": [late.pk, early.pk]})
    numbers = Posting.objects.filter(kind="payment").order_by("number")
    assert [posting.voucher_id for posting in numbers] == [early.pk, late.pk]


def test_of_several_none_is_posted_when_one_is_refused(chief, office):
    office.opening(15)
    vouchers = [office.reviewed(office.payment(10)), office.reviewed(office.payment(10))]
    response = chief.post(
        reverse("finance:ledger:post_several"), {"voucher": [voucher.pk for voucher in vouchers]}, follow=True
    )
    assert not Posting.objects.filter(kind="payment").exists()
    assert "购粉笔" in response.text


def test_a_posted_voucher_is_written_off_by_two_people(desk, office):
    office.opening()
    posting = office.post(office.payment())
    address = reverse("finance:ledger:reverse", args=[posting.voucher_id])
    assert address in page(desk, posting.voucher)
    assert desk.get(address).status_code == 200
    data = {"date": "2026-03-05", "reason": ""}
    refused = desk.post(address, data)
    assert [error.code for error in refused.context["form"].errors.as_data()["reason"]] == ["reason_missing"]
    response = desk.post(address, data | {"reason": "重复"})
    red = Voucher.objects.get(reverses=posting)
    assert response.url == reverse("finance:ledger:voucher", args=[red.pk])
    assert (red.state, red.prepared_by) == (State.SUBMITTED, office.accountant)
    # While it waits, the wrong one says so and offers no second one; the red one is not copied or changed.
    shown = page(desk, posting.voucher)
    assert response.url in shown
    assert address not in shown
    shown = desk.get(response.url).text
    assert "注销3月2日付字1号凭证" in shown
    assert reverse("finance:ledger:update", args=[red.pk]) not in shown
    # A second tap writes nothing, and leads back to what was written off.
    response = desk.post(address, data | {"reason": "重复"})
    assert response.url == reverse("finance:ledger:voucher", args=[posting.voucher_id])
    assert Voucher.objects.filter(reverses=posting).count() == 1
    step(desk, red, "review")
    red.refresh_from_db()
    assert red.state == State.SUBMITTED
    desk.force_login(office.chief)
    step(desk, red, "review_and_post")
    reversal = Posting.objects.get(reverses=posting)
    assert (reversal.prepared_by, reversal.reviewed_by) == (office.accountant, office.chief)
    assert "付字第2号" in page(desk, posting.voucher)


def test_the_form_that_puts_right_begins_with_the_wrong_lines(desk, office):
    office.opening()
    posting = office.post(office.payment(100))
    address = reverse("finance:ledger:correct", args=[posting.voucher_id])
    shown = desk.get(address)
    assert "订正3月2日付字1号凭证" in shown.text
    lines = [("", EXPENSE, "90", ""), ("", CASH, "", "90"), ("", BUDGET_SPENT, "90", ""), ("", BUDGET_MONEY, "", "90")]
    lines[0] = ("订正3月2日付字1号凭证", *lines[0][1:])
    response = desk.post(address, typed(lines, date="2026-03-03"))
    right = Voucher.objects.get(corrects=posting)
    assert response.url == reverse("finance:ledger:voucher", args=[right.pk])
    assert right.state == State.SUBMITTED
    # Not posted yet: nothing is written off, and nobody else begins to put it right.
    assert not Posting.objects.filter(reverses=posting).exists()
    assert [error.code for error in desk.post(address, typed(lines)).context["form"].non_field_errors().as_data()] == [
        "undoing_waits"
    ]
    office.chief_posts(right)
    assert office.balance(CASH) == Decimal("910.00")
    assert Posting.objects.get(reverses=posting).prepared_by == office.accountant
    assert desk.get(address).status_code == 302


def test_the_accountant_puts_right_through_review(desk, office):
    office.opening()
    posting = office.post(office.payment(100))
    address = reverse("finance:ledger:correct", args=[posting.voucher_id])
    lines = [("订正", EXPENSE, "90", ""), ("", CASH, "", "90")]
    desk.post(address, typed(lines, date="2026-03-03"))
    voucher = Voucher.objects.get(corrects=posting, state=State.SUBMITTED)
    desk.force_login(office.chief)
    step(desk, voucher, "review_and_post")
    assert Posting.objects.filter(reverses=posting).exists()

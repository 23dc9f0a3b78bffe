"""What must never be false of a purchase holds even against plain SQL."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from finance.purchases.models import PurchaseSettings, State
from tests.finance.purchase_factories import Buyers, desks

pytestmark = pytest.mark.django_db


def violates(name, statement, *params):
    with pytest.raises(IntegrityError) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert name in str(raised.value)


REQUEST = "UPDATE finance_purchaserequest SET {} WHERE id = %s"


@pytest.mark.parametrize(
    ("state", "change", "name"),
    [
        (State.DRAFT, "state = 'eaten'", "finance_purchaserequest_state"),
        (State.DRAFT, "kind = 'wishes'", "finance_purchaserequest_kind"),
        (State.DRAFT, "total = -1", "finance_purchaserequest_total"),
        (State.DRAFT, "state = 'submitted', submitted_at = NULL", "finance_purchaserequest_complete"),
        (State.SUBMITTED, "budget_line_id = NULL", "finance_purchaserequest_complete"),
        (State.SUBMITTED, "purpose = ''", "finance_purchaserequest_complete"),
        (State.SUBMITTED, "needed_on = NULL", "finance_purchaserequest_complete"),
        (State.SUBMITTED, "total = 0", "finance_purchaserequest_complete"),
        (State.SUBMITTED, "state = 'approved'", "finance_purchaserequest_approved_at"),
        (State.SUBMITTED, "is_emergency = true", "finance_purchaserequest_emergency"),
    ],
)
def test_a_request_keeps_its_rules(state, change, name):
    request = Buyers().request(state)
    violates(name, REQUEST.format(change), request.pk)


def test_a_number_is_given_once_a_school():
    buyers = Buyers()
    first, second = buyers.request(), buyers.request()
    violates("finance_purchaserequest_number", REQUEST.format("number = %s"), first.number, second.pk)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("quantity = 0, amount = 0", "finance_purchaseline_quantity"),
        ("unit_price = -1, amount = -48", "finance_purchaseline_price"),
        ("market_price = 0", "finance_purchaseline_price"),
        ("amount = amount + 0.01", "finance_purchaseline_amount"),
        ("quantity = 1.5, amount = 207", "finance_purchaseline_whole"),
    ],
)
def test_a_line_keeps_its_rules(change, name):
    line = Buyers().request(line={"is_equipment": True}).lines.get()
    violates(name, f"UPDATE finance_purchaseline SET {change} WHERE id = %s", line.pk)


def test_two_lines_do_not_share_a_place():
    request = Buyers().request(lines=[desks(), desks()])
    violates(
        "finance_purchaseline_position",
        "UPDATE finance_purchaseline SET position = 1 WHERE request_id = %s",
        request.pk,
    )


INSERT = "INSERT INTO finance_quote (line_id, position, supplier_name, price) VALUES (%s, %s, %s, %s)"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ((4, "乙", 5), "finance_quote_three"),
        ((1, "乙", 5), "finance_quote_position"),
        ((2, "甲", 5), "finance_quote_supplier"),
        ((2, "乙", 0), "finance_quote_price"),
    ],
)
def test_a_quote_keeps_its_rules(values, name):
    line = Buyers().request().lines.get()
    line.quotes.create(position=1, supplier_name="甲", price=5)
    violates(name, INSERT, line.pk, *values)


def test_the_days_of_notice_have_bounds():
    settings = PurchaseSettings.objects.create(school=Buyers().school)
    violates(
        "finance_purchasesettings_lead", "UPDATE finance_purchasesettings SET lead_days = 0 WHERE id = %s", settings.pk
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finance_purchasestep SET note = 'x'",
        "DELETE FROM finance_purchasestep",
        "TRUNCATE finance_purchasestep",
    ],
)
def test_the_course_is_only_added_to(statement):
    Buyers().request()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

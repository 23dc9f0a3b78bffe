"""Every refusal has a sentence, those of the database included; nothing that is typed ends in an error page."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.db import IntegrityError, connection, transaction

from finance.ledger import actions, rules
from finance.ledger.actions import Line
from finance.ledger.guards import GUARDS
from finance.ledger.models import Entry
from houqin.errors import Refused
from houqin.history.labels import result_label
from houqin.web.constraints import violation
from tests.finance.ledger_factories import CASH, YEAR, Office
from tests.finance.outcomes import as_reviewed

pytestmark = pytest.mark.django_db

FUNCTIONS = "SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc LIKE %s"
ARGUMENTS = """
    SELECT encode(tgargs, 'escape') FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE proname = 'finance_refuse_row'
"""


def raised(function, pattern):
    """The codes that functions of the database raise by calling another one."""
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS, [f"%{function}(%"])
        calls = [call for (body,) in cursor.fetchall() for call in re.findall(rf"{function}\((.*?)\);", body, re.S)]
    return {code for call in calls for code in re.findall(pattern, call, re.S)}


def test_every_refusal_of_posting_has_its_sentence_and_its_name_in_the_log():
    codes = raised("finance_refuse_posting", r"(?:^|THEN |ELSE )'([a-z_]+)'")
    assert {"not_written_off", "fees_spent", "already_posted", "not_reviewed", "period_missing"} <= codes
    assert codes - set(rules.SENTENCES) == set()
    assert [code for code in rules.SENTENCES if result_label(code) == code] == []


def test_every_rule_of_the_guards_has_its_sentence():
    with connection.cursor() as cursor:
        cursor.execute(ARGUMENTS)
        codes = {row[0].removesuffix("\\000") for row in cursor.fetchall()}
    assert "finance_ledger_not_empty" in codes
    codes |= raised("finance_ledger_refuse", r"'(finance_[a-z_]+)'")
    codes -= {f"finance_post_{code}" for code in rules.SENTENCES}
    assert {"finance_period_follows", "finance_voucherscan_voided", "finance_bankaccount_closed_early"} <= codes
    assert codes ^ set(GUARDS) == set()


def test_a_form_says_the_sentence_of_a_guard():
    office = Office()
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE finance_ledger SET carried_through = 2026 WHERE id = %s", [office.ledger.pk])
    said = violation(forms.Form(), refused.value)
    assert (said.code, said.messages) == ("finance_ledger_year_open", [str(GUARDS["finance_ledger_year_open"])])


def refused(action, *args, **kwargs):
    """The code and the sentence of the refusal."""
    with pytest.raises(Refused) as caught, transaction.atomic():
        action(*args, **kwargs)
    assert "%(" not in caught.value.sentence
    return caught.value.code


@pytest.mark.parametrize(
    "amount", ["0.001", "12.345", "NaN", "-NaN", "sNaN", "Infinity", "-Infinity", "1e12", "-1000000000000", "1e99"]
)
def test_amounts_that_no_column_holds_are_refused_in_words(amount):
    office = Office()
    assert refused(office.payment, Decimal(amount)) == "amount_wrong"


def test_floats_are_no_amounts_but_whole_numbers_are():
    office = Office()
    paid = [Line(office.account(CASH), credit=0.1), Line(office.account("500102"), 0.1, summary="x")]
    assert refused(office.draft, *paid[::-1]) == "amount_wrong"
    assert office.draft(Line(office.account("500102"), 5, 0, "x"), Line(office.account(CASH), 0, 5)).total == 5


def test_amounts_that_are_too_large_together_are_refused():
    assert refused(Office().payment, Decimal("999999999999.99")) == "amount_wrong"


def test_the_largest_amounts_are_booked_until_the_balance_is_full():
    """Thirteen figures before the point fit into the columns of the books, and no more."""
    office = Office()
    lines = [office.line(CASH, "999999999999.99", 0, "拨款"), office.line("230790", 0, "999999999999.99")]
    first = office.post(office.draft(*lines, kind="receipt"))
    assert first.entries.get(account__code=CASH).balance == Decimal("999999999999.99")
    head = office.account(CASH).head
    with connection.cursor() as cursor:
        cursor.execute("UPDATE finance_accounthead SET balance = 99999999999999 WHERE id = %s", [head.pk])
    assert refused(actions.submit, office.receipt(1), by=office.accountant) == "balance_too_large"


def test_what_overflows_after_the_review_is_refused_in_words_too():
    office = Office()
    voucher = as_reviewed(office, office.receipt(1))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE finance_accounthead SET balance = 99999999999999.99 WHERE ledger_id = %s", [office.ledger.pk]
        )
    assert refused(actions.post, voucher, by=office.chief) == "balance_too_large"
    assert not Entry.objects.exists()


def test_lines_and_attachments_have_a_limit_in_words():
    office = Office()
    line = office.line(CASH, 1, 0, "x")
    many = [line] * (rules.MOST_LINES + 1)
    assert refused(office.draft, *many) == "too_many_lines"
    for number in (-1, rules.MOST_ATTACHMENTS + 1, 40_000):
        assert refused(office.payment, 5, attachments=number) == "attachments_wrong"
    most = [Line(line.account, Decimal(1)), *[Line(line.account, Decimal(0), Decimal(1))] * (rules.MOST_LINES - 1)]
    voucher = office.draft(Line(line.account, Decimal(1), summary="x"), *most[1:], on=date(YEAR, 3, 3))
    assert voucher.lines.count() == rules.MOST_LINES

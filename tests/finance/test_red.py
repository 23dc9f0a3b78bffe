"""What writes a posting off is that posting in red; the posting function asks by itself."""

from datetime import date

import pytest
from django.db import connection

from finance.ledger import actions
from finance.ledger.actions.undoing import written_off
from finance.ledger.models import Posting
from houqin.errors import Refused
from tests.finance.ledger_factories import CASH, YEAR, Office

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("change", ["amount", "line", "none"])
def test_red_has_the_lines_of_its_posting(change):
    office = Office()
    office.opening(1000)
    wrong = office.post(office.receipt(100))
    red = written_off(wrong, date=date(YEAR, 3, 3), by=office.accountant)
    if change == "amount":
        red.lines.filter(debit__lt=0).update(debit=-5)
        red.lines.filter(credit__lt=0).update(credit=-5)
    elif change == "line":
        red.lines.create(position=3, account=office.account(CASH), debit=5, summary="x")
        red.lines.create(position=4, account=office.account("230790"), credit=5, summary="x")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE finance_voucher SET state = 'submitted' WHERE id = %s", [red.pk])
    red.refresh_from_db()
    reviewed = actions.review(red, by=office.chief)
    if change == "none":
        assert actions.post(reviewed, by=office.chief).reverses == wrong
        return
    with pytest.raises(Refused) as refusal:
        actions.post(reviewed, by=office.chief)
    assert refusal.value.code == "not_red"
    assert not Posting.objects.filter(reverses=wrong).exists()

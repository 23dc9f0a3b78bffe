"""Lines and scans are those that were reviewed, even when somebody changes them at the same moment."""

from datetime import date
from threading import Thread

import pytest
from django.db import connection, transaction

from finance.ledger import actions
from finance.ledger.models.scans import VoucherScan
from houqin.files.models import StoredFile
from tests.finance.ledger_factories import YEAR, Office, settle
from tests.finance.outcomes import outcome


def scanned(office):
    """A draft with a scan."""
    voucher = office.payment(5, on=date(YEAR, 3, 3))
    token = f"scan{voucher.pk}"
    fields = {"name": "发票.pdf", "pages": 1, "size": 1, "sha256": "0" * 64, "token": token, "stored_path": token}
    file = StoredFile.objects.create(kind="pdf", school=office.school, uploaded_by=office.accountant, **fields)
    VoucherScan.objects.create(voucher=voucher, file=file)
    return voucher


CHANGES = [
    ("UPDATE finance_voucherline SET summary = summary || '!' WHERE voucher_id = %s", "finance_voucherline_not_draft"),
    ("DELETE FROM finance_voucherline WHERE voucher_id = %s", "finance_voucherline_not_draft"),
    (
        "INSERT INTO finance_voucherline (voucher_id, position, summary, account_id, debit, credit)"
        " SELECT voucher_id, 99, 'x', account_id, 1, 0 FROM finance_voucherline WHERE voucher_id = %s LIMIT 1",
        "finance_voucherline_not_draft",
    ),
    ("DELETE FROM finance_voucherscan WHERE voucher_id = %s", "finance_voucherscan_not_draft"),
]


def in_another_connection(work):
    """Begin something that another person does; what it says stands in the list once it is done."""
    said = []

    def run():
        try:
            said.append(work())
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread, said


@pytest.mark.parametrize(("statement", "rule"), CHANGES)
def test_a_change_waits_for_who_hands_the_voucher_in(committing_db, statement, rule):
    office = Office()
    voucher = scanned(office)
    with transaction.atomic():
        actions.submit(voucher, by=office.accountant)
        thread, said = in_another_connection(lambda: outcome(statement, voucher.pk))
        thread.join(0.5)
        assert said == []
    thread.join()
    assert said == [rule]


@pytest.mark.parametrize(("statement", "_rule"), CHANGES)
def test_who_hands_the_voucher_in_waits_for_a_change(committing_db, statement, _rule):
    office = Office()
    voucher = scanned(office)
    with transaction.atomic():
        assert outcome(statement, voucher.pk) == "done"
        thread, said = in_another_connection(
            lambda: outcome("UPDATE finance_voucher SET state = 'submitted' WHERE id = %s", voucher.pk)
        )
        thread.join(0.5)
        assert said == []
    thread.join()
    assert said == ["done"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE finance_voucherscan SET voucher_id = voucher_id", "finance_voucherscan_fixed"),
        ("UPDATE finance_voucherscan SET added_at = now()", "finance_voucherscan_fixed"),
        ("DELETE FROM finance_voucherscan", "finance_voucherscan_not_draft"),
        ("TRUNCATE finance_voucherscan", "finance_voucherscan_no_truncate"),
    ],
)
def test_scans_of_what_is_reviewed_stay(statement, rule):
    office = Office()
    office.opening(100)
    office.reviewed(scanned(office))
    settle()
    assert outcome(statement) == rule


@pytest.mark.django_db
def test_nothing_is_attached_to_what_was_given_up():
    office = Office()
    voucher, other = scanned(office), scanned(office)
    actions.void(voucher, by=office.accountant)
    moved = "INSERT INTO finance_voucherscan (voucher_id, file_id, added_at) SELECT %s, file_id, added_at"
    gone = "WITH gone AS (DELETE FROM finance_voucherscan WHERE voucher_id = %s RETURNING *)"
    assert outcome(f"{gone} {moved} FROM gone", other.pk, voucher.pk) == "finance_voucherscan_voided"

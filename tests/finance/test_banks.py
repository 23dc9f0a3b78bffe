"""Bank accounts (S109): only approved ones of central schools, and money of the books only through them."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from finance.banks import actions as banks
from finance.banks.models import BankAccount
from finance.ledger import actions
from houqin.errors import Refused
from houqin.schools.middleware import SESSION_KEY
from tests.finance.ledger_factories import BANK, CASH, SURPLUS, Office, register_bank
from tests.finance.outcomes import refused
from tests.schools.factories import make_person

pytestmark = pytest.mark.django_db

SECOND = "100202"


@pytest.fixture
def office():
    return Office(at="central")


def typed(account, **changes):
    """What a person types to register an account."""
    values = {
        "form_key": str(uuid.uuid4()),
        "account": account.pk,
        "purpose": "special",
        "bank": "农村信用社太平分社",
        "number": "6220 1800-１２３４ 5678",
        "approval": "教财〔2024〕3号",
        "approved_on": "2024-03-01",
    }
    return values | changes


def test_an_account_of_bank_deposits_opens_with_its_registration_and_closes_with_it(office):
    assert office.account(SECOND).closed
    lines = [office.line(SECOND, 5, 0, "上年结转"), office.line(SURPLUS, 0, 5)]
    voucher = office.draft(*lines, kind="opening", on=office.ledger.opened_on)
    assert refused(actions.submit, voucher, by=office.accountant) == "account_closed"
    made = register_bank(office.account(SECOND), by=office.chief)
    assert refused(actions.close_account, office.account(SECOND), by=office.chief) == "bank_registered"
    office.post(voucher)
    assert refused(banks.close, made, closed_on=date(2026, 3, 1), reason="并户", by=office.chief) == "balance_left"
    office.post(office.draft(office.line(SURPLUS, 5, 0, "并户"), office.line(SECOND, 0, 5), kind="payment"))
    waiting = office.draft(office.line(SECOND, 5, 0, "利息"), office.line(SURPLUS, 0, 5), kind="receipt")
    assert refused(banks.close, made, closed_on=date(2026, 3, 1), reason="并户", by=office.chief) == "account_drafted"
    actions.void(waiting, by=office.accountant)
    today = timezone.localdate()
    assert refused(banks.close, made, closed_on=today, reason=" ", by=office.chief) == "reason_missing"
    late = today + timedelta(days=1)
    assert refused(banks.close, made, closed_on=late, reason="并户", by=office.chief) == "closed_in_future"
    banks.close(made, closed_on=today, reason="并户", by=office.chief)
    assert office.account(SECOND).closed
    assert refused(banks.close, made, closed_on=today, reason="并户", by=office.chief) == "bank_account_closed"
    # The same account in the books may stand for another one at a bank later.
    assert register_bank(office.account(SECOND), by=office.chief, number="6220180099999999").closed_on is None


def test_who_may_not_register_what_and_where(office):
    account = office.account(SECOND)
    assert refused(register_bank, account, by=office.accountant) == "not_allowed"
    assert refused(register_bank, office.account(CASH), by=office.chief) == "not_a_bank"
    assert refused(register_bank, office.account(BANK), by=office.chief) == "registered_already"
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert refused(register_bank, account, by=office.chief, approved_on=tomorrow) == "approved_in_future"
    campus = actions.open_ledger(office.campus, kind="main", year=2026, by=office.chief)
    theirs = campus.accounts.select_related("ledger__school").get(code=BANK)
    assert refused(register_bank, theirs, by=office.chief) == "campus_bank"


def test_what_is_registered_is_put_right_with_a_trail(office):
    made = BankAccount.objects.get()
    banks.change(
        made, purpose="basic", bank="工商银行", number="6220180012345678", approval=made.approval,
        approved_on=made.approved_on, by=office.chief,
    )  # fmt: skip
    assert BankAccount.objects.get().bank == "工商银行"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM finance_bankaccountevent WHERE pgh_obj_id = %s", [made.pk])
        assert cursor.fetchone() == (2,)


def test_an_account_added_below_bank_deposits_waits_for_its_registration(office):
    account = actions.add_account(office.account("1002"), code="100205", name="专户", by=office.chief)
    assert account.closed
    assert refused(actions.reopen_account, account, by=office.chief) == "bank_unregistered"


def test_a_bank_account_was_not_closed_before_its_last_entry(office):
    bank = BankAccount.objects.get(account__code=BANK)
    for debit, on in ((100, date(2026, 2, 1)), (-100, date(2026, 3, 2))):
        lines = [office.line(BANK, debit, 0, "拨款"), office.line("3001", 0, debit)]
        office.post(office.draft(*lines, kind="receipt", on=on))
    close = {"reason": "并户", "by": office.chief}
    with pytest.raises(Refused) as refusal:
        banks.close(bank, closed_on=date(2026, 3, 1), **close)
    assert refusal.value.code == "closed_before_entry"
    by_hand = "UPDATE finance_account SET closed = true WHERE id = %s"
    with pytest.raises(IntegrityError, match="finance_bankaccount_closed_early"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(by_hand, [bank.account_id])
        BankAccount.objects.filter(pk=bank.pk).update(closed_on=date(2026, 3, 1), closed_reason="并户")
    assert banks.close(bank, closed_on=date(2026, 3, 2), **close).closed_on == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("UPDATE finance_account SET closed = false WHERE code = '100202'", "finance_account_bank_registered"),
        ("UPDATE finance_bankaccount SET closed_on = current_date, closed_reason = '无'", "still_open"),
        ("UPDATE finance_bankaccount SET approval = ''", "finance_bankaccount_approved"),
        ("UPDATE finance_bankaccount SET number = '12'", "finance_bankaccount_digits"),
        ("UPDATE finance_bankaccount SET account_id = (SELECT id FROM finance_account WHERE code = '100101')", "below"),
    ],
)
def test_the_database_refuses_by_itself(office, sql, constraint):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert constraint in str(refusal.value)


def test_a_campus_gets_no_bank_account_by_plain_sql(office):
    campus = actions.open_ledger(office.campus, kind="main", year=2026, by=office.chief)
    theirs = campus.accounts.get(code=BANK)
    values = {"bank": "农行", "number": "62201800777", "approval": "无", "approved_on": date(2024, 1, 1)}
    with pytest.raises(IntegrityError, match="finance_bankaccount_central"), transaction.atomic():
        BankAccount.objects.create(account=theirs, registered_by=office.chief, **values)
    with pytest.raises(IntegrityError, match="finance_account_bank_registered"), transaction.atomic():
        campus.accounts.filter(code=BANK).update(closed=False)


def test_the_register_is_kept_in_the_browser(client, office):
    client.force_login(office.chief)
    assert client.get("/banks/").status_code == 200
    session = client.session
    session[SESSION_KEY] = office.central.pk
    session.save()
    assert client.get("/banks/new/").status_code == 200
    account = office.account(SECOND)
    wrong = client.post("/banks/new/", typed(account, number="12", approval=""))
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"number", "approval"}
    answer = client.post("/banks/new/", typed(account))
    made = BankAccount.objects.get(account=account)
    assert (answer.status_code, answer.url, made.number) == (302, made.get_absolute_url(), "6220180012345678")
    assert client.get(made.get_absolute_url()).status_code == 200
    changed = typed(account, bank="农业银行太平支行")
    assert client.post(f"{made.get_absolute_url()}change/", changed).status_code == 302
    closing = {"closed_on": "2024-01-01", "closed_reason": "并户"}
    refusal = client.post(f"{made.get_absolute_url()}close/", closing)
    assert refusal.status_code == 422
    assert client.post(f"{made.get_absolute_url()}close/", closing | {"closed_on": "2024-06-01"}).status_code == 302
    assert "并户" in client.get(made.get_absolute_url()).content.decode()
    client.force_login(office.accountant)
    assert client.get("/banks/").context["may_register"] is False
    assert client.get("/banks/new/").status_code == 403


def test_who_looks_at_all_schools_reads_whether_they_agree_and_finds_the_way_to_register(client, office):
    client.force_login(office.chief)
    page = client.get("/banks/")
    assert [one.campus for one in page.context["agreements"]] == [office.campus]
    assert page.context["may_register"] is True
    client.force_login(make_person(office.campus, "accountant"))
    page = client.get("/banks/")
    assert (page.context["agreements"], page.context["may_register"]) == ([], False)


def test_the_register_costs_the_same_for_any_number_of_accounts(client, office, django_assert_max_num_queries):
    client.force_login(office.chief)
    client.get("/banks/")
    for number in range(6):
        account = actions.add_account(
            office.account("1002"), code=f"10021{number}", name=f"专户{number}", by=office.chief
        )
        register_bank(account, by=office.chief)
    with django_assert_max_num_queries(13):
        assert len(client.get("/banks/").context["rows"]) == 7


def test_only_a_central_school_is_offered_and_a_campus_is_refused_in_words(client, office):
    client.force_login(office.chief)
    assert client.get("/banks/new/").context["schools"] == [office.central]
    campus = actions.open_ledger(office.campus, kind="main", year=2026, by=office.chief)
    theirs = typed(campus.accounts.get(code=BANK))
    # By hand, at all schools, at the campus, and at the central school for an account of the campus.
    assert client.post("/banks/new/", theirs).status_code == 200
    for school, status in ((office.campus, 403), (office.central, 422)):
        session = client.session
        session[SESSION_KEY] = school.pk
        session.save()
        answer = client.post("/banks/new/", theirs)
        assert answer.status_code == status
    assert set(answer.context["form"].errors) == {"account"}
    assert not BankAccount.objects.filter(account__ledger=campus).exists()
    assert refused(register_bank, campus.accounts.get(code=BANK), by=office.chief) == "campus_bank"
    # Who may not register any is not sent to another school for it.
    client.force_login(make_person(office.campus, "accountant"))
    client.cookies["django_language"] = "en"
    assert "It is for: chief accountant" in client.get("/banks/new/").content.decode()

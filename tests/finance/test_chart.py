"""The chart of accounts: found, divided, renamed, closed and opened again; what decides over postings stays."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from finance.ledger import actions
from finance.ledger.account_forms import next_code
from finance.ledger.accounts import Accounts
from finance.ledger.models import AccountHead, Ledger, Voucher
from finance.ledger.verify import verify
from houqin.accounts.models import User
from houqin.errors import NotAllowed, Refused
from houqin.history.models import ActionLog
from houqin.schools.middleware import SESSION_KEY
from tests.finance.ledger_factories import BANK, CASH, EXPENSE, YEAR, Office
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db
DEBT = "2001"


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def chief(client, office):
    client.force_login(office.chief)
    session = client.session
    session[SESSION_KEY] = office.school.pk
    session.save()
    return client


def refused(action, *given, **named):
    with pytest.raises((Refused, NotAllowed)) as refusal, transaction.atomic():
        action(*given, **named)
    return refusal.value.code


def add(office, code, name, below=EXPENSE, **by):
    return actions.add_account(office.account(below), code=code, name=name, by=by.get("by", office.chief))


# --- adding


def test_an_account_below_inherits_what_decides_over_postings(office):
    parent = office.account(EXPENSE)
    account = add(office, f"{EXPENSE}01", " 办公费 ")
    parent.refresh_from_db()
    assert (account.name, account.full_name) == ("办公费", "业务活动费用-商品和服务费用-办公费")
    assert (account.half, account.category, account.normal) == (parent.half, parent.category, parent.normal)
    assert (account.is_leaf, parent.is_leaf) == (True, False)
    assert AccountHead.objects.filter(account=account).exists()
    assert ActionLog.objects.filter(code="finance.add_account", user=office.chief).exists()
    below_cash = add(office, f"{CASH}01", "备用金", below=CASH)
    assert (below_cash.is_money, below_cash.never_negative, below_cash.bound_book) == (True, True, True)


@pytest.mark.parametrize(
    ("code", "name", "why"),
    [
        ("5001021", "办公费", "wrong_account_code"),
        ("500102001", "办公费", "wrong_account_code"),
        ("50010301", "办公费", "wrong_account_code"),
        ("500102０1", "办公费", "wrong_account_code"),
        ("50010201", " ", "name_missing"),
    ],
)
def test_codes_have_two_digits_more_on_each_level(office, code, name, why):
    assert refused(add, office, code, name) == why


def test_an_account_stands_once(office):
    add(office, f"{EXPENSE}01", "办公费")
    assert refused(add, office, f"{EXPENSE}01", "印刷费") == "code_taken"
    assert refused(add, office, f"{EXPENSE}02", "办公费") == "name_taken"
    assert next_code(office.account(EXPENSE)) == f"{EXPENSE}02"


def test_levels_end_somewhere(office):
    add(office, f"{EXPENSE}01", "一", below=EXPENSE)
    add(office, f"{EXPENSE}0101", "二", below=f"{EXPENSE}01")
    add(office, f"{EXPENSE}010101", "三", below=f"{EXPENSE}0101")
    assert refused(add, office, f"{EXPENSE}01010101", "四", below=f"{EXPENSE}010101") == "wrong_account_code"


def test_what_is_posted_or_drafted_to_is_not_divided(office):
    draft = office.payment()
    assert refused(add, office, f"{EXPENSE}01", "办公费") == "parent_used"
    actions.void(draft, by=office.accountant)
    office.opening()
    assert refused(add, office, f"{CASH}01", "备用金", below=CASH) == "parent_used"
    add(office, f"{EXPENSE}01", "办公费")
    # A parent is not posted to any more.
    draft = office.payment()
    assert refused(actions.submit, draft, by=office.accountant) == "account_not_leaf"


def test_nothing_stands_below_a_closed_account(office):
    actions.close_account(office.account(EXPENSE), by=office.chief)
    assert refused(add, office, f"{EXPENSE}01", "办公费") == "parent_closed"


@pytest.mark.parametrize("person", ["accountant", "cashier", "principal"])
def test_only_the_chief_accountant_keeps_the_chart(office, person):
    by = getattr(office, person)
    account = office.account(EXPENSE)
    assert refused(add, office, f"{EXPENSE}01", "办公费", by=by) == "not_allowed"
    assert refused(actions.rename_account, account, name="别的", by=by) == "not_allowed"
    assert refused(actions.close_account, account, by=by) == "not_allowed"
    assert refused(actions.reopen_account, office.account(DEBT), by=by) == "not_allowed"


# --- renaming


def test_a_new_name_goes_down_to_what_stands_below_and_not_into_the_books(office):
    office.opening()
    posting = office.post(office.payment())
    counter = posting.entries.get(account__code=CASH).counter
    add(office, "50010401", "电脑折旧", below="500104")
    actions.rename_account(office.account("500104"), name="折旧", by=office.chief)
    assert office.account("50010401").full_name == "业务活动费用-折旧-电脑折旧"
    assert "zjdnzj" in office.account("50010401").search_text
    actions.rename_account(office.account(EXPENSE), name="商品服务", by=office.chief)
    assert posting.entries.get(account__code=CASH).counter == counter
    assert verify(office.ledger) is None
    log = ActionLog.objects.filter(code="finance.rename_account").latest("pk")
    assert "商品和服务费用 → 商品服务" in str(log.detail)


def test_names_of_the_accounting_system_stay(office):
    assert refused(actions.rename_account, office.account("1218"), name="欠款", by=office.chief) == "standard_account"
    account = office.account(EXPENSE)
    assert refused(actions.rename_account, account, name=" ", by=office.chief) == "name_missing"
    other = office.account("500104").name
    assert refused(actions.rename_account, account, name=other, by=office.chief) == "name_taken"
    # Its own name is nobody else's.
    actions.rename_account(account, name=account.name, by=office.chief)


# --- closing, opening again


def test_an_account_is_closed_and_opened_again(office):
    account = actions.close_account(office.account(EXPENSE), by=office.chief)
    assert account.closed
    assert refused(actions.close_account, account, by=office.chief) == "account_closed"
    assert refused(actions.submit, office.payment(), by=office.accountant) == "account_closed"
    account = actions.reopen_account(account, by=office.chief)
    assert not account.closed
    assert refused(actions.reopen_account, account, by=office.chief) == "account_open"
    codes = set(ActionLog.objects.filter(user=office.chief).values_list("code", flat=True))
    assert {"finance.close_account", "finance.reopen_account"} <= codes


def test_what_is_in_use_is_not_closed(office):
    office.opening()
    assert refused(actions.close_account, office.account(CASH), by=office.chief) == "balance_left"
    assert refused(actions.close_account, office.account("1001"), by=office.chief) == "open_below"
    office.payment()
    assert refused(actions.close_account, office.account(EXPENSE), by=office.chief) == "account_drafted"


def test_below_a_closed_account_nothing_opens(office):
    add(office, f"{EXPENSE}01", "办公费")
    below = office.account(f"{EXPENSE}01")
    actions.close_account(below, by=office.chief)
    actions.close_account(office.account(EXPENSE), by=office.chief)
    assert refused(actions.reopen_account, below, by=office.chief) == "parent_closed"


@pytest.mark.parametrize("code", [DEBT, "2501", "6501", BANK])
def test_debts_and_a_campus_bank_are_closed_for_good(office, code):
    account = office.account(code)
    assert account.closed
    assert refused(actions.reopen_account, account, by=office.chief) == "not_for_schools"


# --- by SQL


@pytest.mark.parametrize(
    ("change", "code", "constraint"),
    [
        ("closed = false", DEBT, "finance_account_not_for_schools"),
        ("use = 'core'", DEBT, "finance_account_fixed"),
        ("closed = false", BANK, "finance_account_bank_registered"),
        ("code = '500199'", EXPENSE, "finance_account_fixed"),
        ("half = 'budget'", EXPENSE, "finance_account_fixed"),
        ("normal = 'credit'", EXPENSE, "finance_account_fixed"),
        ("category = 'asset'", EXPENSE, "finance_account_fixed"),
        ("is_leaf = false", CASH, "finance_account_used"),
        ("never_negative = false", CASH, "finance_account_fixed"),
        ("code = '100102'", CASH, "finance_account_fixed"),
    ],
)
def test_the_database_refuses(office, change, code, constraint):
    office.opening()
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE finance_account SET {change} WHERE id = %s", [office.account(code).pk])
    assert error.value.__cause__.diag.constraint_name == constraint


# --- pages


def test_the_chart_is_found_by_code_name_and_pinyin(chief, office):
    address = reverse("finance:ledger:chart")
    assert "库存现金" in chief.get(address).text
    for query in ("100101", "现金", "kcxj"):
        found = [row["code"] for row in chief.get(address, {"q": query}).context["rows"]]
        assert CASH in found, query
    for chip, code in (("budget_expense", "7201"), ("closed", DEBT)):
        assert code in [row["code"] for row in chief.get(address, {"chip": chip}).context["rows"]]
    rows = chief.get(address, {"chip": "budget_expense"}).context["rows"]
    assert {row["half"] for row in rows} == {"budget"}


def test_an_account_is_added_renamed_closed_and_opened_from_its_page(chief, office):
    account = office.account(EXPENSE)
    page = reverse("finance:ledger:account", args=[account.pk])
    form = reverse("finance:ledger:add_account", args=[account.pk])
    assert form in chief.get(page).text
    assert chief.get(form).context["form"]["code"].value() == f"{EXPENSE}01"
    wrong = chief.post(form, {"code": "1", "name": "办公费"})
    assert wrong.status_code == 422
    assert "办公费" in wrong.text
    done = chief.post(form, {"code": f"{EXPENSE}01", "name": "办公费"})
    made = office.account(f"{EXPENSE}01")
    assert done.url == reverse("finance:ledger:account", args=[made.pk])
    assert "办公费" in chief.get(page).text
    rename = reverse("finance:ledger:rename_account", args=[made.pk])
    assert chief.get(rename).context["form"]["name"].value() == "办公费"
    chief.post(rename, {"name": "办公用品"})
    chief.post(reverse("finance:ledger:close_account", args=[made.pk]))
    made.refresh_from_db()
    assert (made.name, made.closed) == ("办公用品", True)
    reopen = reverse("finance:ledger:reopen_account", args=[made.pk])
    assert reopen in chief.get(done.url).text
    chief.post(reopen)
    made.refresh_from_db()
    assert not made.closed


def test_a_page_says_why_nothing_can_be_done(chief, office):
    office.opening()
    office.post(office.payment())
    add_below = reverse("finance:ledger:add_account", args=[office.account(CASH).pk])
    assert add_below not in chief.get(reverse("finance:ledger:account", args=[office.account(CASH).pk])).text
    reopen = reverse("finance:ledger:reopen_account", args=[office.account(DEBT).pk])
    assert reopen not in chief.get(reverse("finance:ledger:account", args=[office.account(DEBT).pk])).text
    chief.force_login(office.accountant)
    text = chief.get(reverse("finance:ledger:account", args=[office.account("1218").pk])).text
    assert reverse("finance:ledger:add_account", args=[office.account("1218").pk]) not in text
    chief.force_login(make_person(make_school(), "accountant"))
    assert chief.get(reverse("finance:ledger:account", args=[office.account(CASH).pk])).status_code == 404


# --- a second set of books


def test_the_canteen_has_books_of_its_own(chief, office):
    address = reverse("finance:ledger:open")
    form = chief.get(address).context["form"]
    assert [value for value, _label in form.fields["kind"].choices] == ["canteen"]
    data = {name: form[name].value() for name in form.fields} | {"kind": "canteen"}
    assert data["name"] == f"{office.school.name}食堂"
    assert chief.post(address, data).url == reverse("finance:ledger:periods")
    canteen = Ledger.objects.get(school=office.school, kind="canteen")
    # One goes on in the books that were just opened; both are named, the acting one is marked.
    shown = chief.get(reverse("finance:ledger:periods"))
    assert shown.context["ledger"] == canteen
    assert [(kind, chosen) for kind, _name, chosen in shown.context["books"].options] == [
        ("main", False),
        ("canteen", True),
    ]
    assert chief.get(reverse("finance:ledger:chart")).context["ledger"] == canteen
    assert chief.get(reverse("finance:ledger:create")).context["ledger"] == canteen
    again = chief.post(address, data | {"form_key": "", "kind": "canteen"})
    assert again.status_code == 422
    back = chief.post(reverse("finance:ledger:switch"), {"kind": "main"})
    assert back.url == reverse("finance:ledger:vouchers")
    assert chief.get(reverse("finance:ledger:chart")).context["ledger"] == office.ledger
    assert chief.post(reverse("finance:ledger:switch"), {"kind": "other"}).status_code == 404


def test_each_set_of_books_lists_its_own_vouchers(chief, office):
    office.payment()
    actions.open_ledger(office.school, kind="canteen", year=YEAR, by=office.chief)
    vouchers = reverse("finance:ledger:vouchers")
    assert "购粉笔" in chief.get(vouchers).text
    chief.post(reverse("finance:ledger:switch"), {"kind": "canteen"})
    assert "购粉笔" not in chief.get(vouchers).text


def test_what_is_typed_stays_in_the_books_where_it_was_begun(client, office):
    """Choosing the other books in the next tab does not move a voucher."""
    canteen = actions.open_ledger(office.school, kind="canteen", year=YEAR, by=office.chief)
    client.force_login(office.accountant)
    client.post(reverse("finance:ledger:switch"), {"kind": "canteen"})
    data = {
        "lines-TOTAL_FORMS": "2",
        "lines-INITIAL_FORMS": "0",
        "do": "save",
        "kind": "lines",
        "date": date(YEAR, 3, 2).isoformat(),
        "attachments": "1",
        "lines-0-summary": "购粉笔",
        "lines-0-account": EXPENSE,
        "lines-0-debit": "1",
        "lines-1-account": CASH,
        "lines-1-credit": "1",
    }
    client.post(reverse("finance:ledger:create"), data | {"ledger": str(office.ledger.pk)})
    assert Voucher.objects.get().ledger == office.ledger
    client.post(reverse("finance:ledger:create"), data)
    assert Voucher.objects.filter(ledger=canteen).count() == 1
    stranger = Office()
    assert client.post(reverse("finance:ledger:create"), data | {"ledger": str(stranger.ledger.pk)}).status_code == 200
    assert Voucher.objects.count() == 2


def test_a_campus_may_come_after_the_central_school_has_posted_receivables():
    office = Office(at="central")
    alone = make_school()
    chief = make_person(alone, "chief_accountant")
    ledger = actions.open_ledger(alone, kind="main", year=YEAR, by=chief)
    advances = Accounts(ledger).below("1218")
    assert advances.code == "121899"
    campus = make_school(parent=alone)
    actions.open_ledger(campus, kind="main", year=YEAR, by=User.objects.get(pk=chief.pk))
    assert ledger.accounts.get(counterpart=campus).code == "12180101"
    # Still what people owe, not what the campus does.
    assert Accounts(ledger).below("1218") == advances
    assert Accounts(office.ledger).below("1218").counterpart is None

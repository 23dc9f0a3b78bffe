"""A voucher is typed: what is typed stays, refusals stand beside their field, a second tap makes no second one."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from finance.ledger import actions, cases, from_purchase, prints, scans
from finance.ledger.accounts import Accounts
from finance.ledger.models import Voucher
from houqin.errors import Refused
from tests.finance.ledger_factories import BANK, BUDGET_MONEY, BUDGET_SPENT, CASH, EXPENSE, Office
from tests.finance.order_factories import Trade
from tests.finance.voucher_typing import NEW, page, shown_lines, typed
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db
State = Voucher.State


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def desk(client, office):
    client.force_login(office.accountant)
    return client


def test_a_voucher_is_written_and_submitted(desk, office):
    response = desk.post(NEW, typed())
    voucher = Voucher.objects.get()
    assert response.status_code == 302
    assert (voucher.state, voucher.kind, voucher.date, voucher.attachments) == (
        State.SUBMITTED,
        "payment",
        date(2026, 3, 2),
        1,
    )
    lines = list(voucher.lines.values_list("summary", "account__code", "debit", "credit"))
    assert lines[1] == ("购粉笔", CASH, Decimal("0.00"), Decimal("100.00"))
    text = page(desk, voucher)
    assert "壹佰元整" in text
    assert "购粉笔" in desk.get(reverse("finance:ledger:vouchers")).text


def test_the_kind_comes_from_the_lines(desk, office):
    desk.post(NEW, typed(kind="lines"))
    lines = [("计提折旧", "500104", "62.5", ""), ("", "160202", "", "62.5")]
    desk.post(NEW, typed(lines, kind="lines"))
    assert list(Voucher.objects.order_by("pk").values_list("kind", flat=True)) == ["payment", "transfer"]


def test_a_second_tap_makes_no_second_voucher(desk, office):
    data = typed() | {"form_key": "2f6c1f6e-6d6b-4f0b-8f9c-111111111111"}
    assert desk.post(NEW, data).url == desk.post(NEW, data).url
    assert Voucher.objects.count() == 1


def test_checking_saves_nothing_and_keeps_what_is_typed(desk, office):
    lines = [("购粉笔", "sphfw 5001", "100.00", ""), ("", "100101", "", "99.50"), ("", "没有这个", "", "")]
    response = desk.post(NEW, typed(lines, do="check"))
    text = response.text
    assert (response.status_code, Voucher.objects.count()) == (200, 0)
    assert "500102 业务活动费用-商品和服务费用" in text
    assert "100101 库存现金" in text
    for words in ("购粉笔", "99.50", "没有这个", "¥0.50", "壹佰元整"):
        assert words in text
    errors = response.context["form"].lines[2].errors.as_data()
    assert [error.code for error in errors["account"]] == ["no_account"]


@pytest.mark.parametrize(
    ("changes", "line", "field", "code"),
    [
        ({"lines-0-summary": ""}, 0, "summary", "summary_missing"),
        ({"lines-0-account": ""}, 0, "account", "account_missing"),
        ({"lines-0-account": "商品和服务费用"}, 0, "account", "several_accounts"),
        ({"lines-1-credit": ""}, 1, "debit", "amount_missing"),
        ({"lines-1-debit": "100"}, 1, "debit", "amount_missing"),
        ({"lines-1-credit": "一百"}, 1, "credit", "invalid"),
        ({"lines-1-credit": "1.234"}, 1, "credit", "max_decimal_places"),
        ({"lines-1-credit": "1,2"}, 1, "credit", "invalid"),
        ({"lines-1-credit": "1,00.00"}, 1, "credit", "invalid"),
        ({"lines-1-credit": "99"}, None, "__all__", "unbalanced"),
        ({"attachments": "0"}, None, "attachments", "attachments_missing"),
        ({"kind": "receipt"}, None, "kind", "wrong_kind"),
        ({"date": "2025-12-31"}, None, "date", "period_missing"),
        ({"date": ""}, None, "date", "required"),
    ],
)
def test_what_is_wrong_is_said_beside_it(desk, office, changes, line, field, code):
    response = desk.post(NEW, typed(**changes))
    form = response.context["form"]
    errors = (form if line is None else form.lines[line]).errors.as_data()
    assert (response.status_code, Voucher.objects.count()) == (422, 0)
    assert code in [error.code for error in errors[field]]
    assert "购粉笔" in response.text or "lines-0-summary" in changes
    assert f'value="{CASH} 库存现金' in response.text


def test_lines_are_added_and_taken_away_without_script(desk, office):
    added = desk.post(NEW, typed(do="add")).text
    assert 'name="lines-4-summary"' in added
    assert 'value="购粉笔"' in added
    assert "is-invalid" not in added
    removed = desk.post(NEW, typed(do="remove-0")).text
    assert 'value="购粉笔"' not in removed
    assert f'value="{BUDGET_MONEY}"' in removed


def test_a_draft_is_changed_until_it_is_submitted(desk, office):
    voucher = office.payment()
    address = reverse("finance:ledger:update", args=[voucher.pk])
    assert f"{CASH} 库存现金" in desk.get(address).text
    desk.post(address, typed([("改了", EXPENSE, "5", ""), ("", CASH, "", "5")], do="save"))
    voucher.refresh_from_db()
    assert (voucher.summary, voucher.state, voucher.lines.count()) == ("改了", State.DRAFT, 2)
    actions.submit(voucher, by=office.accountant)
    assert desk.get(address).url == reverse("finance:ledger:voucher", args=[voucher.pk])
    response = desk.post(address, typed(do="save"))
    assert response.status_code == 422
    assert [error.code for error in response.context["form"].non_field_errors().as_data()] == ["not_draft"]


def test_accounts_are_found_by_code_name_and_pinyin(desk, office):
    address = reverse("finance:ledger:accounts")
    everything = desk.get(address).json()["accounts"]
    codes = {row[0] for row in everything}
    assert {CASH, EXPENSE, BUDGET_SPENT} <= codes
    # What is closed to a campus, and what is no leaf, is not offered.
    assert not codes & {BANK, "2001", "1001"}
    for query in ("100101", "库存现金", "kcxj", "kucunxianjin"):
        assert CASH in [row[0] for row in desk.get(address, {"q": query}).json()["accounts"]], query
    assert desk.get(address, {"q": "zzzz"}).json() == {"accounts": []}


def test_of_other_books_no_accounts_are_told(client, office):
    stranger = make_person(make_school(), "accountant")
    client.force_login(stranger)
    address = reverse("finance:ledger:accounts")
    assert client.get(address, {"ledger": office.ledger.pk}).json() == {"accounts": []}


def test_an_ambiguous_name_is_asked_back(office):
    accounts = Accounts(office.ledger)
    assert accounts.find(f"{CASH} 随便").code == CASH
    with pytest.raises(Refused) as refused:
        accounts.find("商品和服务费用")
    assert refused.value.code == "several_accounts"
    assert "500102" in refused.value.sentence


@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("at", ["campus", "central"])
def test_every_usual_case_balances_and_is_accepted(client, case, at):
    office = Office(at=at)
    client.force_login(office.accountant)
    response = client.get(NEW, {"case": case.name, "amount": "300"})
    form = response.context["form"]
    lines = shown_lines(form)
    assert all(line[1] for line in lines[: len(case.sides)])
    if case.open:  # depreciation so far, and the price that it had
        lines[1] = (*lines[1][:2], "200", "")
        lines[2] = (*lines[2][:3], "500")
    else:
        assert all(not sums.difference for sums in form.sums)
    response = client.post(NEW, typed(lines, kind="lines"))
    assert response.status_code == 302, response.context["form"].errors
    assert Voucher.objects.get().state == State.SUBMITTED


def test_a_copy_begins_with_the_same_lines(desk, office):
    voucher = office.payment(77)
    text = desk.get(NEW, {"copy": voucher.pk}).text
    assert 'value="购粉笔"' in text
    assert "77.00" in text
    other = Office()
    assert desk.get(NEW, {"copy": other.payment().pk}).status_code == 404


def test_a_delivered_purchase_becomes_a_voucher_once(client):
    trade = Trade()
    order = trade.order_in("delivered")
    purchase = order.request
    chief = make_person(trade.central, "chief_accountant")
    accountant = make_person(trade.school, "accountant")
    actions.open_ledger(trade.school, kind="main", year=2026, by=chief)
    client.force_login(accountant)
    assert purchase.number in client.get(reverse("finance:ledger:purchases")).text
    step = f"{NEW}?purchase={purchase.pk}"
    assert step in client.get(purchase.get_absolute_url()).text
    form = client.get(NEW, {"purchase": purchase.pk}).context["form"]
    equipment, goods = from_purchase.amounts(purchase)
    assert equipment + goods > 0
    assert all(not sums.difference and sums.lines for sums in form.sums)
    lines = shown_lines(form)
    address = f"{NEW}?purchase={purchase.pk}"
    assert client.post(address, typed(lines, kind="lines")).status_code == 302
    voucher = Voucher.objects.get()
    assert (voucher.source_kind, voucher.source_id, voucher.state) == ("purchase", purchase.pk, State.SUBMITTED)
    assert purchase.number not in client.get(reverse("finance:ledger:purchases")).text
    # Each page leads to the other; who reads no books sees no way there.
    bought, booked = purchase.get_absolute_url(), reverse("finance:ledger:voucher", args=[voucher.pk])
    assert bought in page(client, voucher)
    assert booked in client.get(bought).text
    assert step not in client.get(bought).text
    client.force_login(purchase.requester)
    assert booked not in client.get(bought).text
    client.force_login(accountant)
    again = client.post(address, typed(lines, kind="lines"))
    assert [error.code for error in again.context["form"].non_field_errors().as_data()] == ["source_taken"]


def test_who_looks_at_all_schools_books_a_purchase_where_it_was_made(client):
    trade = Trade()
    purchase = trade.order_in("delivered").request
    chief = make_person(trade.central, "chief_accountant")
    ledger = actions.open_ledger(trade.school, kind="main", year=2026, by=chief)
    actions.open_ledger(trade.school, kind="canteen", year=2026, by=chief)
    client.force_login(chief)
    assert client.get(NEW, {"purchase": purchase.pk}).context["ledger"] == ledger


def test_scans_are_kept_and_only_drafts_lose_them(desk, office, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    voucher = office.payment()
    address = reverse("finance:ledger:scan", args=[voucher.pk])
    assert desk.get(address).status_code == 200
    upload = SimpleUploadedFile("发票.pdf", prints.pdf(prints.papers_of([voucher.pk])), "application/pdf")
    assert desk.post(address, {"file": upload}).status_code == 302
    scan = voucher.scans.get()
    assert "发票.pdf" in page(desk, voucher)
    assert scans.may_see(office.chief, scan.file)
    remove = reverse("finance:ledger:detach", args=[voucher.pk, scan.pk])
    actions.submit(voucher, by=office.accountant)
    desk.post(remove)
    assert voucher.scans.exists()
    actions.send_back(voucher, reason="看看", by=office.chief)
    desk.post(remove)
    assert not voucher.scans.exists()
    desk.force_login(make_person(make_school(), "accountant"))
    assert desk.get(scan.file.url).status_code == 404


def test_the_cashier_writes_no_transfers(client, office):
    client.force_login(office.cashier)
    lines = [("计提折旧", "500104", "62.5", ""), ("", "160202", "", "62.5")]
    response = client.post(NEW, typed(lines, kind="lines"))
    assert [error.code for error in response.context["form"].errors.as_data()["kind"]] == ["no_transfers"]
    assert client.post(NEW, typed(do="save")).status_code == 302


@pytest.mark.parametrize("change", [{"lines-TOTAL_FORMS": "9" * 5000}, {"do": "remove-" + "9" * 5000}])
def test_a_number_without_end_breaks_no_form(client, change):
    office = Office()
    client.force_login(office.accountant)
    assert client.post(NEW, typed(do="add") | change).status_code == 200

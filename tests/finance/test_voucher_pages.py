"""The pages around vouchers: what waits at home, who sees which buttons, months and years of the books."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from finance.ledger import actions
from finance.ledger.models import Ledger, Voucher
from houqin.schools.middleware import SESSION_KEY
from tests.finance.ledger_factories import CASH, Office
from tests.finance.order_factories import Trade
from tests.finance.voucher_typing import NEW, page
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db
State = Voucher.State


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def chief(client, office):
    client.force_login(office.chief)
    return client


def sections(client):
    """What the home page lists: the addresses of each section's rows, and how many there are."""
    home = client.get("/").context["home"]
    return {str(section.more_url): (section.total, [row.url for row in section.rows]) for section in home.main}


def test_home_tells_each_what_waits(client, office):
    office.opening()
    own = office.payment()
    sent = [actions.submit(office.payment(), by=office.accountant) for _n in range(7)]
    back = actions.send_back(sent.pop(), reason="附件少一张", by=office.chief)
    reviewed = actions.review(sent.pop(), by=office.chief)
    vouchers = reverse("finance:ledger:vouchers") + "?chip="
    address = lambda voucher: reverse("finance:ledger:voucher", args=[voucher.pk])  # noqa: E731
    client.force_login(office.accountant)
    found = sections(client)
    assert found[vouchers + "drafts"] == (1, [address(own)])
    assert found[vouchers + "returned"] == (1, [address(back)])
    assert vouchers + "review" not in found
    client.force_login(office.chief)
    found = sections(client)
    assert found[vouchers + "review"] == (5, [address(voucher) for voucher in sent])
    assert found[vouchers + "post"] == (1, [address(reviewed)])
    # January is over; the months after it close later.
    january = reverse("finance:ledger:close", args=[office.period(1).pk])
    assert found[reverse("finance:ledger:periods")] == (1, [january])
    client.force_login(office.cashier)
    figures = client.get("/").context["home"].figures
    account = reverse("finance:ledger:account", args=[office.account(CASH).pk])
    assert [(figure.value, figure.url) for figure in figures] == [("¥1,000.00", account)]
    client.force_login(office.principal)
    assert not [url for url in sections(client) if url.startswith(vouchers)]


def test_home_asks_the_accountant_for_the_vouchers_of_deliveries(client):
    trade = Trade()
    purchase = trade.order_in("delivered").request
    client.force_login(make_person(trade.school, "accountant"))
    found = sections(client)[reverse("finance:ledger:purchases")]
    assert found == (1, [purchase.get_absolute_url()])


def test_the_books_are_opened_from_their_page(client):
    central = make_school()
    campus = make_school(parent=central)
    client.force_login(make_person(central, "chief_accountant"))
    session = client.session
    session[SESSION_KEY] = campus.pk
    session.save()
    periods = reverse("finance:ledger:periods")
    assert reverse("finance:ledger:open") in client.get(periods).text
    assert client.get(NEW).status_code == 200
    shown = client.get(reverse("finance:ledger:open"))
    data = {name: shown.context["form"][name].value() for name in shown.context["form"].fields} | {"month": "3"}
    assert client.post(reverse("finance:ledger:open"), data | {"lines_per_page": "3"}).status_code == 422
    assert client.post(reverse("finance:ledger:open"), data).url == periods
    ledger = Ledger.objects.get(school=campus)
    assert (ledger.opened_on.month, ledger.periods.count()) == (3, 10)
    text = client.get(periods).text
    assert "kind=opening" in text
    assert "selected>" in client.get(NEW, {"kind": "opening"}).text


def test_a_month_says_what_keeps_it_open_and_closes(chief, office):
    office.opening()
    office.close_through(1)
    period, march = office.period(2), office.period(3)
    left = office.payment(on=date(2026, 2, 3))
    address = reverse("finance:ledger:close", args=[period.pk])
    text = chief.get(address).text
    assert reverse("finance:ledger:voucher", args=[left.pk]) in text
    assert '<form class="hq-gap-s"' not in text
    assert "2026-02" in chief.get(reverse("finance:ledger:close", args=[march.pk])).text
    chief.post(address)
    period.refresh_from_db()
    assert period.is_open
    actions.void(left, by=office.accountant)
    assert '<form class="hq-gap-s"' in chief.get(address).text
    chief.post(address)
    period.refresh_from_db()
    assert not period.is_open


def test_empty_books_ask_for_opening_balances_only_while_these_can_come(client):
    """And before the first month closes without them, its page says that they cannot come afterwards."""
    office = Office(year=2025)
    client.force_login(office.chief)
    session = client.session
    session[SESSION_KEY] = office.school.pk
    session.save()
    opening = reverse("finance:ledger:create") + "?kind=opening"
    assert opening in client.get(reverse("finance:ledger:periods")).text
    first = client.get(reverse("finance:ledger:close", args=[office.period(1, 2025).pk]))
    assert f"{opening}&amp;ledger={office.ledger.pk}" in first.text
    for period in office.ledger.periods.order_by("month"):
        actions.close_period(period, by=office.chief)
    text = client.get(reverse("finance:ledger:periods")).text
    assert opening not in text
    assert reverse("finance:ledger:carry", args=[office.ledger.pk, 2025]) in text


def test_who_looks_at_all_schools_goes_on_to_what_is_left_to_close(chief, office):
    """The months of which school could not be shown: the page would ask, behind the word that it is done."""
    january = office.period(1)
    answer = chief.post(reverse("finance:ledger:close", args=[january.pk]))
    january.refresh_from_db()
    assert (january.state, answer.url) == ("closed", "/")
    assert reverse("finance:ledger:close", args=[office.period(2).pk]) in chief.get("/").text
    # A second tap closes nothing more and says so.
    assert chief.post(reverse("finance:ledger:close", args=[january.pk])).url == "/"
    assert office.period(2).state == "open"


def test_a_year_is_carried_forward_from_its_page(client):
    office = Office(year=2025)
    client.force_login(office.chief)
    office.opening()
    office.post(office.payment(on=date(2025, 3, 2)))
    address = reverse("finance:ledger:carry", args=[office.ledger.pk, 2025])
    assert "500102" in client.get(address).text
    client.post(address)
    office.ledger.refresh_from_db()
    assert office.ledger.carried_through is None
    client.force_login(office.accountant)
    drafted = client.post(reverse("finance:ledger:draft_results", args=[office.ledger.pk, 2025]))
    voucher = Voucher.objects.get(state=State.DRAFT)
    assert drafted.url == reverse("finance:ledger:voucher", args=[voucher.pk])
    office.post(voucher)
    office.close_through(12, 2025)
    client.force_login(office.chief)
    client.post(address)
    office.ledger.refresh_from_db()
    assert office.ledger.carried_through == 2025
    assert office.ledger.periods.filter(year=2026).count() == 12


@pytest.mark.parametrize("role", ["principal", "auditor", "central_officer", "cashier"])
def test_readers_see_no_buttons(client, office, role):
    office.opening()
    posting = office.post(office.payment())
    where = office.central if role in ("auditor", "central_officer") else office.school
    client.force_login(make_person(where, role))
    text = page(client, posting.voucher)
    assert "付字第1号" in text
    may_undo = role == "cashier"  # who prepares payments also puts them right
    assert (reverse("finance:ledger:reverse", args=[posting.voucher_id]) in text) is may_undo


def test_a_cashier_submits_payments_in_books_of_one_kind_and_nothing_else(client):
    office = Office(voucher_kinds="general")
    office.opening()
    draft = office.payment(by=office.cashier)
    client.force_login(office.cashier)
    text = page(client, draft)
    submit = reverse("finance:ledger:submit", args=[draft.pk])
    assert submit in text and reverse("finance:ledger:update", args=[draft.pk]) in text
    client.post(submit)
    posting = office.chief_posts(draft)
    moved = office.post(office.draft(office.line("500102", 10, 0, "补记"), office.line("230790", 0, 10)))
    for voucher, may_undo in ((posting.voucher, True), (moved.voucher, False)):
        assert (reverse("finance:ledger:reverse", args=[voucher.pk]) in page(client, voucher)) is may_undo


def test_vouchers_of_any_year_and_month_of_the_books_are_found(client):
    office = Office(year=2024)
    office.draft(*office.paid(5), on=date(2024, 2, 29))
    office.draft(*office.paid(5), on=date(2024, 12, 31))
    client.force_login(office.accountant)

    def listed(month):
        rows = client.get(f"/ledger/vouchers/?month={month}").context["rows"]
        return [str(row["date"]) for row in rows]

    months = client.get("/ledger/vouchers/").context["filters"][0].options
    today = timezone.localdate()
    assert [value for value, _label in months][:2] == [str(today.year), f"{today:%Y-%m}"]
    assert months[-1][0] == "2024-01"
    assert len(listed("2024")) == 2
    assert listed("2024-02") == listed("2024")[1:]
    assert listed("2024-03") == []

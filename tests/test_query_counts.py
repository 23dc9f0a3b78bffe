"""Every list costs the same few queries, whether it shows one row or fifty."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from assets.rounds.models import RepairRound
from finance.banks.models import BankAccount
from finance.counts import actions as counts
from finance.journals.models import JournalBatch
from finance.ledger import actions as ledgers
from finance.ledger.models import Ledger, of_school
from finance.reconciliations.models import BankReconciliation
from houqin.approvals import actions
from houqin.exports.models import ExportJob
from houqin.imports.models import ImportJob
from houqin.web.views import ListPage
from tests.approvals.factories import KIND
from tests.approvals.factories import register as register_kind
from tests.assets.register_factories import make_card
from tests.assets.repair_factories import Team, make_repair
from tests.finance.budget_factories import make_line
from tests.finance.ledger_factories import register_bank
from tests.finance.order_factories import make_supplier
from tests.finance.purchase_factories import Buyers
from tests.history.factories import make_entry
from tests.notices.factories import make_notice
from tests.routes.orders import plant as plant_order
from tests.routes.world import There
from tests.schools.factories import make_membership, make_person, make_place, make_school, make_user

pytestmark = pytest.mark.django_db
MOST = 6


@dataclass(frozen=True)
class Listed:
    """A list and how to fill it: `fill(school, person, number)` makes one more row that `person` sees."""

    url_name: str
    role: str
    fill: Callable[[Any, Any, int], object]
    query: str = ""


def one_place(school, person, number):
    make_place(school, parent=make_place(school, kind="building"))


def one_person(school, person, number):
    make_membership(make_user(email=f"{number}@example.org"), school, ["staff", "maintainer"][number % 2])


def one_card(school, person, number):
    make_card(school, place=make_place(school), keeper=make_person(school))


def one_repair(school, person, number):
    team = Team(school)
    if number % 2:
        team.repair("working")
    else:
        make_repair(team, guest=True)


def one_round(school, person, number):
    RepairRound.objects.create(school=school, name=f"第{number}轮", opened_by=make_user())


def one_export(school, person, number):
    ExportJob.objects.create(kind="history.log", title="日志", format="csv", owner=person, school=school)


def one_import(school, person, number):
    ImportJob.objects.create(kind="assets.cards", school=school, started_by=person, name="a.xlsx", size=1)


def one_approval(school, person, number):
    register_kind()
    actions.request(
        KIND, make_place(school), by=make_person(school), school=school, title=f"第{number}件", amount=Decimal(number)
    )


def one_line(school, person, number):
    make_line(school, entered_by=person, reserved=100, spent=50)


def one_purchase(school, person, number):
    buyers = Buyers(school)
    buyers.request("submitted" if number % 2 else "draft")


def one_order(school, person, number):
    plant_order(There(school, f"第{number}件", make_person(school)))


def one_journal(school, person, number):
    """A paper journal of the school's books, which the first one opens."""
    ledger = Ledger.objects.filter(school=school, kind="main").first() or Ledger.objects.create(
        school=school, year_opened=2024, opened_on=date(2024, 1, 1), opened_by=person
    )
    JournalBatch.objects.create(
        ledger=ledger, school=school, year=2024, entries=0, prepared_by=make_person(school), fingerprint=str(number)
    )


def one_voucher(school, person, number):
    chief = make_person(school, "chief_accountant")
    ledger = of_school(school) or ledgers.open_ledger(school, kind="main", year=2026, by=chief)
    accounts = ledger.accounts.select_related("ledger")
    received = ledgers.Line(accounts.get(code="100101"), Decimal(1), summary=f"第{number}张")
    lines = [received, ledgers.Line(accounts.get(code="4603"), credit=Decimal(1))]
    ledgers.save_draft(ledger, kind="receipt", date=date(2026, 1, 1 + number % 28), lines=lines, by=person)


def one_cash_count(school, person, number):
    chief = make_person(school, "chief_accountant")
    ledger = of_school(school) or ledgers.open_ledger(school, kind="main", year=2026, by=chief)
    account = ledger.accounts.select_related("ledger").get(code="100101")
    made = counts.count(account, pieces={}, on=timezone.localdate(), by=make_person(school, "cashier"))
    if number % 2:
        counts.confirm(made, by=chief)


def one_account(school, person, number):
    """A chart that has more than fifty accounts from the beginning, and one more."""
    chief = make_person(school, "chief_accountant")
    ledger = of_school(school) or ledgers.open_ledger(school, kind="main", year=2026, by=chief)
    parent = ledger.accounts.select_related("ledger__school").get(code="1214")
    ledgers.add_account(parent, code=f"1214{number + 1:02d}", name=f"第{number}位同事", by=chief)


def one_reconciliation(school, person, number):
    """A month of the school's bank account, which the first one registers."""
    chief = make_person(school, "chief_accountant")
    ledger = of_school(school) or ledgers.open_ledger(school, kind="main", year=2026, by=chief)
    account = ledger.accounts.select_related("ledger__school").get(code="100201")
    bank = BankAccount.objects.filter(account=account).first() or register_bank(account, by=chief)
    BankReconciliation.objects.create(
        bank_account=bank,
        school=school,
        ends_on=date(2020 + number // 12, number % 12 + 1, 1) + timedelta(days=-1),
        statement=Decimal(5),
        book=Decimal(4),
        position=0,
        prepared_by=person,
    )


LISTS = [
    Listed("finance:ledger:chart", "accountant", one_account),
    Listed("finance:ledger:vouchers", "accountant", one_voucher),
    Listed("finance:counts:list", "accountant", one_cash_count),
    Listed("finance:journals:list", "accountant", one_journal),
    Listed("finance:reconciliations:list", "accountant", one_reconciliation),
    Listed("schools:schools:list", "central_officer", lambda school, _person, _n: make_school(parent=school)),
    Listed("schools:places:list", "logistics", one_place),
    Listed("schools:people:list", "logistics", one_person),
    Listed("history:list", "logistics", lambda school, _person, _n: make_entry(school, user=make_user())),
    Listed("notices:list", "staff", lambda school, person, _n: make_notice(person, school=make_school())),
    Listed("approvals:list", "principal", one_approval),
    Listed("approvals:list", "principal", one_approval, "?chip=all"),
    Listed("exports:list", "logistics", one_export),
    Listed("imports:list", "logistics", one_import),
    Listed("assets:register:list", "logistics", one_card),
    Listed("assets:repairs:list", "logistics", one_repair, "?chip=open"),
    Listed("assets:rounds:list", "logistics", one_round),
    Listed("finance:budgets:list", "accountant", one_line),
    Listed("finance:purchases:list", "logistics", one_purchase),
    Listed("finance:purchases:orders", "logistics", one_order),
    Listed("finance:purchases:suppliers", "logistics", lambda school, _person, _n: make_supplier(school)),
]


def list_routes() -> set[str]:
    """Return the names of all routes that are a ListPage."""
    return set(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: Any, space: str) -> Iterator[str]:
    for item in patterns:
        if hasattr(item, "url_patterns"):
            yield from _walk(item.url_patterns, f"{space}{item.namespace}:" if item.namespace else space)
        elif issubclass(getattr(item.callback, "view_class", object), ListPage):
            yield f"{space}{item.name}"


def test_every_list_is_counted():
    assert list_routes() == {listed.url_name for listed in LISTS}


def queries(client, address, *, rows):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert len(response.context["rows"]) >= min(rows, response.context["view"].page_size)
    return [query["sql"] for query in captured.captured_queries]


@pytest.mark.parametrize("listed", LISTS, ids=lambda listed: listed.url_name + listed.query)
def test_one_row_and_fifty_cost_the_same(client, listed):
    school = make_school()
    person = make_person(school, listed.role)
    client.force_login(person)
    address = reverse(listed.url_name) + listed.query
    listed.fill(school, person, 0)
    client.get(address)  # the session notes its first visit
    one = queries(client, address, rows=1)
    for number in range(1, 50):
        listed.fill(school, person, number)
    fifty = queries(client, address, rows=50)
    assert len(fifty) == len(one), "\n".join(fifty)
    assert len(fifty) <= MOST, "\n".join(fifty)

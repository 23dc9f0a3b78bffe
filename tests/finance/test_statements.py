"""The three statements: every account in its row, both sides equal, the same figures as the books beside them."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from finance.books import balances, months
from finance.books.results import results, together
from finance.ledger import actions, charts
from finance.ledger.models import ZERO
from finance.statements import papers, tables
from finance.statements.amounts import Span
from finance.statements.papers import BALANCE, BUDGET, INCOME
from tests.finance.ledger_factories import Office, second_chief
from tests.finance.statement_factories import Schools
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db
CLASSES = {"balance": "12345", "income": "45", "budget": "67"}
SURPLUS, TOTAL_ASSETS, TOTAL_OTHERS = 66, 39, 68


@pytest.fixture
def schools():
    """A campus, its canteen, its central school."""
    return Schools()


def of(paper, ledger, month=3, year=2026, **fields):
    """A statement by the numbers of its rows; parts without a number by their names."""
    made = tables.statement(paper, ledger, Span(year, month, **fields))
    return {line.row.number or line.row.names[0]: line.values for line in made.lines}


def balanced(ledger, month, year=2026):
    """Whether both sides of the balance sheet are equal, in both columns; there is something on it."""
    found = of(BALANCE, ledger, month, year)
    return found[TOTAL_ASSETS] == found[TOTAL_OTHERS] and any(found[TOTAL_ASSETS])


def whole(row):
    """The accounts of a row that are in it as they are."""
    return [term for term in row.terms if not term.word]


@pytest.mark.parametrize("kind", list(papers.PAPERS))
def test_every_account_is_in_exactly_one_row(kind):
    paper = papers.PAPERS[kind]
    codes = [term.code for row in paper.rows if row.kind != papers.PART for term in whole(row)]
    top = [row["code"] for row in charts.shipped() if not row["parent_code"] and row["code"][0] in CLASSES[kind]]
    assert Counter(code for code in codes if code != papers.CANTEEN) == Counter(top)


def test_no_row_names_an_account_of_more_than_four_digits_nor_one_that_is_not_there():
    top = {row["code"] for row in charts.shipped() if not row["parent_code"]}
    for paper in papers.PAPERS.values():
        assert {len(code) for code in paper.codes} == {4}
        assert paper.codes <= top


@pytest.mark.parametrize("kind", list(papers.PAPERS))
def test_every_row_is_added_once_in_its_statement(kind):
    paper = papers.PAPERS[kind]
    added = Counter(number for row in paper.rows for _sign, number in row.adds)
    numbered = [row for row in paper.rows if row.number is not None]
    assert [row.number for row in numbered] == list(range(1, len(numbered) + 1))
    last = {row.number for row in paper.rows if row.kind == papers.TOTAL}
    for row in numbered:
        once = row.kind != papers.PART and row.number not in last
        assert added[row.number] == (1 if once else 0), row


def test_a_school_s_own_accounts_are_in_the_row_of_the_one_above(schools):
    above = schools.main.accounts.select_related("ledger__school").get(code="4609")
    actions.add_account(above, code="460977", name="废品收入", by=schools.chief)
    before = of(INCOME, schools.main)[13][1]
    schools.received("460977", "6609", 30, date(2026, 3, 20))
    assert of(INCOME, schools.main)[13][1] == before + 30


def test_the_rows_of_the_balance_sheet(schools):
    found = of(BALANCE, schools.main)
    assert found[1] == (Decimal("1000") + 1500 - 306 + Decimal("200.05") + 170, 1000)
    assert found[5] == (350, 350)
    assert (found[17], found[18]) == ((8000, 8000), (Decimal("3187.65"), 3000))
    assert found[19] == (Decimal("4812.35"), 5000)
    assert found[24] == (400, 400)
    # Cash that is held for others is no money of the school.
    assert (found[38], found[60]) == ((60, 60), (60, 60))
    assert found[50] == (1500, 0)
    assert found[62] == (6750, 6750)
    # 200.05 were given, 306 spent, 187.65 worn off; the canteen earned 170.
    assert found[SURPLUS] == (Decimal("-123.60"), 0)


@pytest.mark.parametrize("month", range(1, 13))
def test_the_balance_sheet_balances_in_every_month_and_is_the_trial_balance(schools, month):
    assert balanced(schools.main, month)
    found = of(BALANCE, schools.centre, month)
    rows = [row for row in balances.trial_balance(schools.centre, 2026, month, month) if row.level == 0]
    ends = {row.code: row.amounts[6] - row.amounts[7] for row in rows if row.code[0] in "12345"}
    assets = sum((amount for code, amount in ends.items() if code[0] == "1"), ZERO)
    results_so_far = -sum((amount for code, amount in ends.items() if code[0] in "45" or code == "3301"), ZERO)
    assert found[TOTAL_ASSETS][0] == found[TOTAL_OTHERS][0] == assets == 5000 * min(month, 3)
    assert found[SURPLUS][0] == results_so_far
    for row in BALANCE.rows:
        if row.kind in (papers.ITEM, papers.LESS):
            signed = sum((t.sign * papers.directions()[t.code] * ends.get(t.code, ZERO) for t in whole(row)), ZERO)
            assert found[row.number][0] == signed, row


def test_the_balance_sheet_balances_through_the_end_of_the_year_and_after_it():
    office = Schools(months=12, year=2025)
    for ledger in office.ledgers:
        with office.keeping(ledger):
            office.close_through(11, 2025)
            surplus = of(BALANCE, ledger, 12, 2025)[SURPLUS]
            assert surplus[0] and balanced(ledger, 12, 2025)
            income, budget = of(INCOME, ledger, 12, 2025), of(BUDGET, ledger, 12, 2025)
            office.post(actions.draft_results(ledger, 2025, by=office.accountant))
            assert balanced(ledger, 12, 2025)
            assert (of(INCOME, ledger, 12, 2025), of(BUDGET, ledger, 12, 2025)) == (income, budget)
    for ledger in office.ledgers:
        with office.keeping(ledger):
            office.close_through(12, 2025)
            actions.carry_forward(ledger, 2025, by=office.chief)
    after = of(BALANCE, office.main, 12, 2025)
    assert after[SURPLUS] == (0, 0)
    assert after[62][0] - after[62][1] == income_of(office)
    assert after[TOTAL_ASSETS][0] == of(BALANCE, office.main, 1, 2026)[TOTAL_ASSETS][1]
    assert balanced(office.main, 1, 2026)
    year = of(BUDGET, office.centre, 12, 2025, whole_year=True)
    assert of(BUDGET, office.centre, 12, 2026, whole_year=True)[1] == (0, year[1][0]) == (0, 60000)


def income_of(office):
    """What the campus and its canteen earned in the year."""
    return of(INCOME, office.main, 12, 2025)[23][1]


def test_the_income_statement_is_the_page_of_results(schools):
    for month in (1, 2, 3, 12):
        own, canteen = results([schools.main, schools.canteen], 2026, month)
        both = together([own, canteen])
        found = of(INCOME, schools.main, month)
        assert (found[1][1], found[23][1]) == (both.income, both.net)
        assert of(INCOME, schools.canteen, month)[23][1] == canteen.net
        assert of(BUDGET, schools.main, month)[15][0] == own.spent


def test_a_canteen_enters_by_its_net_result_alone(schools):
    named = "其中：食堂净收入"
    assert of(INCOME, schools.main)[named] == (-80, 170)
    assert of(INCOME, schools.main)[13] == (-80, 170)
    assert of(INCOME, schools.main, 2)[named] == (250, 250)
    assert of(BUDGET, schools.main)["食堂净预算收入"] == (170, None)
    assert of(BUDGET, schools.main)[11] == (Decimal("370.05"), None)
    # For itself it has its own income and spending, and no such row.
    own = of(INCOME, schools.canteen)
    assert (own[13], own[14], own[named]) == ((0, 900), (80, 730), (0, 0))
    # Expenses of the school are its own alone.
    assert of(INCOME, schools.main)[14] == (Decimal("165.55"), Decimal("493.65"))


def test_month_and_year_so_far(schools):
    found = of(INCOME, schools.main)
    assert found[10] == (Decimal("200.05"), Decimal("200.05"))
    assert found[15] == (103, 306)
    assert of(INCOME, schools.main, 2)[15] == (102, 203)
    assert of(INCOME, schools.centre, 12, whole_year=True)[2] == (15000, None)


def test_what_writes_the_transfer_off_is_left_out_like_the_transfer():
    office = Schools(months=12, year=2025)
    office.close_through(11, 2025)
    income, budget = of(INCOME, office.main, 12, 2025), of(BUDGET, office.main, 12, 2025)
    before = results([office.main], 2025, 12)
    posting = office.post(actions.draft_results(office.main, 2025, by=office.accountant))
    actions.reverse(
        posting, prepared_by=office.accountant, by=second_chief(office), date=date(2025, 12, 31), reason="漏记"
    )
    assert (of(INCOME, office.main, 12, 2025), of(BUDGET, office.main, 12, 2025)) == (income, budget)
    office.post(actions.draft_results(office.main, 2025, by=office.accountant))
    assert (of(INCOME, office.main, 12, 2025), of(BUDGET, office.main, 12, 2025)) == (income, budget)
    assert results([office.main], 2025, 12) == before


def test_a_closed_month_stays_as_it_is(schools):
    made = {paper: of(paper, schools.centre, 2) for paper in papers.PAPERS.values()}
    with schools.keeping(schools.centre):
        schools.close_through(2)
        for paper, found in made.items():
            assert of(paper, schools.centre, 2) == found
        schools.received("4001", "6001", 77, date(2026, 3, 28), money="100201")
        for paper, found in made.items():
            assert of(paper, schools.centre, 2) == found
        assert of(INCOME, schools.centre)[2] == (5077, 15077)


def test_it_is_told_that_a_month_is_not_closed_while_the_canteen_s_is_not(schools):
    schools.close_through(1)
    unclosed = tables.statement(BALANCE, schools.main, Span(2026, 1)).unclosed
    assert unclosed == [schools.canteen]
    with schools.keeping(schools.canteen):
        schools.close_through(1)
    assert tables.statement(BALANCE, schools.main, Span(2026, 1)).unclosed == []
    assert tables.statement(BALANCE, schools.main, Span(2026, 2)).unclosed == [schools.main, schools.canteen]
    # Before the books began nothing can change.
    assert tables.statement(BALANCE, schools.main, Span(2025, 12)).unclosed == []


def test_all_schools_together_are_without_what_they_have_with_each_other(schools):
    made = tables.side_by_side(BALANCE, [schools.main, schools.canteen, schools.centre], Span(2026, 3))
    found = {line.row.number: line.values for line in made.lines if line.row.number}
    assert made.ledgers == [schools.main, schools.centre]
    assert found[9] == (0, 1500, -1500, 0)
    assert found[50] == (1500, 0, -1500, 0)
    assert found[TOTAL_ASSETS] == found[TOTAL_OTHERS]
    assert found[TOTAL_ASSETS][2] == -1500
    assert made.disagreed == []


def test_what_only_one_school_says_stays_in_and_is_told(schools):
    with schools.keeping(schools.centre):
        schools.passed_on(120, date(2026, 3, 30))
    made = tables.side_by_side(BALANCE, [schools.main, schools.centre], Span(2026, 3))
    found = {line.row.number: line.values for line in made.lines if line.row.number}
    assert (found[9], found[50]) == ((0, 1620, -1500, 120), (1500, 0, -1500, 0))
    assert found[TOTAL_ASSETS] == found[TOTAL_OTHERS]
    assert [abs(pair.left) for pair in made.disagreed] == [120]


@pytest.mark.parametrize("paper", [INCOME, BUDGET])
def test_income_of_all_schools_is_the_sum(schools, paper):
    made = tables.side_by_side(paper, [schools.main, schools.centre], Span(2026, 3))
    at = 1 if paper is INCOME else 0
    each = [of(paper, ledger) for ledger in (schools.main, schools.centre)]
    for line in made.lines:
        key = line.row.number or line.row.names[0]
        values = [one[key][at] for one in each]
        assert line.values == (*values, sum(values, ZERO))


@pytest.mark.parametrize("paper", list(papers.PAPERS.values()))
def test_more_books_and_more_entries_cost_no_more_queries(schools, paper, django_assert_num_queries):
    most = {"balance": 4, "income": 6, "budget": 9}[paper.kind]
    with django_assert_num_queries(most):
        tables.side_by_side(paper, [schools.main], Span(2026, 12))
    with django_assert_num_queries(most):
        tables.side_by_side(paper, schools.ledgers, Span(2026, 12))
    with django_assert_num_queries(most):
        tables.statements(paper, schools.ledgers, Span(2026, 12))


def test_books_that_begin_in_the_middle_of_a_year():
    office = Office(year=2025, month=7)
    lines = {"100101": 480, "4609": -300, "500102": 120, "3001": -300, "720101": 120, "6609": -300, "800102": 180}
    drafted = [office.line(code, max(amount, 0), max(-amount, 0), "期初") for code, amount in lines.items()]
    office.post(office.draft(*drafted, kind="opening", on=date(2025, 7, 1)))
    office.post(office.payment(30, on=date(2025, 9, 1)))
    found = of(BALANCE, office.ledger, 9, 2025)
    assert (found[1], found[SURPLUS], found[62]) == ((450, 480), (150, 180), (300, 300))
    assert balanced(office.ledger, 9, 2025)
    assert of(INCOME, office.ledger, 9, 2025)[23] == (-30, 150)
    assert of(INCOME, office.ledger, 7, 2025)[23] == (0, 180)
    assert of(BUDGET, office.ledger, 9, 2025)[24] == (150, None)


def test_nothing_is_said_of_months_before_the_books_began():
    office = Office(year=2025, month=7)
    office.opening()
    office.post(office.payment("0.40", on=date(2025, 9, 1)))
    # They took over January to June; of what was until March alone they know nothing.
    assert of(BUDGET, office.ledger, 3, 2026)[24][1] is None
    assert of(BUDGET, office.ledger, 9, 2026)[24] == (0, Decimal("-0.40"))


def test_the_budget_says_which_months_its_columns_are_of():
    march, december = Span(2026, 3), Span(2026, 12)
    assert tables.when(BUDGET, march) == months.words(2026, 1, 3)
    assert tables.when(BUDGET, december) == months.words(2026, 1, 12)
    assert tables.when(INCOME, march) == months.words(2026, 3, 3)
    assert set(tables.heads(BUDGET, march)).isdisjoint(tables.heads(BUDGET, december))


def test_rows_that_are_of_months_alone_have_the_mark_of_the_regulation():
    assert [row.number for row in BALANCE.rows if row.names[0].endswith("*")] == [65, SURPLUS]


@pytest.mark.parametrize("kind", list(papers.PAPERS))
def test_the_books_of_other_schools_are_not_there(client, schools, kind):
    stranger = make_person(make_school(), "principal")
    client.force_login(stranger)
    assert client.get(f"/statements/of/{schools.main.pk}/{kind}/").status_code == 404
    client.force_login(make_person(schools.campus, "staff"))
    assert client.get(f"/statements/of/{schools.main.pk}/{kind}/").status_code == 403
    client.force_login(schools.principal)
    page = client.get(f"/statements/schools/{kind}/?year=2026&month=3")
    assert page.context["made"].ledgers == [schools.main]

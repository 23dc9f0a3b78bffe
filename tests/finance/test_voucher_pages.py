"""The pages of vouchers: what is typed stays, refusals stand beside their field, people keep to their part."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from finance.ledger import actions, cases, from_purchase, prints, scans
from finance.ledger.accounts import Accounts
from finance.ledger.models import Ledger, Posting, Voucher
from houqin.errors import Refused
from houqin.schools.middleware import SESSION_KEY
from tests.finance.ledger_factories import BANK, BUDGET_MONEY, BUDGET_SPENT, CASH, EXPENSE, Office
from tests.finance.order_factories import Trade
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db
State = Voucher.State
NEW = "/ledger/vouchers/new/"
HEAD = {"kind": "payment", "date": "2026-03-02", "attachments": "1"}
PAID = [
    ("购粉笔", EXPENSE, "100.00元", ""),
    ("//", f"{CASH} 库存现金", "", "100"),
    ("", BUDGET_SPENT, "￥100.00", ""),
    ("", BUDGET_MONEY, "", "１００"),
]


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def desk(client, office):
    client.force_login(office.accountant)
    return client


@pytest.fixture
def chief(client, office):
    client.force_login(office.chief)
    return client


def typed(lines=PAID, do="submit", **changes):
    """What a browser sends."""
    data = {"lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": "0", "do": do, **HEAD}
    for place, values in enumerate(lines):
        for name, value in zip(("summary", "account", "debit", "credit"), values, strict=True):
            data[f"lines-{place}-{name}"] = value
    return data | changes


def shown_lines(form):
    """The lines of a form as a browser shows them."""
    names = ("summary", "account", "debit", "credit")
    return [tuple(str(line[name].value() or "") for name in names) for line in form.lines]


def step(client, voucher, name, data=None):
    return client.post(reverse(f"finance:ledger:{name}", args=[voucher.pk]), data or {})


def page(client, voucher):
    return client.get(reverse("finance:ledger:voucher", args=[voucher.pk])).text


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


def test_the_chief_accountant_reviews_and_posts(chief, office):
    office.opening()
    voucher = office.payment()
    actions.submit(voucher, by=office.accountant)
    home = chief.get("/").text
    assert "购粉笔" in home
    assert reverse("finance:ledger:review", args=[voucher.pk]) in page(chief, voucher)
    step(chief, voucher, "review")
    step(chief, voucher, "post")
    voucher.refresh_from_db()
    assert voucher.state == State.POSTED
    assert "付字第1号" in page(chief, voucher)


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


def test_review_and_post_at_once_or_not_at_all(chief, office):
    voucher = office.payment()  # no money is there yet
    actions.submit(voucher, by=office.accountant)
    step(chief, voucher, "review_and_post")
    voucher.refresh_from_db()
    assert voucher.state == State.SUBMITTED
    office.opening(on=date(2026, 1, 1))
    step(chief, voucher, "review_and_post")
    voucher.refresh_from_db()
    assert voucher.state == State.POSTED


def test_nobody_reviews_what_they_wrote(chief, office):
    voucher = office.payment(by=office.chief)
    actions.submit(voucher, by=office.chief)
    assert reverse("finance:ledger:review", args=[voucher.pk]) not in page(chief, voucher)
    step(chief, voucher, "review")
    voucher.refresh_from_db()
    assert voucher.state == State.SUBMITTED


def test_what_goes_back_says_why(chief, office):
    voucher = office.payment()
    actions.submit(voucher, by=office.accountant)
    refused = step(chief, voucher, "send_back", {"reason": " "})
    assert refused.status_code == 422
    assert [error.code for error in refused.context["form"].errors.as_data()["reason"]] == ["reason_missing"]
    step(chief, voucher, "send_back", {"reason": "附件少一张"})
    chief.force_login(office.accountant)
    assert "附件少一张" in chief.get("/").text
    assert "附件少一张" in page(chief, voucher)
    assert "购粉笔" in chief.get(reverse("finance:ledger:vouchers") + "?chip=returned").text


def test_the_course_says_who_did_what_when(chief, office):
    office.opening()
    voucher = office.payment()
    actions.submit(voucher, by=office.accountant)
    actions.send_back(voucher, reason="附件少一张", by=office.chief)
    posting = office.post(voucher)
    shown = chief.get(reverse("finance:ledger:voucher", args=[voucher.pk])).context["moments"]
    assert [(moment.who, bool(moment.facts), moment.said) for moment in shown] == [
        (str(office.accountant), True, ""),
        (str(office.chief), True, "附件少一张"),
        (str(office.chief), True, ""),
        (str(office.chief), True, ""),
    ]
    red = actions.draft_reversal(posting, date=date(2026, 3, 5), reason="重复入账", by=office.accountant)
    assert "重复入账" in page(chief, red)


def test_a_voucher_costs_the_same_however_many_lines_it_has(chief, office):
    few = office.payment()
    lines = [office.line(EXPENSE, 1, 0, "很多行") for _ in range(30)] + [office.line(CASH, 0, 30)]
    many = office.draft(*lines)
    counts = []
    for voucher in (few, few, many):
        with CaptureQueriesContext(connection) as captured:
            page(chief, voucher)
        counts.append(len(captured))
    assert counts[1] == counts[2]
    assert counts[1] <= 12, captured.captured_queries


def test_several_are_posted_in_the_order_of_their_dates(chief, office):
    office.opening()
    late, early = office.payment(10, on=date(2026, 3, 9)), office.payment(20, on=date(2026, 3, 2))
    for voucher in (late, early):
        office.reviewed(voucher)
    assert "checkbox" in chief.get(reverse("finance:ledger:vouchers") + "?chip=post").text
    chief.post(reverse("finance:ledger:post_several"), {"voucher": [late.pk, early.pk]})
    numbers = Posting.objects.filter(kind="payment").order_by("number")
    assert [posting.voucher_id for posting in numbers] == [early.pk, late.pk]


def test_of_several_none_is_posted_when_one_is_refused(chief, office):
    office.opening(15)
    vouchers = [office.reviewed(office.payment(10)), office.reviewed(office.payment(10))]
    response = chief.post(
        reverse("finance:ledger:post_several"), {"voucher": [voucher.pk for voucher in vouchers]}, follow=True
    )
    assert not Posting.objects.filter(kind="payment").exists()
    assert "购粉笔" in response.text


def test_a_posted_voucher_is_written_off_by_two_people(desk, office):
    office.opening()
    posting = office.post(office.payment())
    address = reverse("finance:ledger:reverse", args=[posting.voucher_id])
    assert address in page(desk, posting.voucher)
    assert desk.get(address).status_code == 200
    data = {"date": "2026-03-05", "reason": ""}
    refused = desk.post(address, data)
    assert [error.code for error in refused.context["form"].errors.as_data()["reason"]] == ["reason_missing"]
    response = desk.post(address, data | {"reason": "重复"})
    red = Voucher.objects.get(reverses=posting)
    assert response.url == reverse("finance:ledger:voucher", args=[red.pk])
    assert (red.state, red.prepared_by) == (State.SUBMITTED, office.accountant)
    # While it waits, the wrong one says so and offers no second one; the red one is not copied or changed.
    shown = page(desk, posting.voucher)
    assert response.url in shown
    assert address not in shown
    shown = desk.get(response.url).text
    assert "注销3月2日付字1号凭证" in shown
    assert reverse("finance:ledger:update", args=[red.pk]) not in shown
    assert desk.post(address, data | {"reason": "重复"}).status_code == 422
    step(desk, red, "review")
    red.refresh_from_db()
    assert red.state == State.SUBMITTED
    desk.force_login(office.chief)
    step(desk, red, "review_and_post")
    reversal = Posting.objects.get(reverses=posting)
    assert (reversal.prepared_by, reversal.reviewed_by) == (office.accountant, office.chief)
    assert "付字第2号" in page(desk, posting.voucher)


def test_the_form_that_puts_right_begins_with_the_wrong_lines(desk, office):
    office.opening()
    posting = office.post(office.payment(100))
    address = reverse("finance:ledger:correct", args=[posting.voucher_id])
    shown = desk.get(address)
    assert "订正3月2日付字1号凭证" in shown.text
    lines = [("", EXPENSE, "90", ""), ("", CASH, "", "90"), ("", BUDGET_SPENT, "90", ""), ("", BUDGET_MONEY, "", "90")]
    lines[0] = ("订正3月2日付字1号凭证", *lines[0][1:])
    response = desk.post(address, typed(lines, date="2026-03-03"))
    right = Voucher.objects.get(corrects=posting)
    assert response.url == reverse("finance:ledger:voucher", args=[right.pk])
    assert right.state == State.SUBMITTED
    # Not posted yet: nothing is written off, and nobody else begins to put it right.
    assert not Posting.objects.filter(reverses=posting).exists()
    assert [error.code for error in desk.post(address, typed(lines)).context["form"].non_field_errors().as_data()] == [
        "undoing_waits"
    ]
    office.chief_posts(right)
    assert office.balance(CASH) == Decimal("910.00")
    assert Posting.objects.get(reverses=posting).prepared_by == office.accountant
    assert desk.get(address).status_code == 302


def test_the_accountant_puts_right_through_review(desk, office):
    office.opening()
    posting = office.post(office.payment(100))
    address = reverse("finance:ledger:correct", args=[posting.voucher_id])
    lines = [("订正", EXPENSE, "90", ""), ("", CASH, "", "90")]
    desk.post(address, typed(lines, date="2026-03-03"))
    voucher = Voucher.objects.get(corrects=posting, state=State.SUBMITTED)
    desk.force_login(office.chief)
    step(desk, voucher, "review_and_post")
    assert Posting.objects.filter(reverses=posting).exists()


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


def test_the_cashier_writes_no_transfers(client, office):
    client.force_login(office.cashier)
    lines = [("计提折旧", "500104", "62.5", ""), ("", "160202", "", "62.5")]
    response = client.post(NEW, typed(lines, kind="lines"))
    assert [error.code for error in response.context["form"].errors.as_data()["kind"]] == ["no_transfers"]
    assert client.post(NEW, typed(do="save")).status_code == 302

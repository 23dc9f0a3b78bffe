"""The demo's books: the paper journal of 2024 at 黄竹林学校, the months since then, what waits for review.

Each movement of money is booked in both halves, so that the funds of the budget half (8001) are at every school what is
in its cash box and bank. The bureau's appropriation comes to the central school; what a campus has of it is income of
the campus's budget half and no longer the centre's, and over the current account between their books. At the end of a
year that account is settled with the net assets.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from finance.banks import actions as banks
from finance.banks.models import BankAccount
from finance.counts import demo as counts
from finance.journals import actions as journal_actions
from finance.journals.forms import MapForm
from finance.journals.imports import JOURNAL
from finance.journals.models import JournalBatch
from finance.ledger import actions
from finance.ledger.actions import Line
from finance.ledger.actions.closing import results
from finance.ledger.models import ZERO, Account, Ledger, Voucher, VoucherKind
from houqin.accounts.models import User
from houqin.imports import reader
from houqin.imports.checking import examine
from houqin.imports.columns import find_header, match_columns, titles
from houqin.schools.models import School
from houqin.schools.people import people_with
from houqin.schools.people.actions import give_post
from houqin.schools.roles import Role

CAMPUS = "黄竹林学校"
PAPER = Path(__file__).parent / "demo_data" / "cash_journal_2024.xlsx"
PAPER_YEAR = 2024
CASH, BANK, WITH_CENTRAL, SURPLUS = "100101", "100201", "230790", "3001"
EXPENSE, BUDGET_SPENT, BUDGET_MONEY = "500102", "720101", "800102"
INCOME, BUDGET_INCOME, CARRIED = "4001", "6001", "8101"
BANK_OPENING, CASH_OPENING = Decimal("286400.00"), Decimal("1200.00")
BROUGHT, FROM_CENTRAL, TO_CAMPUS = "上年结转", "从中心学校提备用金", "拨付%s备用金"
SETTLED, APPROPRIATED = "年末与中心学校结清往来", "收到县财政拨付公用经费"
SPENT = (
    ("购粉笔、板擦等教学用品", "268.50"),
    ("打印纸20包", "480.00"),
    ("更换教室门锁", "155.00"),
    ("购扫把拖把垃圾袋", "137.80"),
    ("印制试卷", "392.40"),
    ("维修洗手间水龙头", "96.00"),
    ("饮水机滤芯", "128.60"),
    ("教师参加教研活动差旅费", "346.00"),
)
# By bank, at the central school.
BILLS = (("支付电费", "2416.80"), ("支付校园网络费", "1280.00"), ("支付保安服务费", "6300.00"))
APPROPRIATION = Decimal("18000.00")
# The central school's canteen: cash that its books begin with, what pupils pay a month, and what is bought of it.
CANTEEN, CANTEEN_OPENING, MEALS_PAID = "%s食堂", Decimal("3600.00"), Decimal("21500.00")
OTHER_INCOME, OTHER_BUDGET_INCOME, MEALS = "4609", "6609", "收学生伙食费"
FOOD = (("购大米、食用油", "7320.50"), ("购蔬菜、肉类", "11864.30"), ("支付食堂燃气费", "1180.00"))
# Payments of a month, and what comes for them: at the campus of the paper, and at the others.
FLOAT_DAY = 3
LARGE, SMALL = (8, Decimal("2100.00")), (3, Decimal("800.00"))


@transaction.atomic
def load(out: TextIO) -> None:
    """Open the books of every school and post what the demo shows; a second run finds them and leaves them alone."""
    central = School.objects.filter(parent__isnull=True, is_active=True).order_by("pk").first()
    if central is None or Ledger.objects.exists():
        return
    chief = people_with("finance.close_period", central).order_by("pk").first()
    if chief is None:
        return
    campuses = list(School.objects.filter(parent=central, is_active=True).order_by("pk"))
    desks = [desk for school in campuses if (desk := Desk.at(school, chief)) is not None]
    office = Desk.at(central, chief)
    for desk in desks:
        if desk.school.name == CAMPUS and desk.year > PAPER_YEAR:
            _years_before(desk)
    if office is not None:
        _central(office, desks)
    for desk in desks:
        _campus(desk)
    if office is not None:
        _months_of_the_center(office, desks)
    for desk in [*desks, *([office, _canteen(office)] if office else [])]:
        _close(desk)
    out.write(f"books: {len(desks)} campuses, {Voucher.objects.filter(state='posted').count()} vouchers posted")


class Desk:
    """Where the books of one school are kept, and by whom."""

    def __init__(self, school: School, accountant: User, chief: User, kind: str = Ledger.Kind.MAIN) -> None:
        self.school, self.accountant, self.chief = school, accountant, chief
        self.today = timezone.localdate()
        self.year = self.today.year
        first = PAPER_YEAR if school.name == CAMPUS and self.year > PAPER_YEAR else self.year
        name = CANTEEN % school.name if kind == Ledger.Kind.CANTEEN else ""
        self.ledger = actions.open_ledger(school, kind=kind, year=first, name=name, by=chief)
        self._accounts: dict[str, Account] = {}

    @classmethod
    def at(cls, school: School, chief: User) -> "Desk | None":
        """Return the desk of a school; where nobody keeps books, somebody is appointed."""
        posts = people_with("finance.prepare_transfer", school).exclude(pk=chief.pk)
        accountant = posts.order_by("pk").first() or _appointed(school)
        return None if accountant is None else cls(school, accountant, chief)

    def line(self, code: str, debit: Decimal = ZERO, credit: Decimal = ZERO, summary: str = "") -> Line:
        """Return a line of a voucher."""
        if not self._accounts:
            self._accounts = {
                account.code: account for account in self.ledger.accounts.select_related("ledger__school")
            }
        return Line(self._accounts[code], debit, credit, summary)

    def draft(self, kind: str, on: date, lines: Sequence[Line]) -> Voucher:
        """Write a draft."""
        attachments = 0 if kind == VoucherKind.OPENING else 1
        return actions.save_draft(
            self.ledger, kind=kind, date=on, lines=lines, attachments=attachments, by=self.accountant
        )

    def submitted(self, voucher: Voucher) -> Voucher:
        """Submit it."""
        return actions.submit(voucher, by=self.accountant)

    def reviewed(self, voucher: Voucher) -> Voucher:
        """Submit and review it."""
        return actions.review(self.submitted(voucher), by=self.chief)

    def post(self, vouchers: Sequence[Voucher]) -> None:
        """Review and post them in this order."""
        actions.post_all([self.reviewed(voucher) for voucher in vouchers], by=self.chief)

    def opened(self, money: str, amount: Decimal, against: Sequence[Line] = ()) -> None:
        """Post what the books begin with: money in both halves, and what others owe."""
        owed = sum((line.debit for line in against), ZERO)
        lines = [
            self.line(money, amount, ZERO, BROUGHT),
            *against,
            self.line(SURPLUS, ZERO, amount + owed),
            self.line(BUDGET_MONEY, amount, ZERO, BROUGHT),
            self.line(CARRIED, ZERO, amount),
        ]
        self.post([self.draft(VoucherKind.OPENING, self.ledger.opened_on, lines)])

    def received(self, on: date) -> Voucher:
        """Draft the receipt of the campus's float, its share of the appropriation."""
        lines = [
            self.line(CASH, self.float, ZERO, FROM_CENTRAL),
            self.line(WITH_CENTRAL, ZERO, self.float),
            self.line(BUDGET_MONEY, self.float, ZERO),
            self.line(BUDGET_INCOME, ZERO, self.float),
        ]
        return self.draft(VoucherKind.RECEIPT, on, lines)

    def paid(self, on: date, what: int) -> Voucher:
        """Draft a payment of cash."""
        summary, text = SPENT[what % len(SPENT)]
        # No two months cost the same.
        return self.spent(on, CASH, summary, Decimal(text) + on.month)

    def spent(self, on: date, money: str, summary: str, amount: Decimal) -> Voucher:
        """Draft a payment."""
        lines = [
            self.line(EXPENSE, amount, ZERO, summary),
            self.line(money, ZERO, amount),
            self.line(BUDGET_SPENT, amount, ZERO),
            self.line(BUDGET_MONEY, ZERO, amount),
        ]
        return self.draft(VoucherKind.PAYMENT, on, lines)

    def month(self, year: int, month: int) -> list[Voucher]:
        """Draft a month of a campus: its float and what was paid of it."""
        days = range(5, 5 + 2 * self.payments, 2)
        paid = [self.paid(date(year, month, day), month * self.payments + n) for n, day in enumerate(days)]
        return [self.received(date(year, month, FLOAT_DAY)), *paid]

    @property
    def payments(self) -> int:
        """How many payments a month has."""
        return (LARGE if self.school.name == CAMPUS else SMALL)[0]

    @property
    def float(self) -> Decimal:
        """What comes from the central school each month."""
        return (LARGE if self.school.name == CAMPUS else SMALL)[1]

    @property
    def first_month(self) -> int:
        """The first month with entries: all at the campus of the paper, the last two elsewhere."""
        return 1 if self.school.name == CAMPUS else max(1, self.today.month - 2)


def _appointed(school: School) -> User | None:
    """Let somebody of the school keep its books, as the central officer would."""
    central = school.parent or school
    officer = people_with("schools.appoint_leaders", central).order_by("pk").first()
    staff = User.objects.filter(memberships__school=school, is_active=True, memberships__role=Role.STAFF)
    # Who can log in shows one role each; somebody else takes this post.
    person = next((one for one in staff.order_by("pk") if not one.has_usable_password()), None)
    if officer is None or person is None:
        return None
    give_post(person, school=school, role=Role.ACCOUNTANT, since=date(2024, 1, 1), by=officer)
    return person


def _years_before(desk: Desk) -> None:
    """Post the paper journal and the years after it, and carry the books forward to this year."""
    _paper_year(desk)
    for year in range(PAPER_YEAR, desk.year):
        if year > PAPER_YEAR:
            desk.post([voucher for month in range(1, 13) for voucher in desk.month(year, month)])
        owed = -desk.ledger.accounts.get(code=WITH_CENTRAL).head.balance
        lines = [desk.line(WITH_CENTRAL, owed, ZERO, SETTLED), desk.line(SURPLUS, ZERO, owed)]
        desk.post([desk.draft(VoucherKind.TRANSFER, date(year, 12, 31), lines)])
        if results(desk.ledger, year):
            desk.post([actions.draft_results(desk.ledger, year, by=desk.accountant)])
        _close_through(desk, year, 12)
        actions.carry_forward(desk.ledger, year, by=desk.chief)


def _paper_year(desk: Desk) -> None:
    """Import the paper journal and post it, in both halves."""
    content = PAPER.read_bytes()
    sheet = reader.survey(content)[0]
    header_row, _found = find_header(sheet, JOURNAL)
    rows = reader.rows_of(content, sheet.name, max_rows=JOURNAL.max_rows)
    found = examine(
        JOURNAL,
        rows,
        header_row=header_row,
        mapping=match_columns(titles(rows[header_row - 1]), JOURNAL),
        school=desk.school,
        by=desk.accountant,
        progress=lambda _done: None,
    )
    JOURNAL.write(found.rows, school=desk.school, by=desk.accountant, progress=lambda _done: None)
    batch = JournalBatch.objects.get(ledger=desk.ledger)
    desk.opened(CASH, batch.opening)
    proposed = MapForm(about=batch, by=desk.accountant)
    data = {name: "" if field.initial is None else field.initial for name, field in proposed.fields.items()}
    income = desk.line(BUDGET_INCOME).account
    for counter in batch.counters.all():
        if not data[f"budget_{counter.pk}"]:
            data[f"budget_{counter.pk}"] = income.pk
    form = MapForm(data, about=batch, by=desk.accountant)
    if not form.is_valid():
        raise ValidationError(form.errors.as_text())
    journal_actions.confirm(form.save(), by=desk.chief)


def _central(office: Desk, desks: Sequence[Desk]) -> None:
    """Open the central school's books: its bank account, and what the campuses have had of it already."""
    owed = [(desk, -desk.ledger.accounts.get(code=WITH_CENTRAL).head.balance) for desk in desks]
    banks.register(
        office.ledger.accounts.select_related("ledger__school").get(code=BANK),
        purpose=BankAccount.Purpose.BASIC,
        bank="太平农村信用社太平分社",
        number="6220180012345678901",
        approval="县教体局 太教财〔2019〕12号",
        approved_on=date(2019, 3, 18),
        by=office.chief,
    )
    office.opened(BANK, BANK_OPENING, [Line(_with(office, desk), amount, ZERO) for desk, amount in owed if amount])


def _with(office: Desk, desk: Desk) -> Account:
    """Return the central school's account with a campus."""
    return office.ledger.accounts.select_related("ledger__school").get(counterpart=desk.school)


def _campus(desk: Desk) -> None:
    """Post the months before this one; this month some vouchers wait."""
    if not desk.ledger.postings.exists():
        desk.opened(CASH, CASH_OPENING)
    months = range(desk.first_month, desk.today.month)
    for month in months:
        desk.post(desk.month(desk.year, month))
        counts.month_end(desk.ledger, desk.year, month)
    desk.submitted(desk.received(desk.today))
    if desk.school.name == CAMPUS:
        for what in range(2):
            desk.submitted(desk.paid(desk.today, what))
        desk.reviewed(desk.paid(desk.today, 3))
        desk.paid(desk.today, 4)


def _months_of_the_center(office: Desk, desks: Sequence[Desk]) -> None:
    """Post what came from the bureau, what the campuses had of it, and the centre's own bills.

    The bank's days never go back: campus after campus, month after month.
    """
    vouchers: list[Voucher] = []
    for month in range(1, office.today.month):
        lines = [
            office.line(BANK, APPROPRIATION, ZERO, APPROPRIATED),
            office.line(INCOME, ZERO, APPROPRIATION),
            office.line(BUDGET_MONEY, APPROPRIATION, ZERO),
            office.line(BUDGET_INCOME, ZERO, APPROPRIATION),
        ]
        vouchers.append(office.draft(VoucherKind.RECEIPT, date(office.year, month, 2), lines))
        vouchers += [_passed_on(office, desk, month) for desk in desks if month >= desk.first_month]
        vouchers += [
            office.spent(date(office.year, month, 10 + n), BANK, summary, Decimal(text) + month)
            for n, (summary, text) in enumerate(BILLS)
        ]
    office.post(vouchers)


def _passed_on(office: Desk, desk: Desk, month: int) -> Voucher:
    """Draft what a campus had: owed by it, and of the appropriation no longer the centre's own."""
    lines = [
        Line(_with(office, desk), desk.float, ZERO, TO_CAMPUS % desk.school.name),
        office.line(BANK, ZERO, desk.float),
        office.line(BUDGET_INCOME, desk.float, ZERO),
        office.line(BUDGET_MONEY, ZERO, desk.float),
    ]
    return office.draft(VoucherKind.PAYMENT, date(office.year, month, FLOAT_DAY), lines)


def _canteen(office: Desk) -> Desk:
    """Open the books of the central school's canteen, and post its last months: it earns a little."""
    desk = Desk(office.school, office.accountant, office.chief, Ledger.Kind.CANTEEN)
    desk.opened(CASH, CANTEEN_OPENING)
    for month in range(desk.first_month, desk.today.month):
        lines = [
            desk.line(CASH, MEALS_PAID, ZERO, MEALS),
            desk.line(OTHER_INCOME, ZERO, MEALS_PAID),
            desk.line(BUDGET_MONEY, MEALS_PAID, ZERO),
            desk.line(OTHER_BUDGET_INCOME, ZERO, MEALS_PAID),
        ]
        received = desk.draft(VoucherKind.RECEIPT, date(desk.year, month, 2), lines)
        bought = [
            desk.spent(date(desk.year, month, 12 + n), CASH, summary, Decimal(text) + month)
            for n, (summary, text) in enumerate(FOOD)
        ]
        desk.post([received, *bought])
    return desk


def _close_through(desk: Desk, year: int, month: int) -> None:
    for period in desk.ledger.periods.filter(year=year, month__lte=month, state="open").order_by("month"):
        actions.close_period(period, by=desk.chief)


def _close(desk: Desk) -> None:
    """Close this year's months but the last one before this."""
    _close_through(desk, desk.year, desk.today.month - 2)

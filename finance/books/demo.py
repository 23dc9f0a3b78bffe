"""The demo's books: the paper journal of 2024 at 黄竹林学校, this year's months, what waits for review."""

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
from finance.books import journal_actions
from finance.books.journal_forms import MapForm
from finance.books.journal_import import JOURNAL
from finance.books.journal_models import JournalBatch
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
BANK_OPENING = Decimal("286400.00")
FROM_CENTRAL = "从中心学校提备用金"
TO_CAMPUS = "拨付%s备用金"
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
FLOAT = Decimal("1500.00")
EACH_MONTH = 3


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
            _paper_year(desk)
    if office is not None:
        _central(office, desks)
    floats = [voucher for desk in desks for voucher in _campus(desk, office)]
    if office is not None:
        # The bank's days never go back: campus after campus, month after month.
        office.post(sorted(floats, key=lambda voucher: voucher.date))
    for desk in [*desks, *([office] if office else [])]:
        _close(desk)
    out.write(f"books: {len(desks)} campuses, {Voucher.objects.filter(state='posted').count()} vouchers posted")


class Desk:
    """Where the books of one school are kept, and by whom."""

    def __init__(self, school: School, accountant: User, chief: User) -> None:
        self.school, self.accountant, self.chief = school, accountant, chief
        self.today = timezone.localdate()
        self.year = self.today.year
        first = PAPER_YEAR if school.name == CAMPUS and self.year > PAPER_YEAR else self.year
        self.ledger = actions.open_ledger(school, kind=Ledger.Kind.MAIN, year=first, by=chief)
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

    def received(self, on: date) -> Voucher:
        """Draft the receipt of the campus's float."""
        lines = [self.line(CASH, FLOAT, ZERO, FROM_CENTRAL), self.line(WITH_CENTRAL, ZERO, FLOAT)]
        return self.draft(VoucherKind.RECEIPT, on, lines)

    def paid(self, on: date, what: int) -> Voucher:
        """Draft a payment of cash, in both halves."""
        summary, text = SPENT[what % len(SPENT)]
        amount = Decimal(text)
        lines = [
            self.line(EXPENSE, amount, ZERO, summary),
            self.line(CASH, ZERO, amount),
            self.line(BUDGET_SPENT, amount, ZERO),
            self.line(BUDGET_MONEY, ZERO, amount),
        ]
        return self.draft(VoucherKind.PAYMENT, on, lines)

    def day(self, month: int, day: int) -> date:
        """Return a day of this year, today at the latest."""
        return min(date(self.year, month, day), self.today)

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


def _paper_year(desk: Desk) -> None:
    """Import the paper journal, post it, transfer the year's results, and carry the books forward to this year."""
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
    proposed = MapForm(about=batch, by=desk.accountant)
    data = {name: "" if field.initial is None else field.initial for name, field in proposed.fields.items()}
    form = MapForm(data, about=batch, by=desk.accountant)
    if not form.is_valid():
        raise ValidationError(form.errors.as_text())
    journal_actions.confirm(form.save(), by=desk.chief)
    for year in range(PAPER_YEAR, desk.year):
        if results(desk.ledger, year):
            desk.post([actions.draft_results(desk.ledger, year, by=desk.accountant)])
        _close_through(desk, year, 12)
        actions.carry_forward(desk.ledger, year, by=desk.chief)


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
    lines = [office.line(BANK, BANK_OPENING, ZERO, "上年结转")]
    lines += [Line(_with(office, desk), amount, ZERO) for desk, amount in owed if amount]
    total = sum((line.debit for line in lines), ZERO)
    opening = [*lines, office.line(SURPLUS, ZERO, total)]
    office.post([office.draft(VoucherKind.OPENING, date(office.year, 1, 1), opening)])


def _with(office: Desk, desk: Desk) -> Account:
    """Return the central school's account with a campus."""
    return office.ledger.accounts.select_related("ledger__school").get(counterpart=desk.school)


def _campus(desk: Desk, office: Desk | None) -> list[Voucher]:
    """Post the months before this one; this month some vouchers wait. Returns what the center paid."""
    months = range(desk.first_month, desk.today.month)
    vouchers: list[Voucher] = []
    floats: list[Voucher] = []
    for month in months:
        vouchers.append(desk.received(desk.day(month, 3)))
        if office is not None:
            account = _with(office, desk)
            lines = [Line(account, FLOAT, ZERO, TO_CAMPUS % desk.school.name), office.line(BANK, ZERO, FLOAT)]
            floats.append(office.draft(VoucherKind.PAYMENT, desk.day(month, 3), lines))
        vouchers += [desk.paid(desk.day(month, 8 + 7 * n), month * EACH_MONTH + n) for n in range(EACH_MONTH)]
    desk.post(vouchers)
    desk.submitted(desk.received(desk.today))
    if desk.school.name == CAMPUS:
        for what in range(2):
            desk.submitted(desk.paid(desk.today, what))
        desk.reviewed(desk.paid(desk.today, 3))
        desk.paid(desk.today, 4)
    return floats


def _close_through(desk: Desk, year: int, month: int) -> None:
    for period in desk.ledger.periods.filter(year=year, month__lte=month, state="open").order_by("month"):
        actions.close_period(period, by=desk.chief)


def _close(desk: Desk) -> None:
    """Close this year's months but the last one before this."""
    _close_through(desk, desk.year, desk.today.month - 2)

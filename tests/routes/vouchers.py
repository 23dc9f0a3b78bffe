"""Vouchers, months and sets of books."""

from finance.ledger import actions
from finance.ledger.actions import Line
from finance.ledger.models import Account, Ledger, Voucher
from finance.ledger.models.scans import VoucherScan
from houqin.files.models import StoredFile
from tests.routes.table import FORM, PAGE, STEP, Route, of
from tests.schools.factories import make_membership, make_person, make_user


def plant(there):
    central = there.school.parent or there.school
    chief = make_user()
    make_membership(chief, central, "chief_accountant")
    there.ledger = Ledger.objects.filter(school=there.school, kind="main").first() or actions.open_ledger(
        there.school, kind="main", year=2026, by=chief, name=f"{there.canary}账套"
    )
    there.accountant = make_person(there.school, "accountant", display_name=f"{there.canary}会计")
    accounts = Account.objects.filter(ledger=there.ledger).select_related("ledger__school")
    lines = [
        Line(accounts.get(code="100101"), 100, 0, f"{there.canary}上年结转"),
        Line(accounts.get(code="3001"), 0, 100),
    ]
    given = {"date": there.ledger.opened_on, "lines": lines, "by": there.accountant}
    opening = actions.save_draft(there.ledger, kind="opening", **given)
    actions.post(actions.review(actions.submit(opening, by=there.accountant), by=chief), by=chief)
    there.posted = _posted(there, accounts, chief)
    there.voucher = actions.save_draft(there.ledger, kind="receipt", **given)
    file = StoredFile.objects.create(
        school=there.school,
        kind="pdf",
        name=there.canary,
        stored_path=f"v/{there.canary}.pdf",
        pages=1,
        size=1,
        sha256="0" * 64,
    )
    there.scan = VoucherScan.objects.create(voucher=there.voucher, file=file)
    there.account = accounts.get(code="1218")
    there.period = there.ledger.periods.order_by("year", "month").first()


def _posted(there, accounts, chief):
    lines = [
        Line(accounts.get(code="500102"), 1, 0, f"{there.canary}粉笔"),
        Line(accounts.get(code="100101"), 0, 1),
    ]
    day = there.ledger.opened_on
    voucher = actions.save_draft(
        there.ledger, kind="payment", date=day, lines=lines, by=there.accountant, attachments=1
    )
    actions.post(actions.review(actions.submit(voucher, by=there.accountant), by=chief), by=chief)
    return Voucher.objects.get(pk=voucher.pk)


def of_year(there):
    """The arguments of a page about a year of the books."""
    return {"pk": there.ledger.pk, "year": 2026}


def of_scan(there):
    """The arguments of a scan."""
    return {"pk": there.voucher.pk, "scan": there.scan.pk}


VOUCHER, POSTED, PERIOD, LEDGER, ACCOUNT = of("voucher"), of("posted"), of("period"), of("ledger"), of("account")
VIEW, WRITE, REVIEW = "finance.view_books", "finance.prepare_voucher", "finance.review_voucher"
POST, CLOSE, MANAGE = "finance.post_voucher", "finance.close_period", "finance.manage_ledger"

ROUTES = [
    Route("finance:ledger:vouchers", may=VIEW),
    Route("finance:ledger:create", FORM, WRITE),
    Route("finance:ledger:accounts", may=WRITE),
    Route("finance:ledger:capital", may=VIEW),
    Route("finance:ledger:purchases", may=WRITE),
    Route("finance:ledger:post_several", STEP, POST),
    Route("finance:ledger:print_several", STEP, VIEW),
    Route("finance:ledger:voucher", may=VIEW, of=VOUCHER),
    Route("finance:ledger:update", FORM, WRITE, of=VOUCHER),
    Route("finance:ledger:submit", STEP, WRITE, of=VOUCHER),
    Route("finance:ledger:review", STEP, REVIEW, of=VOUCHER),
    Route("finance:ledger:review_and_post", STEP, REVIEW, of=VOUCHER),
    Route("finance:ledger:send_back", FORM, REVIEW, of=VOUCHER),
    Route("finance:ledger:post", STEP, POST, of=VOUCHER),
    Route("finance:ledger:detach", STEP, WRITE, of=of_scan),
    # Those who prepared it may, too; none of the walkers did.
    Route("finance:ledger:void", STEP, REVIEW, of=VOUCHER),
    Route("finance:ledger:reverse", FORM, WRITE, of=POSTED),
    Route("finance:ledger:correct", FORM, WRITE, of=POSTED),
    Route("finance:ledger:scan", FORM, WRITE, of=VOUCHER),
    Route("finance:ledger:print", PAGE, VIEW, of=VOUCHER),
    Route("finance:ledger:periods", may=VIEW),
    Route("finance:ledger:close", FORM, CLOSE, of=PERIOD),
    Route("finance:ledger:chart", may=VIEW),
    Route("finance:ledger:account", may=VIEW, of=ACCOUNT),
    Route("finance:ledger:add_account", FORM, MANAGE, of=ACCOUNT),
    Route("finance:ledger:rename_account", FORM, MANAGE, of=ACCOUNT),
    Route("finance:ledger:close_account", STEP, MANAGE, of=ACCOUNT),
    Route("finance:ledger:reopen_account", STEP, MANAGE, of=ACCOUNT),
    Route("finance:ledger:switch", STEP, VIEW, data=lambda _there: {"kind": "canteen"}),
    Route("finance:ledger:open", FORM, MANAGE),
    Route("finance:ledger:open_year", STEP, MANAGE, of=LEDGER),
    Route("finance:ledger:draft_results", STEP, "finance.prepare_transfer", of=of_year),
    Route("finance:ledger:carry", FORM, CLOSE, of=of_year),
]

"""Sets of books are opened, and their years."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from finance.ledger import charts
from finance.ledger.models import Ledger, Period
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.schools.models import School
from houqin.schools.permissions import require
from houqin.web.trail import record_action

# Years that may stand open at once: the old one is still being closed when the new one begins.
OPEN_YEARS = 2


@transaction.atomic
def open_ledger(
    school: School,
    *,
    kind: str,
    year: int,
    by: User,
    name: str = "",
    month: int = 1,
    voucher_kinds: str = Ledger.VoucherKinds.THREE,
    lines_per_page: int = 20,
) -> Ledger:
    """Open a set of books from a month of `year` on, with the shipped chart and the periods of the year.

    Raises Refused "ledger_exists", "no_such_year" or "wrong_lines".
    """
    require(by, "finance.manage_ledger", school)
    if not 2000 <= year <= 2100 or not 1 <= month <= 12:
        raise Refused(_("Choose a year and a month."), code="no_such_year", field="year")
    if not 5 <= lines_per_page <= 60:
        raise Refused(_("A page has from 5 to 60 lines."), code="wrong_lines", field="lines_per_page")
    # The school's row keeps a second one out until this one is there.
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    if Ledger.objects.filter(school=school, kind=kind).exists():
        raise Refused(_("This school has a set of books of this kind already."), code="ledger_exists")
    ledger = Ledger.objects.create(
        school=school,
        kind=kind,
        name=name.strip() or school.name,
        year_opened=year,
        opened_on=date(year, month, 1),
        opened_by=by,
        voucher_kinds=voucher_kinds,
        lines_per_page=lines_per_page,
    )
    charts.copy_chart(ledger)
    _make_periods(ledger, year, from_month=month)
    record_action("finance.open_ledger", by=by, record=ledger, detail=f"{year}-{month:02d}")
    return ledger


@transaction.atomic
def open_year(ledger: Ledger, *, by: User) -> list[Period]:
    """Open the periods of the next year, so that January goes on while December is still being closed.

    Raises WrongState "year_before_open" when the year before the last one is not carried forward yet.
    """
    ledger = locked(ledger)
    require(by, "finance.manage_ledger", ledger)
    last = last_year(ledger)
    carried = ledger.carried_through if ledger.carried_through is not None else ledger.year_opened - 1
    if last - carried >= OPEN_YEARS:
        raise WrongState(
            _("Close %(year)s and carry it forward first."), code="year_before_open", params={"year": carried + 1}
        )
    periods = _make_periods(ledger, last + 1)
    record_action("finance.open_year", by=by, record=ledger, detail=str(last + 1))
    return periods


def locked(ledger: Ledger) -> Ledger:
    """Return the ledger as it is now; nothing is posted in it until the transaction ends."""
    return Ledger.objects.select_for_update(of=("self",), no_key=True).select_related("school").get(pk=ledger.pk)


def last_year(ledger: Ledger) -> int:
    """Return the last year that has periods."""
    return ledger.periods.order_by("-year").values_list("year", flat=True)[0]


def _make_periods(ledger: Ledger, year: int, *, from_month: int = 1) -> list[Period]:
    return Period.objects.bulk_create(Period(ledger=ledger, year=year, month=month) for month in range(from_month, 13))

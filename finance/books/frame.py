"""What stands around every book on screen: the tabs to the others, as of when, and an export that is on its way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.books import figures, periods
from finance.books.bound import ON_SHELF
from finance.ledger.models import Account, Ledger
from houqin.exports.models import ExportJob
from houqin.schools.access import access_of

VIEW = "finance.view_books"
PREPARE = "finance.prepare_voucher"
# An export that is over is told on the page of its book for this long.
TOLD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Tab:
    """A way to another book of the same school."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What the pages of one set of books share."""

    ledger: Ledger
    tabs: list[Tab]
    # The bound books of the same name: cash in hand, and cash that is held for others.
    beside: list[Tab]
    job: ExportJob | None
    may_write: bool
    as_of: datetime


def frame(request: Any, ledger: Ledger, shown: periods.Shown, current: str, account: Account | None = None) -> Frame:
    """Return the frame of a book. Two queries: the bound books, and the exports of this person."""
    kinds: dict[str, list[tuple[int, str, str]]] = {}
    bound = Account.objects.filter(ON_SHELF, ledger=ledger).order_by("code")
    for pk, code, name in bound.values_list("pk", "code", "name"):
        kinds.setdefault(figures.book_title(code, name), []).append((pk, code, name))
    own = next((title for title, of in kinds.items() if account and account.pk in [pk for pk, *_name in of]), "")
    is_bound = current == "bound"

    def address(name: str, pk: int) -> str:
        url = reverse(f"finance:books:{name}", args=[pk])
        return f"{url}?{shown.onward}" if shown.onward else url

    tabs = [Tab(title, address("page", of[0][0]), is_bound and title == own) for title, of in kinds.items()]
    tabs += [
        Tab(_("Subsidiary ledger"), address("subsidiary", ledger.pk), current == "account"),
        Tab(_("General ledger"), address("general", ledger.pk), current == "general"),
        Tab(_("Multi-column book"), address("multicolumn", ledger.pk), current == "columns"),
        Tab(_("Balances of accounts"), address("balances", ledger.pk), current == "balances"),
    ]
    if len(access_of(request.user).schools_with(VIEW)) > 1:
        tabs.append(Tab(_("Schools side by side"), f"{reverse('finance:books:schools')}?{shown.query}", False))
    beside = [
        Tab(f"{code} {name}", address("page", pk), account is not None and pk == account.pk)
        for pk, code, name in (kinds.get(own, []) if is_bound else [])
    ]
    return Frame(
        ledger=ledger,
        tabs=tabs,
        beside=beside if len(beside) > 1 else [],
        job=job_of(request.user, ledger, account),
        may_write=request.user.has_perm(PREPARE, ledger.school),
        as_of=timezone.now(),
    )


def job_of(user: Any, ledger: Ledger | None, account: Account | None = None) -> ExportJob | None:
    """Return the person's latest export of a book, on its way or just over. One query."""
    over = Q(state=ExportJob.State.DONE, seen_at__isnull=True) | Q(state=ExportJob.State.FAILED)
    recent = Q(state__in=ExportJob.ACTIVE) | over & Q(finished_at__gt=timezone.now() - TOLD)
    jobs = ExportJob.objects.visible_to(user).filter(recent, kind__startswith="finance.").order_by("-asked_at")
    book = {} if ledger is None else {"ledger": [str(ledger.pk)]}
    if account is not None:
        book["code"] = [account.code]
    return jobs.filter(params__contains=book).first() if book else jobs.exclude(params__has_key="ledger").first()

"""What the ledger puts on the home page: vouchers to write, review and post, months to close, the cash."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, CharField, Count, F, Min, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.ledger import from_purchase, states
from finance.ledger.models import AccountHead, Period, Voucher
from finance.ledger.rows import shown_amount
from finance.ledger.wording import month_of
from houqin.accounts.models import User
from houqin.schools.access import access_of
from houqin.web.home import HomeFigure, HomePage, HomeRow, HomeSection
from houqin.web.moments import day
from houqin.web.templatetags.houqin import money

ROWS = 5
CASH = "1001"
State = Voucher.State
# What came back is no draft like the others.
RETURNED = "returned"
SECTIONS = (
    (RETURNED, _("Vouchers sent back to you"), RETURNED, _("Change")),
    (State.SUBMITTED, _("Vouchers to review"), "review", _("Review")),
    (State.REVIEWED, _("Vouchers to post"), "post", _("Post")),
    (State.DRAFT, _("Your drafts, not submitted yet"), "drafts", _("Complete")),
)


def waiting(user: Any, school: Any) -> QuerySet[Voucher]:
    """Return what waits for this person: to review, to post, and what came back."""
    return _to_judge(user, school) | _own_drafts(user, school).exclude(returned_reason="")


def _to_judge(user: Any, school: Any) -> QuerySet[Voucher]:
    reviews = access_of(user).schools_with("finance.review_voucher")
    rows = Voucher.objects.visible_to(user).at(school).exclude(prepared_by=user)
    return rows.filter(school_id__in=reviews, state__in=(State.SUBMITTED, State.REVIEWED))


def _own_drafts(user: Any, school: Any) -> QuerySet[Voucher]:
    return Voucher.objects.visible_to(user).at(school).filter(prepared_by=user, state=State.DRAFT)


def card(user: User, school: Any, page: HomePage) -> None:
    """Add what waits for this person. Two queries, for those who keep books."""
    if not user.has_perm("finance.prepare_voucher", school):
        return
    _vouchers(user, school, page)
    if user.has_perm("finance.close_period", school):
        _months(user, school, page)
    elif user.has_perm("finance.prepare_transfer", school):
        _purchases(user, school, page)
    else:
        _cash(user, school, page)


def _vouchers(user: User, school: Any, page: HomePage) -> None:
    part = Case(
        When(~Q(returned_reason=""), state=State.DRAFT, then=Value(RETURNED)),
        default=F("state"),
        output_field=CharField(),
    )
    # The first of each section, each with how many there are.
    rows = (_to_judge(user, school) | _own_drafts(user, school)).annotate(
        part=part,
        place=Window(RowNumber(), partition_by=part, order_by=["date", "pk"]),
        of_its_kind=Window(Count("*"), partition_by=part),
        amount=shown_amount(),
    )
    found = list(rows.filter(place__lte=ROWS).select_related("prepared_by", "school").order_by("place"))
    for name, title, chip, action in SECTIONS:
        own = [row for row in found if row.part == name]
        if own:
            url = f"{reverse('finance:ledger:vouchers')}?chip={chip}"
            shown = [_row(row, action, school) for row in own]
            _add(page, title, shown, own[0].of_its_kind, url)


def _row(voucher: Any, action: Any, school: Any) -> HomeRow:
    facts = [voucher.get_kind_display(), day(voucher.date), str(voucher.prepared_by), voucher.returned_reason]
    return HomeRow(
        title=voucher.summary or str(voucher.get_kind_display()),
        url=states.url_of(voucher.pk),
        icon="notebook",
        facts=[*([] if school is not None else [voucher.school.name]), *facts],
        right=money(voucher.amount),
        action=action,
        primary=voucher.state != State.DRAFT or bool(voucher.returned_reason),
    )


def _months(user: User, school: Any, page: HomePage) -> None:
    """Add the first open month of each set of books, if it is over."""
    today = timezone.localdate()
    now = today.year * 12 + today.month
    months = Period.objects.visible_to(user).at(school).filter(state=Period.State.OPEN)
    first = months.annotate(at=F("year") * 12 + F("month")).order_by().values("ledger").annotate(first=Min("at"))
    due = {row["ledger"]: row["first"] for row in first.filter(first__lt=now)}
    if not due:
        return
    rows = months.filter(ledger__in=due).annotate(at=F("year") * 12 + F("month")).select_related("ledger")
    periods = [one for one in rows.order_by("year", "month", "pk") if one.at == due[one.ledger_id]]
    shown = [
        HomeRow(
            title=f"{period.ledger} {month_of(period)}",
            url=reverse("finance:ledger:close", args=[period.pk]),
            icon="lock",
            facts=[_("over and not closed yet")],
            action=pgettext_lazy("month of the books", "Close"),
        )
        for period in periods[:ROWS]
    ]
    _add(page, _("Months to close"), shown, len(periods), reverse("finance:ledger:periods"))


def _purchases(user: User, school: Any, page: HomePage) -> None:
    """Add what was delivered and has no voucher yet."""
    rows = from_purchase.waiting(user, school).annotate(all=Window(Count("*"))).select_related("school")
    found = list(rows[:ROWS])
    if not found:
        return
    create = reverse("finance:ledger:create")
    shown = [
        HomeRow(
            title=purchase.title,
            url=purchase.get_absolute_url(),
            icon="shopping-cart",
            facts=[purchase.number, *([] if school is not None else [purchase.school.name])],
            right=money(purchase.total),
            action=_("Draft the voucher"),
            action_url=f"{create}?purchase={purchase.pk}",
        )
        for purchase in found
    ]
    _add(page, _("Delivered, without a voucher"), shown, found[0].all, reverse("finance:ledger:purchases"))


def _cash(user: User, school: Any, page: HomePage) -> None:
    """Add what should be in the cash box; it opens the account."""
    heads = (
        AccountHead.objects.visible_to(user)
        .at(school)
        .filter(account__code__startswith=CASH, account__closed=False, position__gt=0)
    )
    for head in heads.select_related("account", "ledger").order_by("-ledger__kind", "account__code")[:ROWS]:
        url = reverse("finance:ledger:account", args=[head.account_id])
        page.figures.append(HomeFigure(money(head.balance), f"{head.account.name} · {head.ledger}", url))


def _add(page: HomePage, title: Any, rows: Sequence[HomeRow], count: int, url: str) -> None:
    page.sections.append(HomeSection(title=title, rows=rows, count=count, more_label=_("See all"), more_url=url))

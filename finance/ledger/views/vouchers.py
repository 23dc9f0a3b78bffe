"""The list of vouchers, a voucher's page, and what its form asks while one types."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from finance.ledger import acting, course, from_purchase, parallel, rows, rules, states, wording
from finance.ledger.accounts import Accounts, label
from finance.ledger.line_forms import amount, half_sums
from finance.ledger.models import Posting, Voucher, VoucherKind
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.schools.access import access_of
from houqin.schools.permissions import require
from houqin.web.capital import in_capitals
from houqin.web.paging import Sort
from houqin.web.templatetags.houqin import money
from houqin.web.views import Chip, DetailPage, Filter, ListPage, ListState, any_of

VIEW = "finance.view_books"
State = Voucher.State


def _months(request: Any) -> list[tuple[str, str]]:
    """Return what to choose from: each year of the books, the latest first, and below it its months."""
    today = timezone.localdate()
    oldest = min((ledger.year_opened for ledger in acting.books(request).ledgers), default=today.year)
    found = []
    for year in range(today.year, min(oldest, today.year) - 1, -1):
        last = today.month if year == today.year else 12
        found.append((str(year), gettext("The whole year %(year)s") % {"year": year}))
        found += [(f"{year}-{month:02d}",) * 2 for month in range(last, 0, -1)]
    return found


def _in_month(vouchers: QuerySet[Any], value: str) -> QuerySet[Any]:
    year, _dash, month = value.partition("-")
    if not month:
        return vouchers.filter(date__gte=date(int(year), 1, 1), date__lte=date(int(year), 12, 31))
    following = date(int(year) + int(month) // 12, int(month) % 12 + 1, 1)
    return vouchers.filter(date__gte=date(int(year), int(month), 1), date__lt=following)


def _schools(request: Any) -> list[tuple[str, str]]:
    if request.acting.school is not None:
        return []
    access = access_of(request.user)
    allowed = access.schools_with(VIEW)
    return [(str(pk), school.name) for pk, school in access.schools.items() if pk in allowed]


def _sent_back(vouchers: QuerySet[Any], _user: Any) -> QuerySet[Any]:
    return vouchers.filter(state=State.DRAFT).exclude(returned_reason="")


class VoucherList(ListPage):
    """Vouchers: what is being written, what waits for review or posting, what is posted."""

    model = Voucher
    permission = VIEW
    template_name = "finance/ledger/list.html"
    search_hint = _("Summary, account, amount, or pinyin initials")
    sorts = {"newest": Sort("date")}
    default_sort = "newest"
    default_chip = "open"
    chips = [
        Chip("open", _("not posted"), any_of(state__in=(State.DRAFT, State.SUBMITTED, State.REVIEWED))),
        Chip("drafts", _("drafts"), any_of(state=State.DRAFT)),
        Chip("returned", _("sent back"), _sent_back, red=True),
        Chip("review", _("to review"), any_of(state=State.SUBMITTED)),
        Chip("post", _("to post"), any_of(state=State.REVIEWED)),
        Chip("posted", _("posted"), any_of(state=State.POSTED)),
        Chip("voided", _("voided"), any_of(state=State.VOIDED)),
    ]
    filters = [
        Filter("month", _("all months"), _months, _in_month),
        Filter(
            "kind",
            _("all kinds"),
            lambda _request: VoucherKind.choices,
            lambda vouchers, value: vouchers.filter(kind=value),
        ),
        Filter("school", _("all schools"), _schools, lambda vouchers, value: vouchers.filter(school=int(value))),
    ]

    def get_queryset(self) -> QuerySet[Any]:
        vouchers, books = super().get_queryset(), acting.books(self.request)
        return vouchers.filter(ledger__in=[one.pk for one in books.chosen]) if books.several else vouchers

    def shown_chips(self, state: ListState) -> Sequence[Chip]:
        return [chip for chip in self.chips if chip.value != "voided" or chip.value == state.chip]

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return rows.narrow(queryset, with_school=self.request.acting.school is None)  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        request: Any = self.request
        user, school = request.user, request.acting.school
        return context | {
            "books": acting.books(request),
            "rows": rows.ready(context["rows"]),
            "filters": [shown for shown in context["filters"] if shown.options],
            "all_schools": school is None,
            "may_write": user.has_perm("finance.prepare_voucher", school),
            "printed": _print_query(request, acting.books(request).kind),
            "ticks": context["state"].chip in ("post", "posted"),
            "posting": context["state"].chip == "post" and user.has_perm("finance.post_voucher", school),
        }


def _print_query(request: Any, kind: str) -> str:
    """Return the query string that prints what the list shows, of the books that it shows."""
    asked = request.GET.copy()
    asked.pop("page", None)
    asked[acting.SESSION_KEY] = kind
    return str(asked.urlencode())


class VoucherDetail(DetailPage):
    """A voucher: its lines, its people, what is next, and its way into the books and out of them."""

    model = Voucher
    template_name = "finance/ledger/voucher.html"
    context_object_name = "voucher"

    def get_queryset(self) -> QuerySet[Any]:
        joined = ("ledger__school", "school", "prepared_by", "reviewed_by", "reverses", "corrects")
        return super().get_queryset().select_related(*joined)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        voucher: Voucher = self.object
        user: Any = self.request.user
        posting = Posting.objects.filter(voucher=voucher).select_related("posted_by").first()
        links = _links(voucher, posting)
        bought = from_purchase.purchase_of(voucher, user)
        undoing = rules.undoing(posting).first() if posting is not None else None
        undone = undoing is not None or any(link["undoes"] for link in links)
        lines = list(voucher.lines.select_related("account"))
        moves_money = any(line.account.is_money for line in lines)
        viewer = states.Viewer.of(voucher, posting, user, undone=undone, moves_money=moves_money)
        return super().get_context_data(
            lines=lines,
            sums=half_sums((line.account.half, line.debit, line.credit) for line in lines),
            hint=parallel.hint(voucher, lines),
            posting=posting,
            number=wording.number_of(posting) if posting else "",
            look=states.look(voucher.state, is_returned=bool(voucher.returned_reason)),
            viewer=viewer,
            next=states.of_undoing(undoing) or states.next_step(voucher, viewer, user, _hindrance(voucher, user)),
            moments=course.course(voucher, posting, course.log_of(voucher)),
            scans=list(voucher.scans.select_related("file")),
            links=links,
            bought=bought,
            **kwargs,
        )


def _hindrance(voucher: Voucher, user: User) -> Refused | None:
    """Return why this person may not review this voucher."""
    try:
        rules.may_review(voucher, user)
    except Refused as refusal:
        return refusal
    return None


def _links(voucher: Voucher, posting: Posting | None) -> list[dict[str, Any]]:
    """Return what this voucher undoes, and by what it was undone."""
    found: list[dict[str, Any]] = []

    def add(words: Any, other: Posting | None, *, undoes: bool = False) -> None:
        if other is not None:
            number = wording.number_of(other)
            found.append({"words": words, "number": number, "url": states.url_of(other.voucher_id), "undoes": undoes})

    add(_("Writes off"), voucher.reverses)
    add(_("Puts right"), voucher.corrects)
    if posting is not None:
        add(_("Written off by"), Posting.objects.filter(reverses=posting).first(), undoes=True)
        add(_("Put right by"), Posting.objects.filter(corrects=posting).first(), undoes=True)
    return found


@require_safe
def accounts(request: Any) -> HttpResponse:
    """Return the accounts that fit what is typed (`q`), or all of them: code, name, what is searched, half."""
    require(request.user, "finance.prepare_voucher", request.acting.school)
    ledger = acting.asked(request, "finance.prepare_voucher")
    if ledger is None:
        return JsonResponse({"accounts": []})
    known = Accounts(ledger)
    query = request.GET.get("q", "").strip().lower()[:60]
    found = known.like(query) if query else known.all
    rows_ = [[one.code, label(one), one.search_text, one.half] for one in found]
    return JsonResponse({"accounts": rows_}, headers={"Cache-Control": "private, max-age=60"})


@require_safe
def capital(request: Any) -> HttpResponse:
    """Return an amount in capital numerals, as it is signed for."""
    require(request.user, VIEW, request.acting.school)
    value = amount(request.GET.get("amount", ""))
    return JsonResponse({"capital": in_capitals(value), "amount": money(value)})

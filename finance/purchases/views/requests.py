"""The list, the whole way of a purchase on one page, the campuses side by side, the school's settings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from finance.purchases import course, facts, further, order_page, panel, rows, states
from finance.purchases.forms import SettingsForm
from finance.purchases.models import PurchaseRequest, PurchaseSettings, State
from houqin.schools.access import access_of
from houqin.schools.pages import AtOneSchool
from houqin.schools.permissions import require
from houqin.web.paging import Sort
from houqin.web.views import Chip, DetailPage, Filter, ListPage, ListState, UpdatePage, any_of

# As many years before this one can be looked at.
YEARS_BACK = 4
UNDER_WAY = (State.ORDERED,)


def _years(_request: Any) -> list[tuple[str, str]]:
    this_year = timezone.localdate().year
    return [(str(year), str(year)) for year in range(this_year, this_year - YEARS_BACK - 1, -1)]


def _in_year(purchases: QuerySet[Any], year: int) -> QuerySet[Any]:
    start, end = (timezone.make_aware(datetime(y, 1, 1)) for y in (year, year + 1))  # noqa: DTZ001  made aware here
    return purchases.filter(created_at__gte=start, created_at__lt=end)


def _schools(request: Any) -> list[tuple[str, str]]:
    """Return the campuses to choose from, for who looks at all of them."""
    if request.acting.school is not None:
        return []
    return [(str(pk), str(school)) for pk, school in access_of(request.user).schools.items()]


def _this_year(**flag: bool) -> Any:
    return lambda purchases, _user: _in_year(purchases, timezone.localdate().year).filter(**flag)


class PurchaseList(ListPage):
    """Purchases that the person sees: offices those of the school, everybody else one's own."""

    model = PurchaseRequest
    template_name = "finance/purchases/list.html"
    sorts = {"newest": Sort("created_at"), "needed": Sort("needed_key", descending=False)}
    default_sort = "newest"
    default_chip = "open"
    chips = [
        Chip("open", _("under way"), lambda purchases, _user: facts.unfinished(purchases)),
        Chip("waiting", _("waiting for signatures"), any_of(state=State.SUBMITTED)),
        Chip("to_order", _("to be ordered"), any_of(state=State.APPROVED)),
        Chip("ordered", _("on its way"), any_of(state__in=UNDER_WAY)),
        Chip("drafts", _("drafts"), any_of(state=State.DRAFT)),
        Chip("returned", _("returned"), any_of(state=State.RETURNED), red=True),
        Chip("emergency", _("urgent this year"), _this_year(is_emergency=True), red=True),
        Chip("over_market", _("above the market this year"), _this_year(is_over_market=True), red=True),
        Chip("mine", _("asked by me"), lambda purchases, user: purchases.filter(requester=user)),
        Chip("done", _("delivered"), any_of(state__in=(State.DELIVERED, State.CLOSED))),
        Chip("ended", _("not approved, withdrawn"), any_of(state__in=(State.REJECTED, State.WITHDRAWN))),
    ]
    filters = [
        Filter(
            "kind",
            _("all kinds"),
            lambda _request: PurchaseRequest.Kind.choices,
            lambda purchases, value: purchases.filter(kind=value),
        ),
        Filter("year", _("all years"), _years, lambda purchases, value: _in_year(purchases, int(value))),
        Filter("school", _("all campuses"), _schools, lambda purchases, value: purchases.filter(school=int(value))),
    ]

    def shown_chips(self, state: ListState) -> Sequence[Chip]:
        request: Any = self.request
        reads = request.user.has_perm("finance.view_purchases", request.acting.school)
        hidden = set() if reads else {"to_order", "emergency", "over_market", "mine"}
        return [chip for chip in self.chips if chip.value not in hidden or chip.value == state.chip]

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return rows.narrow(queryset, with_school=self.request.acting.school is None)  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        request: Any = self.request
        user, school = request.user, request.acting.school
        return context | {
            "rows": rows.ready(context["rows"]),
            "filters": [shown for shown in context["filters"] if shown.options],
            "all_schools": school is None,
            "may_request": user.has_perm("finance.request_purchase", school),
            "may_read": user.has_perm("finance.view_purchases", school),
            "may_change_settings": school is not None and user.has_perm("finance.manage_purchase_settings", school),
            "is_central": access_of(user).is_central,
            **order_page.list_context(user, school),
        }


class PurchaseDetail(DetailPage):
    """A purchase and its whole way: what and why, budget, market, signatures, order, deliveries, history."""

    model = PurchaseRequest
    template_name = "finance/purchases/detail.html"
    context_object_name = "purchase"

    def get_queryset(self) -> QuerySet[Any]:
        user: Any = self.request.user
        joined = ("school", "requester", "budget_line__item", "copied_from")
        return PurchaseRequest.objects.open_to(user).select_related(*joined)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        purchase: PurchaseRequest = self.object
        user: Any = self.request.user
        waiting = states.waiting_approval(purchase)
        viewer = states.Viewer.of(purchase, user, waiting)
        signatures = course.signatures_of(purchase)
        shown = panel.context(purchase, user)
        orders = order_page.context(purchase, user)
        said = course.last_words(signatures)
        return super().get_context_data(
            **shown,
            **orders,
            look=states.look_words(purchase),
            viewer=viewer,
            next=states.next_step(
                purchase,
                viewer,
                user,
                waiting=waiting,
                said=said,
                may_order=orders["may_order"],
                was_ordered=bool(orders["orders"]),
            ),
            waiting=waiting,
            further=further.of(purchase, user),
            may_attach=viewer.requester and purchase.is_editable,
            moments=course.course(purchase, signatures, waiting=waiting, has_equipment=shown["has_equipment"]),
            **kwargs,
        )


@require_safe
def campuses(request: Any) -> HttpResponse:
    """Show the purchases of all campuses side by side, for a year."""
    require(request.user, "finance.view_purchases")
    years = _years(request)
    year = request.GET.get("year", "")
    chosen = year if (year, year) in years else years[0][0]
    context = {
        "campuses": facts.campuses(request.user, int(chosen)),
        "year": chosen,
        "years": years,
        # Who works at one school finds only its purchases in the list.
        "links": request.acting.school is None,
        # The chips of urgent and dear purchases count this year only.
        "is_this_year": chosen == years[0][0],
    }
    return render(request, "finance/purchases/campuses.html", context)


class SettingsUpdate(AtOneSchool, UpdatePage):
    """What holds for the purchases of the acting school."""

    permission = "finance.manage_purchase_settings"
    action_code = "finance.change_purchase_settings"
    template_name = "finance/purchases/settings.html"
    form_class = SettingsForm

    def get_object(self, queryset: QuerySet[Any] | None = None) -> PurchaseSettings:
        return PurchaseSettings.of(self.request.acting.school)  # type: ignore[attr-defined]  # a PageRequest

    def get_success_url(self) -> str:
        return reverse("finance:purchases:settings")

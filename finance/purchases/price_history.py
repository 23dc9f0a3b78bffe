"""What was paid for a thing over time, beside what the market asked; found by words or pinyin initials."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from finance.purchases.models import OrderLine, PurchaseLine, PurchaseRequest
from finance.purchases.prices import bought_lines
from houqin.schools.permissions import require
from houqin.web.moments import stamp
from houqin.web.plots import Line, line_plot
from houqin.web.search import initials, matching

# So many purchases of a thing are looked at, the newest; so many names are offered.
MOST, NAMES = 200, 12


def paid(user: Any, school: Any) -> QuerySet[PurchaseLine]:
    """Return the approved lines that `user` reads, with `price` (agreed, else approved) and `seller`."""
    ordered = OrderLine.objects.filter(line=OuterRef("pk"), is_live=True)
    return bought_lines(PurchaseRequest.objects.visible_to(user).at(school)).annotate(
        seller=Coalesce(Subquery(ordered.values("order__supplier__name")[:1]), Value(""), output_field=CharField()),
    )


def names_like(user: Any, school: Any, query: str) -> list[str]:
    """Return the names of things that fit `query`, those bought most often first. One query."""
    if not query:
        return []
    requests = PurchaseRequest.objects.visible_to(user).at(school).filter(matching(query))
    lines = bought_lines(requests).order_by("-request__approved_at", "-pk")
    found = Counter(
        name
        for name, specification in lines.values_list("name", "specification")[:2000]
        if _fits(f"{name} {specification}", query)
    )
    return [name for name, _times in found.most_common(NAMES)]


def _fits(text: str, query: str) -> bool:
    """Say whether each word of the query stands in the text or in its pinyin initials."""
    texts = (text.lower(), initials(text))
    return all(any(word in one for one in texts) for word in query.lower().split())


def of_name(user: Any, school: Any, name: str) -> QuerySet[PurchaseLine]:
    """Return what was paid for things of this very name, oldest first."""
    lines = paid(user, school).filter(name=name).select_related("request__school")
    return lines.order_by("request__approved_at", "pk")


def rows(user: Any, school: Any, params: QueryDict) -> QuerySet[PurchaseLine]:
    """Return the rows of the export: those of the thing that the page shows."""
    query, chosen = asked(params)
    return of_name(user, school, shown_name(names_like(user, school, query), chosen))


def shown_name(names: Sequence[str], chosen: str) -> str:
    """Return the name that the page shows: the chosen one when it was found, else the first; empty without any."""
    return chosen if chosen in names else next(iter(names), "")


def asked(params: Any) -> tuple[str, str]:
    """Return what was searched for, and which of the names found was chosen."""
    return params.get("q", "").strip()[:60], params.get("name", "").strip()[:60]


@require_safe
def page(request: Any) -> HttpResponse:
    """Show the prices of a thing over time, as a plot and a table."""
    school = request.acting.school
    require(request.user, "finance.view_purchases", school)
    query, chosen = asked(request.GET)
    names = names_like(request.user, school, query)
    name = shown_name(names, chosen)
    newest = list(of_name(request.user, school, name).reverse()[:MOST]) if name else []
    lines: Sequence[Any] = newest[::-1]
    prices = [line.price for line in lines]
    context = {
        "query": query,
        "name": name,
        "names": names,
        "lines": newest,
        "plot": _plot(name, lines) if len(lines) > 1 else "",
        "lowest": min(prices, default=None),
        "highest": max(prices, default=None),
        "last": prices[-1] if prices else None,
        "one_school": school is not None,
    }
    return render(request, "finance/purchases/price_history.html", context)


def _plot(name: str, lines: Sequence[Any]) -> SafeString:
    days = [stamp(timezone.localdate(line.request.approved_at)) for line in lines]
    own = Line(_("paid"), [float(line.price) for line in lines])
    market: list[float | None] = [_number(line.reference_price) for line in lines]
    series = [own, Line(_("market price"), market)] if any(value is not None for value in market) else [own]
    title = _("Unit price of %(name)s") % {"name": name}
    return line_plot(title, days, series, unit=_("yuan"))


def _number(price: Decimal | None) -> float | None:
    return None if price is None else float(price)

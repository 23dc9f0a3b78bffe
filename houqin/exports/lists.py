"""Export what a list page shows: the same search, chip, filters and sort, read from the same query string."""

from types import SimpleNamespace
from typing import Any

from django.db.models import F, QuerySet
from django.http import QueryDict

from houqin.exports.registry import Rows
from houqin.web.views import ListPage


def rows_of(page: type[ListPage]) -> Rows:
    """Return the rows of `page` for an export: all of them, not one screen."""

    def rows(user: Any, school: Any, params: QueryDict) -> QuerySet[Any]:
        # A list page reads nothing else of its request.
        request = SimpleNamespace(GET=params, user=user, acting=SimpleNamespace(school=school))
        view: Any = page()
        view.request = request
        state = page.state(request)
        chosen = view.narrowed(view.get_queryset(), state)
        for chip in page.chips:
            if chip.value == state.chip:
                chosen = chip.apply(chosen, user)
        sort = page.sorts[state.sort]
        if sort.descending:
            return chosen.order_by(F(sort.field).desc(), F("pk").desc())
        return chosen.order_by(F(sort.field).asc(), F("pk").asc())

    return rows

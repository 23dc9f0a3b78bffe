"""The action log, for those who answer for the school and those who check them."""

from typing import Any, ClassVar

from django.apps import apps
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from houqin.history import labels
from houqin.history.models import ActionLog
from houqin.history.searching import LogQuery
from houqin.history.trail import changes, is_read_apart
from houqin.web.paging import Sort
from houqin.web.views import Chip, Filter, ListPage, ListState


def refused(log: QuerySet[Any], _user: Any = None) -> QuerySet[Any]:
    """Keep what was refused."""
    return log.exclude(result=ActionLog.DONE)


class LogList(ListPage):
    """Who did, or was refused, what, when and from where; of a span of time, newest first."""

    model = ActionLog
    permission = "history.view_log"
    template_name = "history/list.html"
    sorts: ClassVar = {"newest": Sort("at")}
    default_sort = "newest"
    search_hint = _("Person, record, words or action")
    chips: ClassVar = [
        Chip("", _("All"), lambda log, _user: log),
        Chip("refused", _("Refused"), refused, red=True),
    ]
    filters: ClassVar = [
        Filter("action", _("All actions"), lambda _request: labels.actions(), lambda log, code: log.filter(code=code)),
    ]

    @classmethod
    def state(cls, request: Any) -> ListState:
        """Keep the span and the person in the addresses of chips and pages as well."""
        state = super().state(request)
        state.filters |= {name: request.GET[name] for name in ("since", "until", "person") if request.GET.get(name)}
        return state

    def narrowed(self, queryset: QuerySet[Any], state: ListState) -> QuerySet[Any]:
        return LogQuery.of(self.request.GET).narrow(queryset)

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("user", "school")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(asked=LogQuery.of(self.request.GET), **kwargs)
        for row in context["rows"]:
            row.action = labels.action_label(row.code)
            row.is_refused = row.result != ActionLog.DONE
            row.result_name = labels.result_label(row.result)
        return context


@require_safe
def record_changes(request: Any, label: str, pk: int) -> HttpResponse:
    """Show who changed what in a record: to htmx the piece of the record's page, else a page.

    Who may see the record may see its changes; for others there is no such record.
    """
    try:
        model: Any = apps.get_model(label)
    except (LookupError, ValueError):
        raise Http404 from None
    if not is_read_apart(model):
        raise Http404
    record = get_object_or_404(model._default_manager.visible_to(request.user), pk=pk)
    template = "history/_changes.html" if request.htmx else "history/changes.html"
    return render(request, template, {"record": record, "changes": changes(record)})

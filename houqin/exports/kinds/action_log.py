"""The action log as Excel, CSV or PDF: the span, person and words that the page shows."""

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from houqin.exports.lists import rows_of
from houqin.exports.registry import Column, Export
from houqin.history import labels
from houqin.history.views import LogList

# Apps name their actions when they are ready, which is after this is read.
_actions = lazy(labels.actions, list)
_results = lazy(labels.results, list)

ACTION_LOG = Export(
    name="history.log",
    title=_("Action log"),
    permission="history.view_log",
    queryset=rows_of(LogList),
    columns=[
        Column(_("time"), "at", "datetime", width=19),
        Column(_("person"), "user__display_name", width=12),
        Column(_("username"), "user__username", width=14),
        Column(_("school"), "school__name", width=20),
        Column(_("action"), "code", "choice", width=20, choices=_actions()),
        Column(_("record"), "record_name", width=28),
        Column(_("result"), "result", "choice", width=14, choices=_results()),
        Column(_("detail"), "detail", width=30),
        Column(_("address"), "address", width=16),
        Column(_("page"), "path", width=28),
    ],
)

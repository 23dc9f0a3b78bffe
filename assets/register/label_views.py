"""The page where a sheet of labels is put together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from assets.register import labels
from assets.register.label_sheets import DEFAULT_SHEET, SHEETS
from houqin.errors import Refused
from houqin.exports import actions as exports
from houqin.exports.registry import DocumentExport
from houqin.schools.http import PageRequest
from houqin.schools.permissions import require
from houqin.web.counts import CAP, capped_counts, shown
from houqin.web.forms import PageHelper
from houqin.web.views import add_refusal


@dataclass(frozen=True, slots=True)
class Labelled:
    """What can get labels: cards or places."""

    name: str
    title: str | Promise
    document: DocumentExport
    rows: Callable[[Any, Any, QueryDict], QuerySet[Any]]
    list_url: str
    labels_url: str


WHAT = {
    what.name: what
    for what in (
        Labelled(
            "assets",
            _("Assets"),
            labels.ASSET_LABELS,
            labels.cards_to_label,
            "assets:register:list",
            "assets:register:labels",
        ),
        Labelled(
            "places",
            _("Places"),
            labels.PLACE_LABELS,
            labels.places_to_label,
            "schools:places:list",
            "assets:register:place_labels",
        ),
    )
}


class SheetForm(forms.Form):
    """Which labels are in the printer."""

    sheet = forms.ChoiceField(label=_("Label sheet"), initial=DEFAULT_SHEET)
    start = forms.IntegerField(
        label=_("First free label"),
        min_value=1,
        initial=1,
        help_text=_("On a sheet that is partly used: count from the upper left, row by row."),
    )
    marks = forms.BooleanField(
        label=_("Draw cutting marks"), required=False, help_text=_("For plain paper that is cut by hand.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sheet"].choices = [(sheet.code, sheet.label) for sheet in SHEETS.values()]  # type: ignore[attr-defined]
        self.helper = PageHelper(self)

    def clean(self) -> dict[str, Any]:
        """The first label stands on the first sheet."""
        data: dict[str, Any] = super().clean() or {}
        sheet, start = SHEETS.get(data.get("sheet", "")), data.get("start")
        if sheet is not None and start is not None and start > sheet.per_page:
            self.add_error(
                "start",
                forms.ValidationError(
                    _("This sheet has only %(most)d labels."), code="not_on_sheet", params={"most": sheet.per_page}
                ),
            )
        return data


@require_http_methods(["GET", "POST"])
def sheet(request: PageRequest, what: str) -> HttpResponse:
    """Choose the sheet for what the list shows or what was ticked there, and ask for the PDF."""
    labelled = WHAT[what]
    school = request.acting.school
    require(request.user, labelled.document.permission, school)
    form = SheetForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            job = exports.start(
                labelled.document.name, by=request.user, school=school, format="pdf", params=_params(request, form)
            )
            return HttpResponseRedirect(job.get_absolute_url())
        except Refused as refusal:
            add_refusal(form, refusal)
    rows = labelled.rows(request.user, school, request.GET)
    count = capped_counts({"labels": rows})["labels"]
    context = {
        "form": form,
        "labelled": labelled,
        "choices": [(item, item.name == what) for item in WHAT.values()],
        "count": count,
        "count_shown": shown(count),
        "many": count > CAP,
        "is_picked": bool(request.GET.getlist(labels.PICKED)),
        "examples": list(rows[:6]),
        "address": request.build_absolute_uri("/").rstrip("/"),
        "is_unreachable": request.get_host().partition(":")[0] in ("localhost", "127.0.0.1"),
    }
    return render(request, "assets/register/labels.html", context, status=422 if form.errors else 200)


def _params(request: PageRequest, form: SheetForm) -> QueryDict:
    """Return the list's query string with what the form says, and the address that phones will open."""
    params = request.GET.copy()
    params[labels.SHEET] = form.cleaned_data["sheet"]
    params[labels.START] = str(form.cleaned_data["start"])
    params[labels.MARKS] = "on" if form.cleaned_data["marks"] else ""
    params[labels.SITE] = request.build_absolute_uri("/").rstrip("/")
    return params

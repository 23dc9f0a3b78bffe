"""The pages of an import: my imports, the upload, and one page whose content follows the state."""

import csv
from io import StringIO
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from houqin.errors import NotAllowed, Refused, WrongState
from houqin.exports.writers.csv_writer import BOM, guarded
from houqin.imports import actions, registry
from houqin.imports.forms import ColumnsForm, SheetForm, UploadForm
from houqin.imports.models import ImportJob
from houqin.imports.next_step import next_step
from houqin.imports.registry import ImportKind
from houqin.imports.template_file import template_workbook
from houqin.schools.http import PageRequest
from houqin.web.paging import Sort
from houqin.web.steps import take_step
from houqin.web.trail import record_action
from houqin.web.views import CreatePage, ListPage, ListState, add_refusal

State = ImportJob.State
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportList(ListPage):
    """My imports, newest first, and what else can be imported here."""

    model = ImportJob
    template_name = "imports/list.html"
    sorts: ClassVar[dict[str, Sort]] = {"newest": Sort("uploaded_at")}
    default_sort = "newest"
    is_searched = False

    def narrowed(self, queryset: QuerySet[Any], state: ListState) -> QuerySet[Any]:
        """Imports are few and have no search."""
        return queryset

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("school").defer("errors", "preview", "headers", "mapping", "sheets", "summary")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        school = request.acting.school
        kinds = registry.kinds_for(request.user, school) if school else []
        return super().get_context_data(kinds=kinds, **kwargs)


class StartPage(CreatePage):
    """Upload a file of one kind."""

    model = ImportJob
    form_class = UploadForm
    template_name = "imports/start.html"
    action_code = "imports.upload"
    kind: ImportKind

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.kind = _kind(kwargs["kind"])
        school = request.acting.school
        if not request.user.has_perm(self.kind.permission, school):
            raise NotAllowed(permission=self.kind.permission)
        if school is None:
            return render(request, "imports/choose_school.html", {"kind": self.kind})
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"kind": self.kind}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(kind=self.kind, **kwargs)


@require_safe
def template(request: PageRequest, kind: str) -> HttpResponse:
    """The empty workbook of a kind."""
    definition = _kind(kind)
    if not request.user.has_perm(definition.permission, request.acting.school):
        raise NotAllowed(permission=definition.permission)
    return _download(template_workbook(definition), f"{definition.title}.xlsx", XLSX)


@require_safe
def detail(request: PageRequest, pk: int) -> HttpResponse:
    """One import; while a worker is at it, htmx asks for the progress and then for the whole page."""
    job = _job(request, pk)
    if request.htmx:
        if not job.is_working:
            return HttpResponseClientRefresh()
        return render(request, "imports/_progress.html", {"job": job})
    return _page(request, job)


@require_POST
def sheet(request: PageRequest, pk: int) -> HttpResponse:
    """Choose the sheet and the row of column titles."""
    job = _job(request, pk)
    form = SheetForm(request.POST, job=job, by=request.user, school=job.school)
    return _save(request, job, form, "imports.choose_sheet")


@require_POST
def columns(request: PageRequest, pk: int) -> HttpResponse:
    """Choose the columns and check the rows."""
    job = _job(request, pk)
    kind = job.definition
    if kind is None:
        raise Http404
    form = ColumnsForm(request.POST, job=job, kind=kind, by=request.user, school=job.school)
    return _save(request, job, form, "imports.choose_columns")


@require_POST
def confirm(request: PageRequest, pk: int) -> HttpResponse:
    """Write what was checked."""
    job = _job(request, pk)
    return take_step(
        request,
        lambda: actions.confirm(job, by=request.user),
        code="imports.confirm",
        record=job,
        to=job.get_absolute_url(),
    )


@require_POST
def cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Give the import up."""
    job = _job(request, pk)
    return take_step(
        request,
        lambda: actions.cancel(job, by=request.user),
        code="imports.cancel",
        record=job,
        to=job.get_absolute_url(),
    )


@require_safe
def errors(request: PageRequest, pk: int) -> HttpResponse:
    """The errors as a CSV file, to mend them beside the spreadsheet."""
    job = _job(request, pk)
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([_("Row"), _("Column"), _("What stands there"), _("What is wrong")])
    for line in _error_lines(job):
        writer.writerow([line["row"], *(guarded(line[name]) for name in ("column", "cell", "message"))])
    return _download(BOM + out.getvalue().encode(), f"{job.name}.csv", "text/csv; charset=utf-8")


def _download(content: bytes, name: str, content_type: str) -> HttpResponse:
    disposition = content_disposition_header(True, name) or "attachment"
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition})


def _kind(name: str) -> ImportKind:
    kind = registry.get(name)
    if kind is None:
        raise Http404
    return kind


def _job(request: PageRequest, pk: int) -> ImportJob:
    jobs = ImportJob.objects.visible_to(request.user).select_related("school")
    return get_object_or_404(jobs, pk=pk)


def _save(request: PageRequest, job: ImportJob, form: Any, code: str) -> HttpResponse:
    """Save the form and go on, or show the page again with what was chosen and what is wrong."""
    if form.is_valid():
        try:
            form.save()
        except Refused as refusal:
            record_action(code, by=request.user, record=job, result=str(refusal.code))
            if isinstance(refusal, WrongState):
                messages.error(request, refusal.sentence)
                return redirect(job)
            add_refusal(form, refusal)
        else:
            return redirect(job)
    shown = {"columns_form": form} if isinstance(form, ColumnsForm) else {"sheet_form": form}
    return _page(request, job, status=422, **shown)


def _page(request: PageRequest, job: ImportJob, *, status: int = 200, **forms: Any) -> HttpResponse:
    kind = job.definition
    context: dict[str, Any] = {"job": job, "kind": kind, "next": next_step(job), "error_lines": _error_lines(job)}
    may_choose = kind is not None and job.headers and job.state in (State.MAPPED, State.REFUSED, State.READY)
    if kind is not None and may_choose:
        by = {"by": request.user, "school": job.school}
        context["columns_form"] = forms.get("columns_form") or ColumnsForm(job=job, kind=kind, **by)
        context["sheet_form"] = forms.get("sheet_form") or SheetForm(job=job, **by)
    context["list_url"] = reverse(kind.list_url) if kind is not None and kind.list_url else ""
    return render(request, "imports/detail.html", context, status=status)


def _error_lines(job: ImportJob) -> list[dict[str, str]]:
    """Return the kept errors ready to print, the columns by the titles that the file gives them."""
    kind = job.definition
    names = {column.name: str(column.title) for column in kind.columns} if kind else {}
    for name, position in job.mapping.items():
        if position < len(job.headers) and job.headers[position]:
            names[name] = job.headers[position]
    return [
        {
            "row": str(error["row"] or ""),
            "column": names.get(error["column"], ""),
            "cell": error["cell"],
            "message": error["message"],
        }
        for error in job.errors
    ]

"""我的导出: ask for files, watch them being made, fetch them, ask again, remove them."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from houqin.errors import Refused
from houqin.exports import actions, registry
from houqin.exports.models import ExportJob
from houqin.schools.http import PageRequest
from houqin.web.addresses import own_address
from houqin.web.paging import Sort
from houqin.web.steps import take_step
from houqin.web.trail import record_action
from houqin.web.views import DetailPage, ListPage

CHOSEN = "filter_"


class JobList(ListPage):
    """My exports, newest first; htmx asks for the rows alone while one of them is on its way."""

    model = ExportJob
    sorts = {"new": Sort("asked_at")}
    default_sort = "new"
    is_searched = False
    page_size = 20

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("school")

    def get_template_names(self) -> list[str]:
        return ["exports/list.html#jobs" if self.request.htmx else "exports/list.html"]  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows: list[ExportJob] = context["rows"]
        if any(job.state == ExportJob.State.DONE and job.seen_at is None for job in rows):
            actions.mark_seen(self.request.user)  # type: ignore[arg-type]
        return context | {"any_active": any(job.is_active for job in rows)}


class JobDetail(DetailPage):
    """One export: how far it is, or the file; the way back to the list that it was asked on."""

    model = ExportJob
    context_object_name = "job"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("school")

    def get_template_names(self) -> list[str]:
        return ["exports/detail.html#job" if self.request.htmx else "exports/detail.html"]  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        if self.object.state == ExportJob.State.DONE and self.object.seen_at is None:
            actions.mark_seen(request.user)
        return super().get_context_data(back=own_address(request, request.GET.get("back", "")), **kwargs)


@require_POST
def start(request: PageRequest) -> HttpResponse:
    """Ask for what a list shows; its button sends kind, format and the list's own query string.

    With `stay` the person stays on that page, which shows the export itself.
    """
    kind = request.POST.get("kind", "")
    if registry.get(kind) is None:
        raise Http404
    back = own_address(request, request.POST.get("back", ""))
    school = request.acting.school
    try:
        job = actions.start(
            kind,
            by=request.user,
            school=school,
            format=request.POST.get("format", ""),
            params=_asked(request.POST),
        )
    except Refused as refusal:
        record_action("exports.start_export", by=request.user, school=school, result=str(refusal.code))
        messages.error(request, refusal.sentence)
        return redirect(back or "exports:list")
    if back and request.POST.get("stay"):
        return redirect(back)
    url = job.get_absolute_url()
    return HttpResponseRedirect(f"{url}?{_query(back)}" if back else url)


def _asked(sent: QueryDict) -> QueryDict:
    """Return the list's own query string, and over it what was chosen beside the button as `filter_<name>`."""
    asked = QueryDict(sent.get("query", ""), mutable=True)
    for name, value in sent.items():
        if name.startswith(CHOSEN):
            asked[name.removeprefix(CHOSEN)] = str(value)
    return asked


def _query(back: str) -> str:
    query = QueryDict(mutable=True)
    query["back"] = back
    return query.urlencode()


@require_GET
def download(request: PageRequest, pk: int) -> HttpResponse | FileResponse:
    """Send the finished file to its owner."""
    job = get_object_or_404(ExportJob.objects.visible_to(request.user), pk=pk)
    try:
        path = actions.open_file(job, by=request.user)
    except Refused as refusal:
        record_action("exports.download_export", by=request.user, record=job, result=str(refusal.code))
        messages.error(request, refusal.sentence)
        return redirect("exports:list")
    return FileResponse(path.open("rb"), as_attachment=True, filename=job.file_name)


@require_POST
def repeat(request: PageRequest, pk: int) -> HttpResponse:
    """Ask for the same file as of now."""
    job = get_object_or_404(ExportJob.objects.visible_to(request.user), pk=pk)
    return take_step(
        request,
        lambda: actions.repeat(job, by=request.user),
        code="exports.start_export",
        record=job,
        to=reverse("exports:list"),
    )


@require_POST
def remove(request: PageRequest, pk: int) -> HttpResponse:
    """Remove an export and its file; stop it when it is on its way."""
    job = get_object_or_404(ExportJob.objects.visible_to(request.user), pk=pk)
    return take_step(
        request,
        lambda: actions.remove(job, by=request.user),
        code="exports.remove_export",
        record=job,
        to=reverse("exports:list"),
        done=_("The export is removed."),
    )

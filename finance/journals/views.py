"""The pages of paper journals: the list, one of them beside what it became, what people say about it."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from finance.journals import actions
from finance.journals.compare import compare
from finance.journals.entries import month_page
from finance.journals.forms import MapForm, SendBackForm
from finance.journals.models import JournalBatch
from houqin.accounts.models import User
from houqin.schools.permissions import require
from houqin.web.paging import Sort
from houqin.web.record_page import Button, NextStep
from houqin.web.steps import take_step
from houqin.web.views import Chip, CreatePage, DetailPage, ListPage, any_of

State = JournalBatch.State
LOOKS = {
    State.DRAFT: ("doing", "planned"),
    State.SUBMITTED: ("wait", "wait"),
    State.POSTED: ("done", "done"),
    State.DROPPED: ("off", "returned"),
}


class JournalList(ListPage):
    """Paper journals: to be mapped, to be confirmed, posted."""

    model = JournalBatch
    template_name = "finance/journals/list.html"
    permission = "finance.view_books"
    sorts: ClassVar[dict[str, Sort]] = {"newest": Sort("prepared_at")}
    default_sort = "newest"
    is_searched = False
    chips = (
        Chip("", _("all"), any_of()),
        *(Chip(state.value, state.label, any_of(state=state.value)) for state in State),
    )

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("school", "prepared_by", "job")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        may_import = request.user.has_perm("finance.prepare_transfer", request.acting.school)
        context = super().get_context_data(may_import=may_import, **kwargs)
        for batch in context["rows"]:
            batch.look = look_of(batch)
        return context


def look_of(batch: JournalBatch) -> tuple[str, str, str | Promise]:
    """Return tint, glyph and words of a journal's state."""
    if batch.is_being_posted:
        return "doing", "doing", batch.posting_job.get_state_display()
    return *LOOKS[State(batch.state)], batch.get_state_display()


class JournalDetail(DetailPage):
    """A paper journal: its months, its counter accounts, its lines and the vouchers that they became."""

    model = JournalBatch
    template_name = "finance/journals/detail.html"
    context_object_name = "batch"

    def get_queryset(self) -> QuerySet[Any]:
        people = ("prepared_by", "confirmed_by", "job__started_by")
        return super().get_queryset().select_related("school", "ledger", "account", "opening_account", *people)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; while a worker posts the journal, htmx asks for the progress and then for the whole page."""
        if not request.htmx:
            return super().get(request, *args, **kwargs)
        batch = self.get_object()
        if not batch.is_being_posted:
            return HttpResponseClientRefresh()
        return render(request, "finance/journals/_progress.html", {"batch": batch, "job": batch.posting_job})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        batch = self.object
        job = batch.posting_job
        totals = compare(batch)
        known = list(dict.fromkeys(total.month for total in totals))
        asked = request.GET.get("month", "")
        month = next((month for month in known if str(month) == asked), known[0] if known else 0)
        return super().get_context_data(
            totals=totals,
            is_same=all(total.is_same for total in totals if total.paper),
            stated=sum(total.paper is not None for total in totals),
            months=known,
            month=month,
            is_posted=batch.state == State.POSTED,
            page=month_page(batch, month, request.GET.get("at", "")),
            counters=batch.counters.select_related("account", "budget_account"),
            look=look_of(batch),
            next=next_step(batch, request.user),
            job=job,
            refused_reason=job.reason if job is not None and batch.state == State.SUBMITTED else "",
            may_drop=batch.state in (State.DRAFT, State.SUBMITTED)
            and not batch.is_being_posted
            and request.user.has_perm("finance.prepare_transfer", batch),
            **kwargs,
        )


def next_step(batch: JournalBatch, user: User) -> NextStep | None:
    """Return what comes next with a journal, and who does it."""
    if batch.state == State.DRAFT:
        if not user.has_perm("finance.prepare_transfer", batch):
            return NextStep(_("Waits for its accounts"), _("%s chooses them.") % batch.prepared_by)
        choose = Button(
            _("Choose the accounts"), reverse("finance:journals:map", args=[batch.pk]), "primary", post=False
        )
        return NextStep(
            _("What are its counter accounts in these books?"), _("Asked once for each, not for each line."), [choose]
        )
    if batch.state != State.SUBMITTED or batch.is_being_posted:
        return None
    if not user.has_perm("finance.post_voucher", batch) or user.pk == batch.prepared_by_id:
        return NextStep(
            _("Waits for a second person"), _("The chief accountant compares it with the paper and posts it.")
        )
    back = Button(_("Send back"), reverse("finance:journals:send_back", args=[batch.pk]), "plain", post=False)
    confirm = Button(_("Confirm and post"), reverse("finance:journals:confirm", args=[batch.pk]), "primary", "check")
    return NextStep(
        _("Is it as on paper? Then post all %(entries)s entries.") % {"entries": batch.entries},
        _("Compare opening balance, months and closing balance. What is posted stays for good."),
        [back, confirm],
    )


class _FormAbout(CreatePage):
    """A form about one journal, whose `save()` calls the action; strangers get 404."""

    is_about_one_record = True
    title: ClassVar[str | Promise]
    button: ClassVar[str | Promise]
    done: ClassVar[str | Promise]
    template_name = "finance/journals/step.html"

    @cached_property
    def about(self) -> JournalBatch:
        """The journal that the form is about."""
        batches = JournalBatch.objects.visible_to(self.request.user).select_related("school", "ledger__school")
        return get_object_or_404(batches, pk=self.kwargs["pk"])

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(request.user, str(self.permission), self.about)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {"about": self.about, "school": self.about.school}
        kwargs.pop("instance", None)
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(about=self.about, title=self.title, button=self.button, **kwargs)

    def get_success_url(self) -> str:
        messages.success(self.request, str(self.done))
        return self.about.get_absolute_url()


class JournalMap(_FormAbout):
    """Say what the counter accounts are, and submit."""

    model = JournalBatch
    form_class = MapForm
    template_name = "finance/journals/map.html"
    permission = "finance.prepare_transfer"
    action_code = "finance.submit_journal"
    title = _("What are its accounts in these books?")
    button = _("Hand it to a second person")
    done = _("Handed on. The chief accountant confirms and posts it.")


class JournalSendBack(_FormAbout):
    """Say what has to be changed."""

    model = JournalBatch
    form_class = SendBackForm
    permission = "finance.post_voucher"
    action_code = "finance.send_back_journal"
    title = _("Send the journal back")
    button = _("Send back")
    done = _("Sent back.")


@require_POST
def confirm(request: Any, pk: int) -> HttpResponse:
    """Let a worker post the whole journal; its page shows how far it is."""
    batch = _batch(request, pk)
    return take_step(
        request,
        lambda: actions.start(batch, by=request.user),
        code="finance.start_journal",
        record=batch,
        to=batch.get_absolute_url(),
    )


@require_POST
def drop(request: Any, pk: int) -> HttpResponse:
    """Give the journal up."""
    batch = _batch(request, pk)
    return take_step(
        request,
        lambda: actions.drop(batch, by=request.user),
        code="finance.drop_journal",
        record=batch,
        to=batch.get_absolute_url(),
    )


def _batch(request: Any, pk: int) -> JournalBatch:
    return get_object_or_404(JournalBatch.objects.visible_to(request.user).select_related("school"), pk=pk)

"""The few base views that every room uses.

A list is a ListPage, a record a DetailPage, a form a CreatePage or UpdatePage; a transition is a function
that calls `houqin.web.steps.take_step`. Access is one call on the first line: `permission` is asked before
anything is read, and rows come from `visible_to`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.views.generic import CreateView, DetailView, TemplateView, UpdateView
from django.views.generic.base import ContextMixin, View

from houqin.errors import NotAllowed, Refused, WrongState
from houqin.web import submitted
from houqin.web.constraints import violation
from houqin.web.counts import Counted, Narrowed, Where
from houqin.web.paging import Sort, choose, keyset_page
from houqin.web.search import matching
from houqin.web.trail import record_action

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that counts: one of the row of states above a list."""

    value: str
    label: Text
    # Narrows the list's rows; gets the rows and the user.
    apply: Callable[[QuerySet[Any], Any], QuerySet[Any]]
    red: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A select beside the search box."""

    name: str
    label: Text
    # All choices, of the request; a value that is not among them filters nothing.
    choices: Callable[[Any], Sequence[tuple[str, Text]]]
    apply: Callable[[QuerySet[Any], str], QuerySet[Any]]


@dataclass(slots=True)
class ShownChip:
    """A chip as the template draws it; `count` runs the page's one counting query on first use."""

    value: str
    label: Text
    red: bool
    current: bool
    count_name: str


@dataclass(slots=True)
class ShownFilter:
    """A filter as the template draws it."""

    name: str
    label: Text
    options: Sequence[tuple[str, Text]]
    value: str = ""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The options, ready for `{% eachrow %}`."""
        return [{"value": value, "label": label, "selected": value == self.value} for value, label in self.options]


@dataclass(slots=True)
class ListState:
    """What was asked of a list: search, chip, filters, sort. Exports repeat it from the same query string."""

    query: str = ""
    chip: str = ""
    sort: str = ""
    filters: dict[str, str] = field(default_factory=dict)


class AskPermission(View):
    """Ask for the view's permission before anything else: at the acting school, or anywhere for a single record.

    Who serves two schools may follow a link to a record of the other one; which records these are is asked
    of `visible_to`.
    """

    permission: ClassVar[str | None] = None
    is_about_one_record: ClassVar[bool] = False

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        where = None if self.is_about_one_record else request.acting.school
        if self.permission and not request.user.has_perm(self.permission, where):
            raise NotAllowed(permission=self.permission)
        return super().dispatch(request, *args, **kwargs)


class ListPage(AskPermission, TemplateView):
    """A list: search, chips that count, filters, keyset paging; at most six queries with the frame's badges."""

    model: ClassVar[type[models.Model]]
    sorts: ClassVar[dict[str, Sort]]
    default_sort: ClassVar[str]
    chips: ClassVar[Sequence[Chip]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    default_chip: ClassVar[str] = ""
    page_size: ClassVar[int] = 50
    # Off for the few lists whose rows have no `search_pieces`; their pages show no search box.
    is_searched: ClassVar[bool] = True

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows that the person may see at the acting school, before search and filters."""
        return self.model.objects.visible_to(self.request.user).at(self.request.acting.school)  # type: ignore[attr-defined]

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Join what the rows show, or ask for its values alone; the counts do without."""
        return queryset

    @classmethod
    def state(cls, request: Any) -> ListState:
        """Read what was asked from the query string; what is not in the closed lists is dropped."""
        chips = {chip.value for chip in cls.chips}
        chip = request.GET.get("chip", cls.default_chip)
        state = ListState(
            query=request.GET.get("q", "").strip()[:60],
            chip=chip if chip in chips else "",
            sort=choose(request.GET.get("sort"), cls.sorts, cls.default_sort)[0],
        )
        for item in cls.filters:
            value = request.GET.get(item.name, "")
            if value:
                state.filters[item.name] = value
        return state

    def shown_chips(self, state: ListState) -> Sequence[Chip]:
        """Return the chips that mean something to this person, the current one among them."""
        return self.chips

    def narrowed(self, queryset: QuerySet[Any], state: ListState) -> QuerySet[Any]:
        """Apply search and filters, not the chip."""
        if state.query and self.is_searched:
            queryset = queryset.filter(matching(state.query))
        for item in self.filters:
            value = state.filters.get(item.name, "")
            if value and any(value == str(choice) for choice, _label in self.filter_choices(item)):
                queryset = item.apply(queryset, value)
        return queryset

    def filter_choices(self, item: Filter) -> Sequence[tuple[str, Text]]:
        """Return a filter's choices, asked once per request."""
        cache: dict[str, Sequence[tuple[str, Text]]] = self.__dict__.setdefault("_choices", {})
        if item.name not in cache:
            cache[item.name] = item.choices(self.request)
        return cache[item.name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        state = self.state(request)
        rows = self.narrowed(self.get_queryset(), state)
        shown: list[ShownChip] = []
        chosen = rows
        counted: dict[str, Counted] = {}
        for chip in self.shown_chips(state):
            if chip.value == state.chip:
                chosen = chip.apply(rows, request.user)
            counted[f"chip:{chip.value}"] = (
                Narrowed(rows, chip.apply, request.user)
                if isinstance(chip.apply, Where)
                else chip.apply(rows, request.user)
            )
            shown.append(ShownChip(chip.value, chip.label, chip.red, chip.value == state.chip, f"chip:{chip.value}"))
        if state.query and self.is_searched:
            request.counts.ask_among(rows, counted)
        else:
            for name, asked in counted.items():
                request.counts.ask(name, asked)
        page = keyset_page(
            self.related(chosen), self.sorts[state.sort], request.GET.get("page", ""), size=self.page_size
        )
        return super().get_context_data(
            page=page,
            rows=page.rows,
            chips=shown,
            filters=[
                ShownFilter(f.name, f.label, choices, state.filters.get(f.name, ""))
                for f in self.filters
                if (choices := self.filter_choices(f))
            ],
            state=state,
            **kwargs,
        )


class DetailPage(AskPermission, DetailView):
    """A record's page; a stranger's record is not found."""

    is_about_one_record = True

    def get_queryset(self) -> QuerySet[Any]:
        return self.model.objects.visible_to(self.request.user)


class _SavesByAction(ContextMixin):
    """Hand the form's work to its `save()`, which calls the action; show refusals beside their field."""

    # Dotted name for the action log, as the action itself writes it.
    action_code: ClassVar[str] = ""

    def get_form_kwargs(self) -> dict[str, Any]:
        request: Any = self.request  # type: ignore[attr-defined]
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return kwargs | {"by": request.user, "school": request.acting.school}

    def form_valid(self, form: Any) -> HttpResponse:
        request: Any = self.request  # type: ignore[attr-defined]
        key = form.cleaned_data.get("form_key")
        whole = submitted.key_of(key, request.POST, request.FILES)
        try:
            with transaction.atomic():
                earlier = submitted.claim(whole, request.user)
                if earlier is not None:
                    return redirect(earlier)
                if submitted.claim(key, request.user) is not None:
                    raise submitted.SentBefore()
                self.object = form.save()
                url = self.get_success_url()  # type: ignore[attr-defined]
                submitted.answer(whole, url)
        except Refused as refusal:
            record_action(self.action_code, by=request.user, school=request.acting.school, result=str(refusal.code))
            if isinstance(refusal, submitted.SentBefore):
                form.data = form.data.copy()
                form.data[form.add_prefix("form_key")] = submitted.new_key()
            return self.refused(form, refusal)
        except IntegrityError as error:
            form.add_error(None, violation(form, error))
            return self.form_invalid(form)
        return HttpResponseRedirect(url)

    def refused(self, form: Any, refusal: Refused) -> HttpResponse:
        """Answer a refusal, which is in the action log already: beside its field."""
        add_refusal(form, refusal)
        return self.form_invalid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]
        response.status_code = 422
        return response


class CreatePage(AskPermission, _SavesByAction, CreateView):
    """A form that makes a record; its hidden key makes a second tap harmless."""


class UpdatePage(AskPermission, _SavesByAction, UpdateView):
    """A form that changes a record; a stranger's record is not found."""

    is_about_one_record = True

    def get_queryset(self) -> QuerySet[Any]:
        return self.model.objects.visible_to(self.request.user)

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        record = super().get_object(queryset)
        if self.permission and not self.request.user.has_perm(self.permission, record):
            raise NotAllowed(permission=self.permission)
        return record


class StepPage(UpdatePage):
    """A step with a record that asks for words first; who comes too late reads so on the record's page."""

    def refused(self, form: Any, refusal: Refused) -> HttpResponse:
        if not isinstance(refusal, WrongState):
            return super().refused(form, refusal)
        messages.error(self.request, refusal.sentence)
        return HttpResponseRedirect(self.get_success_url())


def add_refusal(form: forms.BaseForm, refusal: Refused) -> None:
    """Show a refusal beside its field, or on top of the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal)


def any_of(**conditions: Any) -> Where:
    """Return a chip's `apply` from lookups of the model's own fields."""
    return Where(lambda rows, _person, _now: rows.filter(**conditions))

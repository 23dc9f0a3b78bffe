"""Fields and widgets of forms: one of hundreds by typing, a day by the calendar of the device."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from houqin.web.search import matching

MOST = 12
QUERY_LENGTH = 60


class DayInput(forms.DateInput):
    """A day, picked with the calendar of the device."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


@dataclass(frozen=True, slots=True)
class Typed:
    """What came back from a type-ahead: the key that was chosen, else the text that was typed."""

    key: str
    text: str

    def __bool__(self) -> bool:
        return bool(self.key or self.text)

    def __str__(self) -> str:
        return self.key


class TypeAhead(forms.Widget):
    """A text field that asks `url` while one types (static/js/typeahead.js).

    Without script the text itself is sent and searched by the field; several finds come back as
    radio buttons.
    """

    template_name = "web/widgets/typeahead.html"
    # Set by the field.
    choices: Any = ()
    candidates: Iterable[tuple[Any, str]] = ()

    class Media:
        js = [forms.Script("js/typeahead.js", defer=True)]

    def __init__(self, url: str | Promise, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.url = url

    def format_value(self, value: Any) -> Any:
        return value

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        typed = value if isinstance(value, Typed) else Typed("" if value is None else str(value), "")
        context["widget"] |= {
            "key": typed.key,
            "text": typed.text or self._label_of(typed.key),
            "url": str(self.url),
            "candidates": list(self.candidates),
        }
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Typed:
        return Typed(str(data.get(name) or "").strip(), str(data.get(f"{name}_text") or "").strip()[:QUERY_LENGTH])

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_text" not in data

    def id_for_label(self, id_: str | None) -> str:
        return f"{id_}_text" if id_ else ""

    def _label_of(self, key: str) -> str:
        """Return how the chosen row is called. One query, none when nothing is chosen."""
        field = getattr(self.choices, "field", None)
        if not key or field is None:
            return ""
        try:
            found = field.queryset.filter(pk=key).first()
        except (TypeError, ValueError):
            return ""
        return field.label_from_instance(found) if found else ""


class TypeAheadField(forms.ModelChoiceField):
    """One of hundreds of rows, found by typing; `queryset` holds exactly the rows that may be chosen.

    The rows need `search_text` and `search_pieces`, or pass another `match` from text to condition.
    """

    default_error_messages = {
        "not_found": _("Nothing fits “%(text)s”. Write less of it, or its pinyin initials."),
        "several": _("Several fit “%(text)s”. Choose one, or write more of it."),
    }

    def __init__(
        self, queryset: QuerySet[Any], *, url: str | Promise, match: Callable[[str], Any] = matching, **kwargs: Any
    ) -> None:
        self.match = match
        super().__init__(queryset, widget=TypeAhead(url), **kwargs)

    def to_python(self, value: Any) -> Any:
        """Return the chosen row, or the only one that fits what was typed. At most two queries."""
        if not isinstance(value, Typed):
            return super().to_python(value)
        if value.key or not value.text:
            return super().to_python(value.key)
        return self._only_match(value.text)

    def validate(self, value: Any) -> None:
        """Ask for a row when one is needed; whether it may be chosen was asked by its query."""
        forms.Field.validate(self, value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        if isinstance(data, Typed):
            before = self.prepare_value(initial)
            return data.key != ("" if before is None else str(before)) or bool(data.text and not data.key)
        return super().has_changed(initial, data)

    def _only_match(self, text: str) -> Model:
        rows: QuerySet[Any] = self.queryset  # type: ignore[assignment]  # given to the constructor
        found = list(rows.filter(self.match(text))[: MOST + 1])
        same = [row for row in found if self.label_from_instance(row) == text]
        if len(same) == 1:
            return same[0]
        if not found:
            raise ValidationError(self.error_messages["not_found"], code="not_found", params={"text": text})
        if len(found) > 1:
            self.widget.candidates = [(row.pk, self.label_from_instance(row)) for row in found[:MOST]]
            raise ValidationError(self.error_messages["several"], code="several", params={"text": text})
        return found[0]


def options(
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    match: Callable[[str], Any] = matching,
    facts: Callable[[Any], Iterable[Any]] = lambda row: (),
) -> HttpResponse:
    """Answer a type-ahead: the first rows of `queryset` that match what is typed. One query."""
    query = request.GET.get("q", "").strip()[:QUERY_LENGTH]
    rows = [(row.pk, str(row), list(facts(row))) for row in queryset.filter(match(query))[:MOST]] if query else []
    return render(request, "web/widgets/_options.html", {"rows": rows})

"""The forms of an import: the file, its sheet and row of titles, its columns."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from houqin.imports import actions
from houqin.imports.columns import letter
from houqin.imports.models import ImportJob
from houqin.imports.reader import HEAD
from houqin.imports.registry import ImportKind
from houqin.web.forms import ActingForm, ActingModelForm, KeyedForm

ACCEPTED = ".xlsx,.xls,.csv"
NOT_IN_FILE = ""


class UploadForm(KeyedForm, ActingModelForm):
    """Choose the file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("Excel or WPS (.xlsx, .xls) or CSV, at most 20 MB."),
        widget=forms.FileInput({"accept": ACCEPTED}),
        # An empty file is refused by the action, with the sentence of all its refusals.
        allow_empty_file=True,
    )

    class Meta:
        model = ImportJob
        fields: list[str] = []

    def __init__(self, *args: Any, kind: ImportKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def save(self, commit: bool = True) -> ImportJob:
        """Upload it."""
        return actions.upload(self.cleaned_data["file"], kind=self.kind, school=self.school, by=self.by)


class SheetForm(ActingForm):
    """Say which sheet holds the table and in which row its column titles stand."""

    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"))
    header_row = forms.IntegerField(label=gettext_lazy("Row of the column titles"), min_value=1, max_value=HEAD - 1)

    def __init__(self, *args: Any, job: ImportJob, **kwargs: Any) -> None:
        super().__init__(*args, initial={"sheet": job.sheet, "header_row": job.header_row}, **kwargs)
        self.job = job
        names = [(sheet["name"], sheet["name"]) for sheet in job.sheets]
        self.fields["sheet"] = forms.ChoiceField(label=self.fields["sheet"].label, choices=names)
        self.fields["sheet"].widget.attrs["class"] = "form-select"
        self.fields["header_row"].widget.attrs["class"] = "form-control"

    def save(self) -> ImportJob:
        """Let the file be read again."""
        return actions.choose_sheet(self.job, by=self.by, **self.cleaned_data)


class ColumnsForm(ActingForm):
    """Say which column of the file is which: a select for each column that the kind understands."""

    def __init__(self, *args: Any, job: ImportJob, kind: ImportKind, **kwargs: Any) -> None:
        super().__init__(*args, initial={name: str(place) for name, place in job.mapping.items()}, **kwargs)
        self.job = job
        self.kind = kind
        choices = [(NOT_IN_FILE, _("— not in the file —"))]
        choices += [
            (str(position), f"{letter(position)}  {head or _('(no title)')}")
            for position, head in enumerate(job.headers)
        ]
        for column in kind.columns:
            # Which ones must be there is the action's rule.
            field = forms.ChoiceField(label=str(column.title), choices=choices, required=False)
            field.widget.attrs["class"] = "form-select"
            self.fields[column.name] = field

    def save(self) -> ImportJob:
        """Let every row be checked."""
        chosen = {name: int(place) for name, place in self.cleaned_data.items() if place != NOT_IN_FILE}
        return actions.choose_columns(self.job, mapping=chosen, by=self.by)

    def lines(self) -> dict[str, list[dict[str, Any]]]:
        """Return each column with its select and what stands in the file's first rows, ready to print.

        "shown" are those that were found, are needed or are wrong; "folded" are the others.
        """
        lines: dict[str, list[dict[str, Any]]] = {"shown": [], "folded": []}
        for column in self.kind.columns:
            field = self[column.name]
            value = str(field.value() or "")
            samples = [row[1][int(value)] for row in self.job.preview if value.isdigit() and int(value) < len(row[1])]
            texts = list(dict.fromkeys(text for text in samples if text))[:3]
            place = "shown" if value or column.required or field.errors or not self.job.mapping else "folded"
            lines[place].append({"column": column, "field": field, "samples": "、".join(texts)})
        return lines

    def unused(self) -> list[str]:
        """Return the titles of the file's columns that nothing is taken from."""
        used = {str(self[column.name].value() or "") for column in self.kind.columns}
        return [head for position, head in enumerate(self.job.headers) if head and str(position) not in used]

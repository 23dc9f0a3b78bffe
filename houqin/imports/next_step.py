"""What a person does next with an import, in words."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from houqin.imports.models import ImportJob
from houqin.web.record_page import Button, NextStep

State = ImportJob.State


def next_step(job: ImportJob) -> NextStep | None:
    """Return the next step; None while a worker is at it, or where the page's form is the next step."""
    kind = job.definition
    again = Button(_("Upload another file"), reverse("imports:start", args=[job.kind]), "primary", "upload", post=False)
    cancel = Button(_("Do not import"), reverse("imports:cancel", args=[job.pk]), "plain")
    if kind is None or job.is_working:
        return None
    if job.state == State.READY:
        title = ngettext(
            "%(rows)d row is in order. Import it?", "%(rows)d rows are in order. Import them?", job.rows_total
        )
        confirm = Button(_("Import"), reverse("imports:confirm", args=[job.pk]), "primary", "check")
        return NextStep(
            title % {"rows": job.rows_total},
            _("All rows are written together, or none. Compare the figures below with your table first."),
            [cancel, confirm],
        )
    if job.state == State.REFUSED:
        title = ngettext("%(errors)d thing to mend", "%(errors)d things to mend", job.error_count)
        return NextStep(
            title % {"errors": job.error_count},
            _("Nothing was written. Mend the file and upload it again."),
            [cancel, again],
        )
    if job.state == State.FAILED:
        return NextStep(_("The import failed"), job.errors[0]["message"] if job.errors else "", [again])
    if job.state == State.CANCELLED:
        return NextStep(_("Cancelled, nothing was written"), "", [again])
    if job.state == State.DONE and kind.list_url:
        title = ngettext("%(records)d record was written", "%(records)d records were written", job.written or 0)
        show = Button(_("Show the list"), reverse(kind.list_url), "primary", "list", post=False)
        return NextStep(title % {"records": job.written or 0}, "", [show])
    return None

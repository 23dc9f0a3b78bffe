"""The statements on screen, laid out like the paper forms."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.generic import TemplateView, View

from finance.books import balances, periods
from finance.books.frame import VIEW, Tab, job_of
from finance.ledger.models import Ledger
from finance.statements import notes, sheets, tables
from finance.statements.amounts import Span
from finance.statements.exports import EXPORTS
from finance.statements.papers import PAPERS, Paper
from houqin.schools.access import access_of
from houqin.web.views import AskPermission


class Home(AskPermission, View):
    """The way to the balance sheet: of the acting school, or of all schools side by side."""

    permission = VIEW

    def get(self, request: Any) -> HttpResponse:
        """Lead there; without books, say so."""
        ledgers = balances.readable(request.user, request.acting.school)
        if not ledgers:
            return render(request, "finance/statements/none.html")
        kind = next(iter(PAPERS))
        if len({ledger.school_id for ledger in ledgers}) > 1:
            return redirect("finance:statements:schools", kind=kind)
        main = next((ledger for ledger in ledgers if ledger.kind == Ledger.Kind.MAIN), ledgers[0])
        return redirect("finance:statements:statement", pk=main.pk, kind=kind)


class _Page(AskPermission, TemplateView):
    """What the statements of one school and of all share: which one, of when, and the ways to the others."""

    permission = VIEW
    is_about_one_record = True

    @property
    def paper(self) -> Paper:
        """The form that was asked for."""
        paper = PAPERS.get(self.kwargs["kind"])
        if paper is None:
            raise Http404
        return paper

    def around(self, shown: periods.Shown, ledger: Ledger | None) -> dict[str, Any]:
        """Return what stands around a statement. Two queries: books that may be read, and exports."""
        request: Any = self.request
        whole_year = request.GET.get("from") == "1" and shown.last == 12
        query = f"year={shown.year}&from=1&to=12" if whole_year else f"year={shown.year}&month={shown.last}"
        return {
            "paper": self.paper,
            "shown": shown,
            "ledger": ledger,
            "span": Span(shown.year, shown.last, whole_year=whole_year),
            "query": query,
            "tabs": self._tabs(query, ledger),
            "books": self._books(query, ledger),
            "export_kind": EXPORTS[self.paper.kind].name,
            "export_query": self._export_query(shown, whole_year, ledger),
            "job": job_of(request.user, ledger),
            "as_of": timezone.now(),
            "unit": _("Unit: yuan"),
        }

    def _tabs(self, query: str, ledger: Ledger | None) -> list[Tab]:
        """Return the ways to the other statements of the same books."""
        return [
            Tab(str(paper.title), f"{self._address(kind, ledger)}?{query}", paper is self.paper)
            for kind, paper in PAPERS.items()
        ]

    def _books(self, query: str, ledger: Ledger | None) -> list[Tab]:
        """Return the ways to the same statement of other books; none where there are no others."""
        request: Any = self.request
        kind = self.paper.kind
        readable = balances.readable(request.user, request.acting.school)
        found = [Tab(str(one), f"{self._address(kind, one)}?{query}", one == ledger) for one in readable]
        if len(access_of(request.user).schools_with(VIEW)) > 1:
            label = pgettext("of a statement", "All schools side by side")
            found.insert(0, Tab(label, f"{self._address(kind, None)}?{query}", ledger is None))
        return found if len(found) > 1 else []

    def _address(self, kind: str, ledger: Ledger | None) -> str:
        if ledger is None:
            return reverse("finance:statements:schools", args=[kind])
        return reverse("finance:statements:statement", args=[ledger.pk, kind])

    def _export_query(self, shown: periods.Shown, whole_year: bool, ledger: Ledger | None) -> str:
        """Return what a file of this page is about."""
        first, last = (1, 12) if whole_year else (shown.last, shown.last)
        whose = "schools=all" if ledger is None else f"ledger={ledger.pk}"
        return f"{whose}&year={shown.year}&from={first}&to={last}"


class Of(_Page):
    """A statement of one set of books; a stranger's is not found."""

    template_name = "finance/statements/statement.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        ledgers = Ledger.objects.visible_to(request.user).select_related("school")
        ledger = get_object_or_404(ledgers, pk=self.kwargs["pk"])
        around = self.around(periods.shown(ledger, request.GET), ledger)
        made = tables.statement(self.paper, ledger, around["span"])
        lines = sheets.pairs(made)
        return super().get_context_data(
            **around,
            made=made,
            when=tables.when(self.paper, made.span),
            heads=tables.heads(self.paper, made.span),
            sides=list(zip(tables.sides(self.paper), zip(*lines, strict=True), strict=True)),
            notes=notes.of_one(made),
            is_closed=not made.unclosed,
            **kwargs,
        )


class Schools(_Page):
    """A statement of all schools that the person reads, side by side and together."""

    template_name = "finance/statements/schools.html"
    is_about_one_record = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        ledgers = balances.readable(request.user, None)
        around = self.around(periods.of_several(ledgers, request.GET), None)
        made = tables.side_by_side(self.paper, ledgers, around["span"])
        return super().get_context_data(
            **around,
            made=made,
            when=tables.when(self.paper, made.span),
            notes=notes.of_all(made),
            is_closed=not made.unclosed,
            **kwargs,
        )

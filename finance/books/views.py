"""The books on screen. Each page costs the same, wherever in its book it stands."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView, View

from finance.books import balances, bound, columns, figures, months, periods, subsidiary
from finance.books.exports import EXPORTS
from finance.books.frame import VIEW, frame, job_of
from finance.books.tree import tree_of
from finance.journals.imports import JOURNAL
from finance.ledger.archive import BOOKS, kept
from finance.ledger.models import Account, BookLine, Entry, Ledger
from houqin.exports.models import ExportJob
from houqin.schools.access import access_of
from houqin.web.views import AskPermission

TABLE_PAGE = 60
# Operating activity expenses (业务活动费用), which every school has.
EXPENDITURE = "5001"


class Home(AskPermission, TemplateView):
    """The books of the acting school, or of all: bound books with their balances, and the ways to the others."""

    permission = VIEW
    template_name = "finance/books/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        ledgers = balances.readable(request.user, request.acting.school)
        bound_books: dict[int, list[Account]] = {}
        for account in bound.books(request.user, request.acting.school):
            bound_books.setdefault(account.ledger_id, []).append(account)
        rows = [
            (ledger, [(book, figures.book_title(book.code, book.name)) for book in bound_books.get(ledger.pk, [])])
            for ledger in ledgers
        ]
        several = len({ledger.school_id for ledger in ledgers}) > 1
        shown = periods.of_several(ledgers, request.GET)
        return super().get_context_data(
            rows=rows,
            several=several,
            kinds=[(export.name, export.title) for export in EXPORTS],
            reaches_more=len(access_of(request.user).schools_with(VIEW)) > 1,
            shown=shown,
            month=shown.month,
            may_import=request.user.has_perm(JOURNAL.permission, request.acting.school),
            job=job_of(request.user, None),
            as_of=timezone.now(),
            export_query="",
            **kwargs,
        )


class OfAccount(AskPermission, TemplateView):
    """A page of one account's book; a stranger's is not found."""

    permission = VIEW
    is_about_one_record = True
    only_bound: ClassVar[bool] = False
    # Whether it opens on the last month that has entries; the others have their own way to begin.
    opens_on_newest: ClassVar[bool] = False
    tab: ClassVar[str] = "bound"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        accounts = Account.objects.visible_to(request.user).select_related("ledger__school", "head")
        if self.only_bound:
            accounts = accounts.filter(bound_book=True)
        account = get_object_or_404(accounts, pk=self.kwargs["pk"])
        newest = None
        if self.opens_on_newest and not periods.asks_months(request.GET):
            newest = subsidiary.newest(account, periods.asked_year(request.GET))
        shown = periods.shown(account.ledger, request.GET, newest)
        if self.only_bound:
            kwargs["title"] = figures.book_title(account.code, account.name)
        # What an export of this page is about; the central school exports all schools from the list of books.
        query = f"code={account.code}&ledger={account.ledger_id}"
        around = frame(request, account.ledger, shown, self.tab, account)
        return super().get_context_data(
            account=account, ledger=account.ledger, shown=shown, frame_of=around, export_query=query, **kwargs
        )


class BoundPage(OfAccount):
    """A page of a bound book, as the paper book has it (账页)."""

    template_name = "finance/books/page.html"
    only_bound = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        account, shown = context["account"], context["shown"]
        last = bound.last_page(account, account.head, shown.year)
        number = self._number(account, shown, last)
        rows = bound.page_lines(account, shown.year, number) if number else []
        drawn = bound.write(rows)
        return context | {
            "number": number,
            "last": last,
            # A bound book begins anew each year, as its opening page says.
            "opened": max(account.ledger.opened_on, months.first_day(shown.year, 1)),
            "lines": drawn,
            "blank": range(max(account.ledger.lines_per_page - len(drawn), 0)),
            "places": bound.places_of(rows),
            # The month that is marked is that of the page; of one that was asked for by its month, that one.
            "month": shown.month if self._asks_month or not drawn else drawn[-1].date.month,
            "people": self._people(rows),
        }

    def _number(self, account: Account, shown: periods.Shown, last: int) -> int:
        """Return which page was asked for: by its number, or the one on which a month begins; the last one at first."""
        asked = self.request.GET.get("page", "")
        if asked.isascii() and asked.isdigit():
            return min(max(int(asked[:9]), 1), last)
        if not self._asks_month or not last:
            return last
        return bound.page_of_month(account, shown.year, shown.month) or last

    @property
    def _asks_month(self) -> bool:
        """Whether the page was asked for by a month, and not by its number."""
        return "page" not in self.request.GET and periods.asks_months(self.request.GET)

    def _people(self, rows: list[dict[str, Any]]) -> tuple[Any, Any] | None:
        """Return who reviewed and who posted the last entry of the page."""
        keys = [row["entry__posting_id"] for row in rows if row["entry__posting_id"]]
        if not keys:
            return None
        entry = (
            Entry.objects.filter(posting=keys[-1])
            .select_related("posting__reviewed_by", "posting__posted_by")
            .only("posting__reviewed_by__display_name", "posting__posted_by__display_name")
            .order_by("line")
            .first()
        )
        return (entry.posting.reviewed_by or entry.posting.posted_by, entry.posting.posted_by) if entry else None


class BoundTable(OfAccount):
    """The same lines in ordinary figures (表格), page and line being the key."""

    template_name = "finance/books/table.html"
    only_bound = True
    opens_on_newest = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        account, shown = context["account"], context["shown"]
        begin = self._begin(account, shown)
        rows = bound.lines(account, shown.year).exclude(kind__in=list(figures.CARRIED))
        rows = _from(rows.filter(date__lte=months.last_day(shown.year, shown.last)), begin)
        start = self._start() or begin
        found = list(_from(rows, start).values(*bound.COLUMNS)[: TABLE_PAGE + 1])
        more = found[TABLE_PAGE:]
        before = list(_before(rows, start).values("page", "line")[:TABLE_PAGE]) if start else []
        return context | {
            "lines": bound.write(found[:TABLE_PAGE]),
            "month": shown.month,
            "older": f"{more[0]['page']}-{more[0]['line']}" if more else "",
            "newer": f"{before[-1]['page']}-{before[-1]['line']}" if before else "",
        }

    def _start(self) -> tuple[int, int] | None:
        """Return the line with which the page was asked to begin."""
        asked = self.request.GET.get("at", "").split("-")
        if len(asked) == 2 and all(part.isascii() and part.isdigit() and len(part) < 9 for part in asked):
            return int(asked[0]), int(asked[1])
        return None

    def _begin(self, account: Account, shown: periods.Shown) -> tuple[int, int] | None:
        """Return the first line of the months; what stands before the first entry of the year belongs to January."""
        if shown.month == 1:
            return None
        first, last = months.first_day(shown.year, shown.month), months.last_day(shown.year, shown.last)
        # No entry in these months: nothing of them is in the book, past its end.
        return bound.place_of(account, first, last) or (bound.NOWHERE, 1)


def _from(rows: Any, start: tuple[int, int] | None) -> Any:
    """Keep the lines from a place on; pages bound the scan."""
    if start is None:
        return rows
    page, line = start
    return rows.filter(page__gte=page).exclude(page=page, line__lt=line)


def _before(rows: Any, start: tuple[int, int]) -> Any:
    """Keep the lines before a place, the nearest first."""
    page, line = start
    return rows.filter(page__lte=page).exclude(page=page, line__gte=line).order_by("-page", "-line")


class Cover(OfAccount):
    """The opening page of a bound book (账簿启用表)."""

    template_name = "finance/books/cover.html"
    only_bound = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        account, shown = context["account"], context["shown"]
        first = BookLine.objects.filter(account=account, year=shown.year, page=1, line__lte=2).order_by("line").first()
        chief = Ledger.objects.select_related("opened_by").get(pk=account.ledger_id).opened_by
        return context | {
            "last": bound.last_page(account, account.head, shown.year),
            "first": first,
            "chief": chief,
            "kept": kept(shown.year, BOOKS)[0],
        }


class Subsidiary(OfAccount):
    """The three-column book of any account (明细账), and of one above others, too."""

    template_name = "finance/books/account.html"
    opens_on_newest = True
    tab = "account"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        account, shown = context["account"], context["shown"]
        tree = tree_of(account.ledger)
        node = tree.nodes[account.pk]
        groups = [[leaf.pk for leaf in child.leaves] for child in node.children] or [[account.pk]]
        span = subsidiary.Span(shown.year, shown.month, shown.last)
        ends = subsidiary.month_ends(account.ledger_id, groups, span, shown.closed_through)
        page = subsidiary.book_page(ends, span, node.leaves, self.request.GET.get("at", ""))
        return context | {
            "node": node,
            "page": page,
            "rows": self.rows(page, tree, node),
            "month": shown.month,
            "opening": subsidiary.standing(page.opening),
            "choices": subsidiary.choices(tree, node, only_above=self.tab == "columns"),
        }

    def rows(self, page: subsidiary.BookPage, tree: Any, node: Any) -> list[Any]:
        """Return the page's entries, each with the account when there are several, and what ends below it."""
        several = bool(node.children)
        return [
            (row, tree.nodes[row.account] if several else None, page.ends.get(number))
            for number, row in enumerate(page.rows)
        ]


class Columns(Subsidiary):
    """The multi-column book of an account above others (多栏账): a column for each of them."""

    template_name = "finance/books/columns.html"
    tab = "columns"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"heads": columns.columns_of(context["node"])}

    def rows(self, page: subsidiary.BookPage, tree: Any, node: Any) -> list[Any]:
        if not node.children:
            raise Http404
        index = columns.column_index(node)
        return [
            (row, columns.spread(row.account, row.debit - row.credit, index), page.ends.get(number))
            for number, row in enumerate(page.rows)
        ]


class Chosen(AskPermission, View):
    """The book of the account that was chosen (明细账, 多栏账); at first of one that has something to show."""

    permission = VIEW
    is_about_one_record = True
    # The page of the account's book.
    page: ClassVar[str] = "account"

    def get(self, request: Any, pk: int) -> HttpResponse:
        """Lead to the book."""
        ledger = get_object_or_404(Ledger.objects.visible_to(request.user), pk=pk)
        accounts = Account.objects.filter(ledger=ledger)
        wanted = request.GET.get("account", "")
        account = accounts.filter(code=wanted).first() if wanted else None
        account = account or self.usual(accounts) or accounts.order_by("code").first()
        if account is None:
            raise Http404
        query = request.GET.copy()
        query.pop("account", None)
        url = reverse(f"finance:books:{self.page}", args=[account.pk])
        return redirect(f"{url}?{query.urlencode()}" if query else url)

    def usual(self, accounts: QuerySet[Account]) -> Account | None:
        """Return the account that is shown at first: the first one that is posted to."""
        return accounts.filter(is_leaf=True, head__position__gt=0).order_by("code").first()


class ChosenColumns(Chosen):
    """The multi-column book of the account that was chosen; at first of expenditure."""

    page = "columns"

    def usual(self, accounts: QuerySet[Account]) -> Account | None:
        return accounts.filter(code=EXPENDITURE).first() or accounts.filter(is_leaf=False).order_by("code").first()


class OfLedger(AskPermission, TemplateView):
    """A page of one set of books; a stranger's is not found."""

    permission = VIEW
    is_about_one_record = True
    tab: ClassVar[str]
    # Whether a month is shown where none was asked for; else the year.
    is_monthly: ClassVar[bool] = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        ledgers = Ledger.objects.visible_to(request.user).select_related("school")
        ledger = get_object_or_404(ledgers, pk=self.kwargs["pk"])
        shown = periods.shown(ledger, request.GET) if self.is_monthly else periods.shown_year(ledger, request.GET)
        return super().get_context_data(
            ledger=ledger,
            shown=shown,
            month=shown.month,
            frame_of=frame(request, ledger, shown, self.tab),
            export_query=f"ledger={ledger.pk}",
            **kwargs,
        )


class Balances(OfLedger):
    """The trial balance of a month (科目余额表)."""

    template_name = "finance/books/balances.html"
    tab = "balances"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        shown = context["shown"]
        rows = balances.trial_balance(context["ledger"], shown.year, shown.month, shown.last)
        halves = [
            (label, [row for row in rows if row.half == half], balances.totals(rows, half))
            for half, label in Account.Half.choices
        ]
        labels = [f"{group} {side}" for group in balances.groups() for side in (_("Debit"), _("Credit"))]
        return context | {"halves": [half for half in halves if half[1]], "labels": labels}


class General(OfLedger):
    """The general ledger of a year (总账): each account of the first level, month by month."""

    template_name = "finance/books/general.html"
    tab = "general"
    is_monthly = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        ledger, shown = context["ledger"], context["shown"]
        tree = tree_of(ledger)
        years = balances.general(ledger, tree.roots, shown.year, shown.closed_through, shown.month, shown.last)
        return context | {"accounts": [year for year in years if not year.is_nothing]}


class Schools(AskPermission, TemplateView):
    """All campuses side by side: the balance of every account of the first level in each school's books."""

    permission = VIEW
    template_name = "finance/books/schools.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        ledgers = balances.readable(request.user, None)
        shown = periods.of_several(ledgers, request.GET)
        rows = balances.side_by_side(ledgers, shown.year, shown.last)
        return super().get_context_data(
            ledgers=ledgers,
            rows=rows,
            shown=shown,
            month=shown.last,
            job=job_of(request.user, None),
            as_of=timezone.now(),
            export_query="schools=all",
            **kwargs,
        )


@require_safe
def export_line(request: Any, pk: int) -> HttpResponse:
    """Answer htmx with how far an export of a book is: the line on the page of the book."""
    job = get_object_or_404(ExportJob.objects.visible_to(request.user), pk=pk)
    return render(request, "finance/books/_job.html", {"job": job})

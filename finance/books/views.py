"""The books on screen. Each page costs the same, wherever in its book it stands."""

from typing import Any, ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from finance.books import balances, bound, columns, figures, months, periods, subsidiary
from finance.books.journal_import import JOURNAL
from finance.books.tree import tree_of
from finance.ledger.models import Account, BookLine, Entry, Ledger
from houqin.web.views import AskPermission

VIEW = "finance.view_books"
TABLE_PAGE = 60


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
        may_import = request.user.has_perm(JOURNAL.permission, request.acting.school)
        return super().get_context_data(
            rows=rows, several=several, may_import=may_import, **_this_month(request, ledgers), **kwargs
        )


class OfAccount(AskPermission, TemplateView):
    """A page of one account's book; a stranger's is not found."""

    permission = VIEW
    is_about_one_record = True
    only_bound: ClassVar[bool] = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        accounts = Account.objects.visible_to(request.user).select_related("ledger__school", "head")
        if self.only_bound:
            accounts = accounts.filter(bound_book=True)
        account = get_object_or_404(accounts, pk=self.kwargs["pk"])
        shown = periods.shown(account.ledger, request.GET.get("year"), request.GET.get("month"))
        if self.only_bound:
            kwargs["title"] = figures.book_title(account.code, account.name)
        # What an export of this page is about; the central school exports all schools from the list of books.
        query = f"code={account.code}&ledger={account.ledger_id}"
        return super().get_context_data(
            account=account, ledger=account.ledger, shown=shown, export_query=query, **kwargs
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
            "lines": drawn,
            "blank": range(max(account.ledger.lines_per_page - len(drawn), 0)),
            "places": bound.places_of(rows),
            "month": shown.month if "month" in self.request.GET or not drawn else drawn[-1].date.month,
            "people": self._people(rows),
        }

    def _number(self, account: Account, shown: periods.Shown, last: int) -> int:
        """Return which page was asked for: by its number, or the one on which a month begins; the last one at first."""
        asked = self.request.GET.get("page", "")
        if asked.isascii() and asked.isdigit():
            return min(max(int(asked[:9]), 1), last)
        if "month" not in self.request.GET or not last:
            return last
        return bound.page_of_month(account, shown.year, shown.month) or last

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

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        account, shown = context["account"], context["shown"]
        rows = bound.lines(account, shown.year).exclude(kind__in=list(figures.CARRIED))
        start = self._start(account, shown)
        found = list(_from(rows, start).values(*bound.COLUMNS)[: TABLE_PAGE + 1])
        more = found[TABLE_PAGE:]
        before = list(_before(rows, start).values("page", "line")[:TABLE_PAGE]) if start else []
        return context | {
            "lines": bound.write(found[:TABLE_PAGE]),
            "month": shown.month,
            "older": f"{more[0]['page']}-{more[0]['line']}" if more else "",
            "newer": f"{before[-1]['page']}-{before[-1]['line']}" if before else "",
        }

    def _start(self, account: Account, shown: periods.Shown) -> tuple[int, int] | None:
        asked = self.request.GET.get("at", "").split("-")
        if len(asked) == 2 and all(part.isascii() and part.isdigit() and len(part) < 9 for part in asked):
            return int(asked[0]), int(asked[1])
        last = months.last_day(shown.year, 12)
        found = bound.place_of(account, months.first_day(shown.year, shown.month), last)
        # What stands before the first entry of the year belongs to January.
        return None if found is None or shown.month == 1 else found


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
        }


class Subsidiary(OfAccount):
    """The three-column book of any account (明细账), and of one above others, too."""

    template_name = "finance/books/account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        account, shown = context["account"], context["shown"]
        tree = tree_of(account.ledger)
        node = tree.nodes[account.pk]
        leaves = [leaf.pk for leaf in node.leaves]
        page = subsidiary.month_page(account.ledger_id, leaves, shown.year, shown.month, self.request.GET.get("at", ""))
        sums = page.sums
        return context | {
            "node": node,
            "page": page,
            "rows": self.rows(page, tree, node),
            "month": shown.month,
            "opening": subsidiary.standing(sums.opening),
            "closing": subsidiary.standing(sums.balance),
        }

    def rows(self, page: subsidiary.MonthPage, tree: Any, node: Any) -> list[Any]:
        """Return the page's entries, each with the account when there are several."""
        several = bool(node.children)
        return [(row, tree.nodes[row.account] if several else None) for row in page.rows]


class Columns(Subsidiary):
    """The multi-column book of an account above others (多栏账): a column for each of them."""

    template_name = "finance/books/columns.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        node, shown = context["node"], context["shown"]
        leaves = [leaf.pk for leaf in node.leaves]
        moved = months.sums([context["ledger"].pk], shown.year, shown.month, leaves).get(context["ledger"].pk, {})
        month, year = columns.column_sums(node, moved)
        return context | {"heads": columns.columns_of(node), "month_sums": month, "year_sums": year}

    def rows(self, page: subsidiary.MonthPage, tree: Any, node: Any) -> list[Any]:
        if not node.children:
            raise Http404
        index = columns.column_index(node)
        return [(row, columns.spread(row.account, row.debit - row.credit, index)) for row in page.rows]


class OfLedger(AskPermission, TemplateView):
    """A page of one set of books; a stranger's is not found."""

    permission = VIEW
    is_about_one_record = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        ledgers = Ledger.objects.visible_to(request.user).select_related("school")
        ledger = get_object_or_404(ledgers, pk=self.kwargs["pk"])
        shown = periods.shown(ledger, request.GET.get("year"), request.GET.get("month"))
        return super().get_context_data(
            ledger=ledger, shown=shown, month=shown.month, export_query=f"ledger={ledger.pk}", **kwargs
        )


class Balances(OfLedger):
    """The trial balance of a month (科目余额表)."""

    template_name = "finance/books/balances.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        shown = context["shown"]
        rows = balances.trial_balance(context["ledger"], shown.year, shown.month)
        halves = [
            (label, [row for row in rows if row.half == half], balances.totals(rows, half))
            for half, label in Account.Half.choices
        ]
        return context | {"halves": [half for half in halves if half[1]]}


class General(OfLedger):
    """The general ledger of a year (总账): each account of the first level, month by month."""

    template_name = "finance/books/general.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        ledger, shown = context["ledger"], context["shown"]
        tree = tree_of(ledger)
        years = balances.general(ledger, tree.roots, shown.year, shown.closed_through)
        return context | {"accounts": [year for year in years if not year.is_nothing]}


class Schools(AskPermission, TemplateView):
    """All campuses side by side: the balance of every account of the first level in each school's books."""

    permission = VIEW
    template_name = "finance/books/schools.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        ledgers = balances.readable(request.user, None)
        bar = _this_month(request, ledgers)
        rows = balances.side_by_side(ledgers, bar["shown"].year, bar["month"])
        return super().get_context_data(ledgers=ledgers, rows=rows, **bar, **kwargs)


def _this_month(request: Any, ledgers: list[Ledger]) -> dict[str, Any]:
    """Return the month that a page of several sets of books shows, and what its export asks for."""
    first = periods.asked_month(request.GET.get("year"), request.GET.get("month"))
    opened = min([ledger.year_opened for ledger in ledgers] + [first.year])
    until = max(first.year, periods.asked_month(None, None).year)
    bar = [(month, True, False) for month in range(1, 13)]
    shown = periods.Shown(first.year, first.month, list(range(opened, until + 1)), bar)
    return {"shown": shown, "month": first.month, "export_query": ""}

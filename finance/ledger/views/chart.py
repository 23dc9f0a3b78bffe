"""The chart of accounts of a set of books: list, an account's page, and its few changes."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from finance.ledger import acting, actions
from finance.ledger.account_forms import AddAccountForm, RenameAccountForm
from finance.ledger.actions import chart as rules
from finance.ledger.models import ZERO, Account
from finance.ledger.views.writing import no_books
from houqin.accounts.models import User
from houqin.schools.pages import AtOneSchool
from houqin.web.paging import Sort
from houqin.web.record_page import Button, NextStep
from houqin.web.steps import take_step
from houqin.web.templatetags.houqin import badge, money
from houqin.web.views import Chip, DetailPage, ListPage, UpdatePage, any_of

VIEW, MANAGE = "finance.view_books", "finance.manage_ledger"
VALUES = ("pk", "code", "name", "half", "category", "normal", "is_leaf", "bound_book", "closed", "use", "head__balance")


def url_of(pk: int) -> str:
    """Return the address of an account's page."""
    return reverse("finance:ledger:account", args=[pk])


class Chart(AtOneSchool, ListPage):
    """The accounts of the books that one works in, in the order of their codes."""

    model = Account
    permission = VIEW
    template_name = "finance/ledger/chart.html"
    search_hint = _("Code, name or pinyin initials")
    sorts = {"code": Sort("code", descending=False)}
    default_sort = "code"
    default_chip = "all"
    page_size = 100
    chips = [
        Chip("all", _("all"), any_of()),
        *(Chip(str(one), one.label, any_of(category=one)) for one in Account.Category),
        Chip("closed", pgettext_lazy("account", "closed"), any_of(closed=True)),
    ]

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        may_see = request.acting.school is not None and request.user.has_perm(VIEW, request.acting.school)
        if may_see and acting.books(request).current is None:
            return no_books(request)
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        return Account.objects.filter(ledger=acting.books(self.request).current)

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.values(*VALUES)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        books = acting.books(self.request)
        return context | {"books": books, "ledger": books.current, "rows": ready(context["rows"], headings=True)}


def ready(rows: Iterable[dict[str, Any]], *, headings: bool = False) -> list[dict[str, Any]]:
    """Return the values of the list's template, row by row; with `headings`, one before each class."""
    made: list[dict[str, Any]] = []
    before = ""
    for row in rows:
        category = row["category"]
        made.append(
            row
            | {
                "url": url_of(row["pk"]),
                "heading": heading(row) if headings and category != before else "",
                "level": (len(row["code"]) - 4) // 2,
                "bound": str(_("bound book")) if row["bound_book"] else "",
                "side": side(row["normal"]),
                "balance": shown_balance(row["normal"], row["head__balance"]),
                "badge": state_badge(row["closed"], row["use"]),
            }
        )
        before = category
    return made


def heading(row: dict[str, Any]) -> str:
    """Return half and class, as they head a part of the chart."""
    return f"{Account.Half(row['half']).label} · {Account.Category(row['category']).label}"


def side(normal: str) -> str:
    """Return 借 or 贷 as books write it."""
    return str(_("Dr") if normal == Account.Normal.DEBIT else _("Cr"))


def shown_balance(normal: str, balance: Any) -> str:
    """Return a balance on the account's own side; nothing for accounts that are only headings."""
    return "" if balance is None else money(balance if normal == Account.Normal.DEBIT else ZERO - balance)


def state_badge(closed: bool, use: str) -> Any:
    """Return a badge for what is closed; an open account says nothing."""
    if not closed:
        return ""
    return badge("off", "locked", _("not for schools") if use == "no" else pgettext_lazy("account", "closed"))


class AccountDetail(DetailPage):
    """An account: what it is, what stands below it, where it stands."""

    model = Account
    template_name = "finance/ledger/account.html"
    context_object_name = "account"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("ledger__school", "parent", "head", "counterpart")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account: Account = self.object
        user: Any = self.request.user
        manages = user.has_perm(MANAGE, account)
        head = getattr(account, "head", None) if account.is_leaf else None
        return super().get_context_data(
            ledger=account.ledger,
            children=ready(account.children.order_by("code").values(*VALUES)),
            balance=shown_balance(account.normal, head.balance if head else None),
            entries=head.position if head else 0,
            side=side(account.normal),
            badge=state_badge(account.closed, account.use),
            next=next_step(account, user),
            may_rename=manages and not rules.is_standard(account),
            may_close=manages and not account.closed,
            **kwargs,
        )


def next_step(account: Account, user: User) -> NextStep:
    """Return what can be done with an account, or why nothing can."""
    if not user.has_perm(MANAGE, account):
        return NextStep(
            _("The chart is kept by the chief accountant"), _("Ask there for a new account or another name.")
        )
    if rules.is_closed_for_good(account):
        return NextStep(
            _("Closed for good"),
            _("Schools make no debts, and a campus has no bank account of its own; this one stays closed."),
        )
    if account.closed:
        url = reverse("finance:ledger:reopen_account", args=[account.pk])
        return NextStep(_("Closed: nothing is posted to it"), "", [Button(_("Open it again"), url, "primary", "check")])
    if account.is_leaf and rules.is_used(account):
        return NextStep(
            _("In use"),
            _("Nothing can stand below what is posted to. Add one beside it instead."),
        )
    if len(account.code) + rules.STEP > rules.DEEPEST:
        return NextStep(_("The lowest level"), _("Codes are no longer than this."))
    url = reverse("finance:ledger:add_account", args=[account.pk])
    add = Button(_("Add an account below"), url, "primary", "plus", post=False)
    return NextStep(_("May be divided further"), _("Accounts below it have its class and its normal side."), [add])


class _OfAccount(UpdatePage):
    """A form about one account, for whoever keeps the chart."""

    model = Account
    permission = MANAGE
    context_object_name = "account"
    template_name = "finance/ledger/account_form.html"
    title: Any = ""
    button: Any = ""

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("ledger__school", "parent")

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return {name: value for name, value in kwargs.items() if name != "instance"} | {"record": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"title": self.title, "button": self.button, "back": url_of(self.kwargs["pk"])}
        return super().get_context_data(**kwargs) | shown

    def get_success_url(self) -> str:
        return url_of(self.object.pk)


class AddAccount(_OfAccount):
    """Add an account below another one."""

    action_code = "finance.add_account"
    form_class = AddAccountForm
    title = _("Add an account below")
    button = _("Add it")


class RenameAccount(_OfAccount):
    """Give an account another name."""

    action_code = "finance.rename_account"
    form_class = RenameAccountForm
    title = _("Rename the account")
    button = _("Rename it")


def _step(request: Any, pk: int, step: Any, code: str, done: Any) -> HttpResponse:
    rows = Account.objects.visible_to(request.user).select_related("ledger__school")
    account = get_object_or_404(rows, pk=pk)
    return take_step(
        request,
        lambda: step(account, by=request.user),
        code=f"finance.{code}",
        record=account,
        to=url_of(pk),
        done=done,
    )


@require_POST
def close_account(request: Any, pk: int) -> HttpResponse:
    """Let nothing be posted to an account any more."""
    return _step(request, pk, actions.close_account, "close_account", _("Closed. Nothing is posted to it any more."))


@require_POST
def reopen_account(request: Any, pk: int) -> HttpResponse:
    """Open a closed account again."""
    return _step(request, pk, actions.reopen_account, "reopen_account", _("Open again."))

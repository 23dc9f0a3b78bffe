"""The register of bank accounts: all of them on one page, one with its history, three forms."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from finance.banks import forms
from finance.banks.models import BankAccount
from finance.ledger.facts import agreements
from houqin.accounts.models import User
from houqin.errors import NotAllowed
from houqin.schools.access import access_of
from houqin.schools.models import School
from houqin.schools.pages import AtOneSchool
from houqin.schools.permissions import require
from houqin.web.views import CreatePage, DetailPage, UpdatePage

VIEW, MANAGE = "finance.view_books", "finance.manage_ledger"
JOINED = ("account__ledger__school", "account__head", "registered_by")


@require_safe
def register(request: Any) -> HttpResponse:
    """Show the bank accounts with what the books say is in them, and what campuses have at the central school."""
    school = request.acting.school
    require(request.user, VIEW, school)
    rows = BankAccount.objects.visible_to(request.user).at(school).select_related(*JOINED)
    centrals = _centrals(request.user, school)
    context = {
        "rows": rows,
        "all_schools": school is None,
        "campus": school if school is not None and school.parent_id is not None else None,
        "agreements": agreements(centrals) if centrals else [],
        "may_register": any(request.user.has_perm(MANAGE, central) for central in centrals),
    }
    return render(request, "finance/banks/list.html", context)


def _centrals(user: User, school: School | None) -> list[School]:
    """Return the central schools that are looked at."""
    if school is not None:
        return [school] if school.parent_id is None else []
    reached = access_of(user).schools_with(VIEW)
    return list(School.objects.filter(parent=None, pk__in=reached).order_by("name_pinyin", "pk"))


class BankAccountDetail(DetailPage):
    """A bank account, its approval and its history."""

    model = BankAccount
    template_name = "finance/banks/detail.html"
    context_object_name = "bank_account"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*JOINED)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: BankAccount = self.object
        may_change = row.closed_on is None and self.request.user.has_perm(MANAGE, row)
        return super().get_context_data(may_change=may_change, **kwargs)


class BankAccountRegister(AtOneSchool, CreatePage):
    """Register a bank account of the acting school."""

    model = BankAccount
    permission = MANAGE
    action_code = "finance.register_bank_account"
    template_name = "finance/banks/form.html"
    form_class = forms.RegisterForm
    choosing_hint = _("Only a central school has bank accounts.")

    def may_be_for(self, school: School) -> bool:
        return school.parent_id is None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say at once, and not behind a filled form, that a campus has none."""
        school = request.acting.school
        if school is not None and not self.may_be_for(school) and request.user.has_perm(MANAGE, school):
            raise NotAllowed(_("A campus has no bank account. Choose the central school first, then register it."))
        return super().dispatch(request, *args, **kwargs)


class BankAccountChange(UpdatePage):
    """Put right what was registered."""

    model = BankAccount
    permission = MANAGE
    action_code = "finance.change_bank_account"
    template_name = "finance/banks/form.html"
    form_class = forms.BankAccountForm


class BankAccountClose(UpdatePage):
    """Close a bank account."""

    model = BankAccount
    permission = MANAGE
    action_code = "finance.close_bank_account"
    template_name = "finance/banks/form.html"
    form_class = forms.CloseForm
    extra_context = {"closes": True}

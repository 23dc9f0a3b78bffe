"""Write a voucher by keyboard: anew, from a usual case, a copy, a purchase, or the wrong one it puts right."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from finance.ledger import acting, from_purchase, states, wording
from finance.ledger.accounts import Accounts
from finance.ledger.cases import BY_NAME, CASES
from finance.ledger.forms import CHECK, SAVE, SUBMIT, ScanForm, VoucherForm
from finance.ledger.line_forms import amount, initial_lines
from finance.ledger.models import Ledger, Posting, Voucher, VoucherKind, of_school
from finance.ledger.rules import may_be_corrected
from finance.purchases.models import PurchaseRequest
from houqin.errors import NotAllowed, Refused, WrongState
from houqin.schools.models import School
from houqin.schools.pages import AtOneSchool
from houqin.schools.permissions import require
from houqin.web.views import CreatePage, UpdatePage

PREPARE = "finance.prepare_voucher"
FORM = "finance/ledger/form.html"


class _Writing:
    """What all forms of vouchers share: the buttons that save nothing, the sums, the books."""

    action_code: ClassVar[str] = "finance.save_voucher"
    object: Any
    request: Any

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        do = request.POST.get("do", SAVE)
        if do in (SAVE, SUBMIT):
            return super().post(request, *args, **kwargs)  # type: ignore[misc]
        self.object = self.record_of()
        given = self.own_kwargs() | {"by": request.user, "school": request.acting.school}
        if do == CHECK:
            form = VoucherForm(request.POST, **given)
            form.is_valid()
            form.show_accounts()
        else:
            form = VoucherForm.retyped(request.POST, do=do, **given)
        return self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]

    def record_of(self) -> Voucher | None:
        """Return the draft that is changed; None for a new voucher."""
        return None

    def ledger_of(self) -> Ledger:
        """Return the books in which it is written."""
        raise NotImplementedError

    def own_kwargs(self) -> dict[str, Any]:
        """Return what the form needs besides person and school."""
        return {"ledger": self.ledger_of(), "record": self.object}

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        kwargs.pop("instance", None)
        own = self.own_kwargs() | {"do": self.request.POST.get("do", SAVE)}
        initial = kwargs.get("initial") or {}
        return kwargs | own | {"initial": initial | own.pop("initial", {})}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        form: VoucherForm = context["form"]
        corrects = form.corrects
        return context | {
            "ledger": form.ledger,
            "wrong": wording.number_of(corrects) if corrects else "",
            "back": states.url_of(form.record.pk) if form.record else reverse("finance:ledger:vouchers"),
            "cases": [],
        }

    def get_success_url(self) -> str:
        return states.url_of(self.object.pk)


class VoucherCreate(AtOneSchool, _Writing, CreatePage):
    """Write a voucher in the books of the acting school."""

    permission = PREPARE
    template_name = FORM
    form_class = VoucherForm
    object = None
    ledger: Ledger

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        school = self._school()
        if school is None or not request.user.has_perm(PREPARE, school):
            return super().dispatch(request, *args, **kwargs)
        # What the school bought is booked in its own books, not in its canteen's.
        ledger = of_school(school) if "purchase" in request.GET else acting.asked(request, PREPARE)
        if ledger is None:
            return no_books(request)
        self.ledger = ledger
        # Who looks at all schools need not choose one: the books are named.
        return super(AtOneSchool, self).dispatch(request, *args, **kwargs)

    def _school(self) -> School | None:
        """Return the school in whose books it is written: that of the purchase, of the books named, the acting one."""
        asked = self.request.GET
        if asked.get("purchase", "").isdecimal():
            rows = PurchaseRequest.objects.visible_to(self.request.user).select_related("school")
            bought = rows.filter(pk=int(asked["purchase"][:18])).first()
            return bought.school if bought is not None else self.request.acting.school
        if "ledger" in asked or "ledger" in self.request.POST:
            named = acting.asked(self.request, PREPARE)
            return named.school if named is not None else self.request.acting.school
        return self.request.acting.school

    def ledger_of(self) -> Ledger:
        return self.ledger

    def own_kwargs(self) -> dict[str, Any]:
        return super().own_kwargs() | self._begun()

    def _begun(self) -> dict[str, Any]:
        """Return the lines that a case, a copy or a purchase begins with."""
        asked = self.request.GET
        accounts = Accounts(self.ledger)
        if asked.get("case") in BY_NAME:
            value = amount(asked.get("amount", ""))
            return {"lines": BY_NAME[asked["case"]].lines(accounts, value or None)}
        if asked.get("copy", "").isdecimal():
            copied = get_object_or_404(Voucher.objects.visible_to(self.request.user), pk=int(asked["copy"][:18]))
            lines = initial_lines(copied.lines.select_related("account"))
            return {"lines": lines, "initial": {"attachments": copied.attachments}}
        if asked.get("purchase", "").isdecimal():
            rows = PurchaseRequest.objects.visible_to(self.request.user).filter(school=self.ledger.school)
            bought = get_object_or_404(rows, pk=int(asked["purchase"][:18]), state__in=from_purchase.DELIVERED)
            return {"lines": from_purchase.lines(bought, accounts), "source": (from_purchase.SOURCE, bought.pk)}
        if asked.get("kind") == VoucherKind.OPENING:
            return {"initial": {"kind": VoucherKind.OPENING, "date": self.ledger.opened_on}}
        return {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        begun = {"case": asked.get("case", ""), "amount": asked.get("amount", "")[:20]}
        return super().get_context_data(**kwargs) | {"cases": CASES, "begun": begun}


class _OfVoucher(UpdatePage):
    """A form about one voucher that the person may prepare."""

    model = Voucher
    permission = PREPARE
    context_object_name = "voucher"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("ledger__school", "school", "corrects", "prepared_by")


class VoucherUpdate(_Writing, _OfVoucher):
    """Change a draft."""

    template_name = FORM
    form_class = VoucherForm

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        voucher = self.get_object()
        if not voucher.is_draft:
            return HttpResponseRedirect(states.url_of(voucher.pk))
        return super().get(request, *args, **kwargs)

    def record_of(self) -> Voucher:
        record: Voucher = self.get_object()
        return record

    def ledger_of(self) -> Ledger:
        ledger: Ledger = self.object.ledger
        return ledger


class VoucherCorrect(_Writing, _OfVoucher):
    """Put a posted voucher right: the form begins with the wrong lines; posting it writes the wrong one off."""

    template_name = FORM
    form_class = VoucherForm
    action_code = "finance.correct_posting"
    corrects: Posting

    def get_object(self, queryset: Any = None) -> Any:
        voucher = super().get_object(queryset)
        corrects = Posting.objects.filter(voucher=voucher).select_related("ledger__school").first()
        if corrects is None:
            raise NotAllowed(_("Only what is posted is put right; change the draft instead."), code="not_posted")
        self.corrects = corrects
        return voucher

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        voucher = self.get_object()
        try:
            may_be_corrected(voucher.ledger, self.corrects)
        except (Refused, WrongState) as refusal:
            messages.error(request, refusal.sentence)
            return HttpResponseRedirect(states.url_of(voucher.pk))
        return super().get(request, *args, **kwargs)

    def record_of(self) -> None:
        self.get_object()

    def ledger_of(self) -> Ledger:
        return self.corrects.ledger

    def own_kwargs(self) -> dict[str, Any]:
        wrong = self.corrects
        entries = list(wrong.voucher.lines.select_related("account"))
        lines = initial_lines(entries)
        if lines:
            lines[0]["summary"] = wording.put_right(wrong)
            for line in lines[1:]:
                line["summary"] = ""
        initial = {"attachments": wrong.attachments}
        return {"ledger": wrong.ledger, "record": None, "corrects": wrong, "lines": lines, "initial": initial}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"back": states.url_of(self.corrects.voucher_id)}


class Scan(_OfVoucher):
    """Attach a photo or a PDF."""

    action_code = "finance.attach_voucher_scan"
    template_name = "finance/ledger/scan.html"
    form_class = ScanForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return {name: value for name, value in kwargs.items() if name != "instance"} | {"record": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"back": states.url_of(self.kwargs["pk"])}

    def get_success_url(self) -> str:
        return states.url_of(self.kwargs["pk"])


@require_safe
def purchases(request: Any) -> HttpResponse:
    """Show the delivered purchases that wait for their voucher."""
    require(request.user, PREPARE, request.acting.school)
    rows = list(from_purchase.waiting(request.user, request.acting.school).select_related("school")[:100])
    return render(request, "finance/ledger/purchases.html", {"rows": rows, "school": request.acting.school})


def no_books(request: Any) -> HttpResponse:
    """Say that the books of this school are not opened, and who opens them."""
    school = request.acting.school
    may_open = request.user.has_perm("finance.manage_ledger", school)
    return render(request, "finance/ledger/no_books.html", {"school": school, "may_open": may_open})

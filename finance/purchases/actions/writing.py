"""Write a request, change it, copy an earlier one, add its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.register.models import AssetCard, AssetCategory
from finance.budgets.models import BudgetLine
from finance.purchases.actions.steps import Verb, locked, move, require_requester, require_state
from finance.purchases.models import (
    EDITABLE,
    MOST_QUOTES,
    MOST_YUAN,
    PurchaseFile,
    PurchaseLine,
    PurchaseRequest,
    PurchaseStep,
    Quote,
    State,
)
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.files.actions import store_pdf, store_photo
from houqin.schools.models import School
from houqin.schools.numbers import next_number
from houqin.schools.permissions import require
from houqin.web.trail import record_action

NUMBER_PREFIX = "CG"
MOST_LINES = 60
MOST_FILES = 12
ZERO = Decimal("0.00")
BATCH = 500
SECOND_TAP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class QuoteGiven:
    """What a supplier asks for one piece."""

    supplier_name: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is typed; `pk` names the line that it replaces, so that its quotes keep their files."""

    name: str
    unit: str
    quantity: Decimal
    unit_price: Decimal = ZERO
    specification: str = ""
    market_price: Decimal | None = None
    market_source: str = ""
    over_market_reason: str = ""
    is_equipment: bool = False
    category: AssetCategory | None = None
    quotes: Sequence[QuoteGiven] = ()
    pk: int | None = None


@transaction.atomic
def create(
    school: School,
    *,
    by: User,
    kind: str,
    title: str,
    lines: Sequence[Line],
    purpose: str = "",
    needed_on: date | None = None,
    budget_line: BudgetLine | None = None,
    emergency_reason: str = "",
    idle_reason: str = "",
    copied_from: PurchaseRequest | None = None,
    requester: User | None = None,
) -> PurchaseRequest:
    """Write a draft, which only its requester changes and submits; an upper office may write one for somebody.

    Raises Refused "wrong_budget_line", "too_many_lines", "too_many_quotes", "total_too_large" or
    "requester_elsewhere".
    """
    require(by, "finance.request_purchase", school)
    if requester is not None and not requester.has_perm("finance.request_purchase", school):
        raise Refused(
            _("%(name)s cannot ask for purchases at this school."),
            code="requester_elsewhere",
            field="requester",
            params={"name": requester},
        )
    _require_own_money(school, budget_line)
    request = PurchaseRequest.objects.create(
        school=school,
        number=next_number(school, NUMBER_PREFIX, at=timezone.now()),
        kind=kind,
        title=title.strip(),
        purpose=purpose.strip(),
        needed_on=needed_on,
        budget_line=budget_line,
        emergency_reason=emergency_reason.strip(),
        idle_reason=idle_reason.strip(),
        requester=requester or by,
        copied_from=copied_from,
    )
    _write_lines(request, lines)
    verb, note = (Verb.COPY, copied_from.number) if copied_from else (Verb.CREATE, "")
    PurchaseStep.objects.create(request=request, verb=verb, by=by, note=note, to_state=request.state)
    record_action("finance.create_purchase", by=by, record=request, school=school)
    return request


@transaction.atomic
def change(request: PurchaseRequest, *, by: User, lines: Sequence[Line], **fields: Any) -> PurchaseRequest:
    """Change a request that nobody is signing: a draft, one that was returned, or one that was withdrawn.

    `fields` are those of `create`. What was found when it was submitted before is found anew.
    Raises NotAllowed "not_requester", WrongState, and what `create` raises.
    """
    request = locked(request)
    require_requester(request, by)
    require_state(request, *EDITABLE)
    _require_own_money(request.school, fields.get("budget_line"))
    texts = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    texts |= {"is_emergency": False, "is_over_market": False}
    for name, value in texts.items():
        setattr(request, name, value)
    request.save(update_fields=list(texts))
    _write_lines(request, lines)
    if request.state == State.DRAFT:
        # A draft grows in many sittings; its course begins when others have seen it.
        record_action("finance.change_purchase", by=by, record=request, school=request.school)
        return request
    return move(request, Verb.CHANGE, by=by, code="finance.change_purchase")


def _require_own_money(school: School, line: BudgetLine | None) -> None:
    if line is not None and line.school_id != school.pk:
        raise Refused(_("This budget line belongs to another school."), code="wrong_budget_line", field="budget_line")


def _write_lines(request: PurchaseRequest, lines: Sequence[Line]) -> None:
    """Let the request hold exactly these lines, in this order, and write its sum and its search text."""
    if len(lines) > MOST_LINES:
        raise Refused(
            _("A request has at most %(most)d lines. Write a second one."),
            code="too_many_lines",
            field="lines",
            params={"most": MOST_LINES},
        )
    known = {line.pk: line for line in request.lines.all()}
    kept = [line.pk for line in lines if line.pk in known]
    request.lines.exclude(pk__in=kept).delete()
    for position, given in enumerate(lines, start=1):
        line = known.pop(given.pk, None) if given.pk else None
        _write_line(line or PurchaseLine(request=request), position, given)
    total = request.lines.aggregate(sum=Sum("amount"))["sum"] or ZERO
    if total >= MOST_YUAN:
        raise Refused(
            _("This is too much for one request. Check quantities and prices."), code="total_too_large", field="lines"
        )
    request.total = total
    request.write_search()
    request.save(update_fields=["total", "search_text"])


def _write_line(line: PurchaseLine, position: int, given: Line) -> None:
    for name in ("unit", "quantity", "unit_price", "market_price", "is_equipment"):
        setattr(line, name, getattr(given, name))
    for name in ("name", "specification", "market_source", "over_market_reason"):
        setattr(line, name, getattr(given, name).strip())
    line.position = position
    line.category = given.category or (_category_of(line) if line.is_equipment else None)
    prices = [quote.price for quote in given.quotes] + ([line.market_price] if line.market_price else [])
    # The lowest price that anybody asks is the market's; one dear quote does not hide what is seen elsewhere (S105).
    line.reference_price = min(prices, default=None)
    line.save()
    _write_quotes(line, given.quotes)


def _category_of(line: PurchaseLine) -> AssetCategory | None:
    """Return the category of the last card of this name, else the category that bears the name itself."""
    if line.category_id:
        return line.category
    school = line.request.school
    card = AssetCard.objects.filter(school=school, name=line.name).select_related("category").order_by("-pk").first()
    return card.category if card else AssetCategory.objects.registrable().filter(name_zh=line.name).first()


def _write_quotes(line: PurchaseLine, quotes: Sequence[QuoteGiven]) -> None:
    """Write the quotes anew; a supplier that stays keeps its file."""
    if len(quotes) > MOST_QUOTES:
        raise Refused(_("At most three quotes are compared."), code="too_many_quotes", field="lines")
    if len({quote.supplier_name.strip() for quote in quotes}) < len(quotes):
        raise Refused(_("Each supplier quotes once."), code="same_supplier", field="lines")
    files = dict(line.quotes.values_list("supplier_name", "file"))
    line.quotes.all().delete()
    for position, quote in enumerate(quotes, start=1):
        name = quote.supplier_name.strip()
        Quote.objects.create(
            line=line, position=position, supplier_name=name, price=quote.price, file_id=files.get(name)
        )


@transaction.atomic
def copy(request: PurchaseRequest, *, by: User) -> PurchaseRequest:
    """Write a draft like an earlier request. Prices of the market and quotes are asked for anew.

    Who asks for it twice within a minute gets the same draft: that was a second tap.
    """
    request = locked(request)
    if request.requester_id != by.pk:
        require(by, "finance.copy_purchase", request)
    a_moment_ago = timezone.now() - SECOND_TAP
    copied = PurchaseRequest.objects.filter(copied_from=request, requester=by, created_at__gte=a_moment_ago)
    if known := copied.filter(state=State.DRAFT).first():
        return known
    this_year = timezone.localdate().year
    line = request.budget_line
    return create(
        request.school,
        by=by,
        kind=request.kind,
        title=request.title,
        purpose=request.purpose,
        budget_line=line if line is not None and line.year == this_year else None,
        copied_from=request,
        lines=[
            Line(
                name=line.name,
                specification=line.specification,
                unit=line.unit,
                quantity=line.quantity,
                unit_price=line.unit_price,
                market_source=line.market_source,
                is_equipment=line.is_equipment,
                category=line.category,
            )
            for line in request.lines.select_related("category")
        ],
    )


@transaction.atomic
def attach(request: PurchaseRequest, upload: UploadedFile, *, by: User, quote: Quote | None = None) -> PurchaseRequest:
    """Add a photo or a PDF to a request that nobody is signing: to one of its quotes, or to the whole.

    Raises Refused "too_many_files", "foreign_quote" and what the files' actions raise.
    """
    request = locked(request)
    require_requester(request, by)
    require_state(request, *EDITABLE)
    if quote is not None and quote.line.request_id != request.pk:
        raise Refused(_("This quote belongs to another request."), code="foreign_quote", field="quote")
    if quote is None and request.files.count() >= MOST_FILES:
        raise Refused(
            _("A request keeps at most %(most)d files."),
            code="too_many_files",
            field="file",
            params={"most": MOST_FILES},
        )
    is_pdf = (upload.name or "").lower().endswith(".pdf")
    store = store_pdf if is_pdf else store_photo
    file = store(upload, school=request.school, by=by, field="file")
    if quote is None:
        PurchaseFile.objects.create(request=request, file=file)
    else:
        quote.file = file
        quote.save(update_fields=["file"])
    return move(request, Verb.ATTACH, by=by, code="finance.attach_purchase_file", note=file.name)


@transaction.atomic
def write_names_anew(kind: str, ids: Sequence[int]) -> None:
    """Write what requests repeat of persons ("person") that have a new name; places are not among it."""
    if kind != "person":
        return
    requests = PurchaseRequest.objects.filter(requester__in=ids).select_related("requester").order_by("pk")
    last = 0
    while batch := list(requests.filter(pk__gt=last)[:BATCH]):
        for request in batch:
            request.write_search()
        PurchaseRequest.objects.bulk_update(batch, ["search_text"])
        last = batch[-1].pk

"""The year's purchase plan comes in as Excel: a draft for each row, at the campus that the row names (S44, S45)."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from finance.purchases import actions
from finance.purchases.models import PurchaseLine, PurchaseRequest, State
from houqin.accounts.models import User
from houqin.imports.parse import fold, parse_choice, parse_date, parse_decimal, parse_money, parse_text
from houqin.imports.registry import ImportColumn, ImportKind, ImportRow, RowError
from houqin.schools.models import Membership, School
from houqin.schools.roles import Role

Text = str | Promise
Kind = PurchaseRequest.Kind
KIND_WORDS = {
    "办公用品": Kind.OFFICE,
    "办公": Kind.OFFICE,
    "学生用品": Kind.PUPILS,
    "教学用品": Kind.TEACHING,
    "教学材料": Kind.TEACHING,
    "维修材料": Kind.REPAIR,
    "设备": Kind.EQUIPMENT,
    "家具": Kind.EQUIPMENT,
    "家具设备": Kind.EQUIPMENT,
    "设备家具": Kind.EQUIPMENT,
}
# What the column of a line's amount holds.
MOST = Decimal("99999999999.99")
LONGEST_TITLE = 80

COLUMNS = (
    ImportColumn(
        "school",
        _("school"),
        ("学校", "学校名称", "校区", "单位名称", "申请学校", "采购单位"),
        required=True,
        parse=partial(parse_text, max_length=60),
        help=_("Name, short name or code of the campus."),
        example="黄竹林学校",
    ),
    ImportColumn(
        "name",
        _("item"),
        ("物品", "物品名称", "品名", "名称", "采购项目", "采购物品"),
        required=True,
        parse=partial(parse_text, max_length=60),
        example="新课桌",
    ),
    ImportColumn(
        "specification",
        _("specification"),
        ("规格型号", "规格", "型号"),
        parse=partial(parse_text, max_length=100),
    ),
    ImportColumn(
        "unit", _("unit"), ("单位", "计量单位"), required=True, parse=partial(parse_text, max_length=10), example="套"
    ),
    ImportColumn(
        "quantity",
        _("quantity"),
        ("数量", "采购数量", "数目"),
        required=True,
        parse=partial(parse_decimal, minimum=Decimal("0.01"), maximum=99_999_999),
        example="50",
    ),
    ImportColumn(
        "unit_price",
        _("estimated unit price"),
        ("预计单价", "单价", "预算单价", "单价(元)", "预计单价(元)", "估价"),
        required=True,
        parse=partial(parse_money, minimum=Decimal("0.01")),
        example="218",
    ),
    ImportColumn("amount", _("amount"), ("金额", "预计金额", "总价", "小计金额", "金额(元)"), parse=parse_money),
    ImportColumn(
        "purpose",
        _("what for"),
        ("用途", "采购用途", "用途说明", "事由"),
        parse=partial(parse_text, max_length=500),
        example="更换破旧课桌",
    ),
    ImportColumn(
        "kind",
        _("kind"),
        ("类别", "种类", "采购类别"),
        parse=partial(parse_choice, choices=Kind.choices, synonyms={word: str(k) for word, k in KIND_WORDS.items()}),
        help=_("Empty: furniture and equipment."),
    ),
    ImportColumn("needed_on", _("needed by"), ("需要日期", "需用日期", "使用时间", "要求到货日期"), parse=parse_date),
)


def check(rows: Sequence[ImportRow], *, school: School, by: Any) -> list[RowError]:
    """Return what is wrong with the rows; the campus and who asks there are put into their values. Four queries."""
    found = _Found(rows, school, by)
    errors: list[RowError] = []
    for row in rows:
        for rule in (_wrong_school, _wrong_figures, _wrong_day, _known_already):
            error = rule(row, found)
            if error is not None:
                errors.append(error)
                break
    return errors


class _Found:
    """What the file's words mean here, looked up once for all rows."""

    def __init__(self, rows: Sequence[ImportRow], school: School, by: Any) -> None:
        self.today = timezone.localdate()
        below = School.objects.filter(is_active=True)
        schools = [one for one in below if one.pk == school.pk or school.pk in one.ancestor_ids]
        self.schools: dict[str, School] = {}
        for one in schools:
            if by.has_perm("finance.request_purchase", one):
                for word in (one.name, one.short_name, one.code):
                    self.schools.setdefault(fold(word), one)
        self.schools.pop("", None)
        self.heads = _heads(schools)
        self.planned = set(
            PurchaseLine.objects.filter(
                request__school__in=schools,
                request__created_at__year=self.today.year,
                name__in={row["name"] for row in rows},
            )
            .exclude(request__state__in=(State.WITHDRAWN, State.REJECTED))
            .values_list("request__school_id", "name", "specification", "quantity")
        )
        self.first_rows: dict[tuple[Any, ...], int] = {}


def _heads(schools: Sequence[School]) -> dict[int, User]:
    """Return the head of general affairs of each school: the first of several, none where nobody holds the post."""
    posts = Membership.objects.current().filter(school__in=schools, role=Role.LOGISTICS, user__is_active=True)
    heads: dict[int, User] = {}
    for post in posts.select_related("user").order_by("since", "pk"):
        heads.setdefault(post.school_id, post.user)
    return heads


def _wrong_school(row: ImportRow, found: _Found) -> RowError | None:
    school = found.schools.get(fold(row["school"]))
    if school is None:
        sentence = _("This is none of the schools here. Write its name as in the list of schools.")
        return RowError(row.number, "school", "school_unknown", sentence)
    row.values["found_school"] = school
    # Who asks for it, so that the central school can sign it: nobody approves one's own.
    row.values["found_requester"] = found.heads.get(school.pk)
    return None


def _wrong_figures(row: ImportRow, _found: _Found) -> RowError | None:
    sentence: Text
    amount = (row["quantity"] * row["unit_price"]).quantize(Decimal("0.01"))
    if amount > MOST:
        return RowError(
            row.number, "unit_price", "amount_too_large", _("This amount is too large. Check quantity and price.")
        )
    if row["amount"] is not None and row["amount"] != amount:
        sentence = _("%(quantity)s times %(price)s is %(cost)s, not %(written)s.") % {
            "quantity": row["quantity"],
            "price": row["unit_price"],
            "cost": amount,
            "written": row["amount"],
        }
        return RowError(row.number, "amount", "amount_differs", sentence)
    is_equipment = (row["kind"] or Kind.EQUIPMENT) == Kind.EQUIPMENT
    if is_equipment and row["quantity"] != int(row["quantity"]):
        sentence = _("Things for the register are counted in whole numbers.")
        return RowError(row.number, "quantity", "not_whole", sentence)
    return None


def _wrong_day(row: ImportRow, found: _Found) -> RowError | None:
    if row["needed_on"] is not None and row["needed_on"] < found.today:
        return RowError(row.number, "needed_on", "needed_on_past", _("This day is over. Choose a later one."))
    return None


def _known_already(row: ImportRow, found: _Found) -> RowError | None:
    sentence: Text
    key = (row["found_school"].pk, row["name"], row["specification"] or "", row["quantity"])
    if key in found.planned:
        sentence = _("This school has asked for the same this year already. Was the plan imported before?")
        return RowError(row.number, "", "planned_already", sentence)
    if key in found.first_rows:
        sentence = _("The same stands in row %(row)s already.") % {"row": found.first_rows[key]}
        return RowError(row.number, "", "row_repeated", sentence)
    found.first_rows[key] = row.number
    return None


def write(rows: Sequence[ImportRow], *, school: School, by: Any, progress: Callable[[int], None]) -> int:
    """Write a draft for each row; runs in the engine's one transaction after `check` found nothing."""
    for done, row in enumerate(rows, start=1):
        kind = row["kind"] or Kind.EQUIPMENT
        quantity = f"{row['quantity'].normalize():f}"
        actions.create(
            row["found_school"],
            by=by,
            requester=row["found_requester"],
            kind=kind,
            title=f"{row['name']} {quantity}{row['unit']}"[:LONGEST_TITLE],
            purpose=row["purpose"] or "",
            needed_on=row["needed_on"],
            lines=[
                actions.Line(
                    name=row["name"],
                    specification=row["specification"] or "",
                    unit=row["unit"],
                    quantity=row["quantity"],
                    unit_price=row["unit_price"],
                    is_equipment=kind == Kind.EQUIPMENT,
                )
            ],
        )
        progress(done)
    return len(rows)


def summarise(rows: Sequence[ImportRow]) -> list[tuple[Text, Text]]:
    """Return the totals to compare with the paper, one for each campus."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        name = str(row["found_school"])
        sums[name] = sums.get(name, Decimal(0)) + (row["quantity"] * row["unit_price"]).quantize(Decimal("0.01"))
    total = sum(sums.values(), Decimal(0))
    return [
        (_("drafts"), str(len(rows))),
        (_("total"), f"¥{total:,.2f}"),
        *((name, f"¥{amount:,.2f}") for name, amount in sums.items()),
    ]


PURCHASE_PLAN = ImportKind(
    name="finance.purchase_plan",
    title=_("purchase plan"),
    permission="finance.import_purchase_plan",
    columns=COLUMNS,
    check=check,
    write=write,
    summarise=summarise,
    notes=(
        _("One row is one draft at the campus that it names; the head of general affairs there completes it."),
        _("Nothing is submitted: budget line, market price and day are added in the drafts."),
    ),
    list_url="finance:purchases:list",
    max_rows=2000,
)

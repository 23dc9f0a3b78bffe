"""The register comes in as Excel (固定资产清册): every row becomes a card, or none does."""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assets.register.actions import MOST, register_asset, usual_life
from assets.register.models import AssetCard, AssetCategory, CategoryLife
from houqin.accounts.models import User
from houqin.imports.parse import fold, parse_choice, parse_date, parse_integer, parse_money, parse_text
from houqin.imports.registry import ImportColumn, ImportKind, ImportRow, RowError
from houqin.schools.models import Membership, Place, School

Text = str | Promise


def _parse_code(cell: Any) -> str:
    """Return a category code in the standard's form."""
    return fold(parse_text(cell, max_length=12)).upper()


COLUMNS = (
    ImportColumn(
        "number",
        _("asset number"),
        ("资产编号", "资产编码", "编号", "编码", "资产代码", "卡片编号", "固定资产编号"),
        parse=partial(parse_text, max_length=40),
        help=_("Empty: the next number is given."),
        example="ZC-2409-0001",
    ),
    ImportColumn(
        "name",
        _("asset name"),
        ("资产名称", "名称", "固定资产名称", "品名", "设备名称"),
        required=True,
        parse=partial(parse_text, max_length=60),
        example="打印机",
    ),
    ImportColumn(
        "category",
        _("category code"),
        ("分类代码", "资产分类", "分类", "资产分类代码", "国标分类代码", "国标代码", "资产类别", "类别代码"),
        required=True,
        parse=_parse_code,
        help=_("Code of GB/T 14885-2022, like A02021003."),
        example="A02021003",
    ),
    ImportColumn(
        "specification",
        _("specification"),
        ("规格型号", "规格", "型号", "规格及型号", "型号规格"),
        parse=partial(parse_text, max_length=100),
    ),
    ImportColumn(
        "brand",
        _("brand"),
        ("品牌", "厂牌"),
        parse=partial(parse_text, max_length=40),
    ),
    ImportColumn(
        "serial_number",
        _("serial number"),
        ("序列号", "出厂编号", "机身号", "SN"),
        parse=partial(parse_text, max_length=60),
    ),
    ImportColumn(
        "unit",
        _("unit"),
        ("单位", "计量单位"),
        parse=partial(parse_text, max_length=10),
        example="台",
    ),
    ImportColumn(
        "quantity",
        _("quantity"),
        ("数量", "数目", "件数"),
        required=True,
        parse=partial(parse_integer, minimum=1),
        example="1",
    ),
    ImportColumn(
        "unit_price",
        _("unit price"),
        ("单价", "单价(元)", "单价（元）", "价格"),
        required=True,
        parse=parse_money,
        example="2464.07",
    ),
    ImportColumn(
        "original_cost",
        _("original cost"),
        ("原值", "金额", "价值", "总价", "原价", "资产原值", "账面原值", "金额(元)", "金额（元）"),
        parse=parse_money,
        help=_("Checked against quantity times unit price."),
    ),
    ImportColumn(
        "acquired_on",
        _("acquisition date"),
        ("取得日期", "购置日期", "购入日期", "购买日期", "入账日期", "取得时间", "购置时间"),
        required=True,
        parse=parse_date,
        example="2024-09-01",
    ),
    ImportColumn(
        "acquisition_way",
        _("way of acquisition"),
        ("取得方式", "来源", "增加方式"),
        parse=partial(
            parse_choice,
            choices=AssetCard.AcquisitionWay.choices,
            synonyms={
                "新购": "purchase",
                "购置": "purchase",
                "购买": "purchase",
                "自建": "self_built",
                "调拨": "transfer",
                "接受捐赠": "donation",
                "捐赠": "donation",
                "置换": "exchange",
                "盘盈": "surplus",
                "其他": "other",
            },
        ),
    ),
    ImportColumn(
        "place_text",
        _("kept at"),
        ("存放地点", "地点", "存放位置", "放置地点", "使用地点"),
        parse=partial(parse_text, max_length=100),
    ),
    ImportColumn(
        "keeper_text", _("keeper"), ("保管人", "管理人", "责任人", "保管员"), parse=partial(parse_text, max_length=40)
    ),
    ImportColumn("used_by", _("user of the thing"), ("使用人",), parse=partial(parse_text, max_length=40)),
    ImportColumn("department", _("department"), ("使用部门", "部门", "科室"), parse=partial(parse_text, max_length=40)),
    ImportColumn(
        "supplier",
        _("supplier"),
        ("供应商", "供货商", "供货单位", "供应商名称"),
        parse=partial(parse_text, max_length=100),
    ),
    ImportColumn(
        "invoice_number", _("invoice number"), ("发票号", "发票号码"), parse=partial(parse_text, max_length=40)
    ),
    ImportColumn(
        "voucher_number",
        _("voucher number"),
        ("凭证号", "凭证字号", "记账凭证号"),
        parse=partial(parse_text, max_length=40),
    ),
    ImportColumn(
        "old_code", _("old code"), ("原编号", "旧编号", "原资产编号"), parse=partial(parse_text, max_length=40)
    ),
    ImportColumn("note", _("note"), ("备注", "说明"), parse=parse_text),
)


def check(rows: Sequence[ImportRow], *, school: School, by: Any) -> list[RowError]:
    """Return what is wrong with the rows; looked-up categories, places and keepers are put into their values.

    Five queries, however many rows.
    """
    found = _Found(rows, school)
    errors: list[RowError] = []
    for row in rows:
        for rule in (_wrong_category, _wrong_number, _wrong_date, _wrong_amount):
            error = rule(row, found)
            if error is not None:
                errors.append(error)
        found.resolve(row)
    return errors


class _Found:
    """What the file's words mean at this school, looked up once for all rows."""

    def __init__(self, rows: Sequence[ImportRow], school: School) -> None:
        self.today = timezone.localdate()
        self.categories = {category.code: category for category in AssetCategory.objects.all()}
        self.numbers = Counter(row["number"] for row in rows if row["number"])
        self.first_rows: dict[str, int] = {}
        for row in rows:
            if row["number"]:
                self.first_rows.setdefault(row["number"], row.number)
        self.taken = set(
            AssetCard.objects.filter(school=school, number__in=self.numbers).values_list("number", flat=True)
        )
        self.places = {fold(place.full_name): place for place in Place.objects.filter(school=school).open()}
        self.people = _people(school)

    def resolve(self, row: ImportRow) -> None:
        """Put the records that the row's words name beside them; what names none stays as written."""
        row.values["found_category"] = self.categories.get(row["category"])
        row.values["found_place"] = self.places.get(fold(row["place_text"] or ""))
        row.values["found_keeper"] = self.people.get(row["keeper_text"] or "")


def _people(school: School) -> dict[str, User]:
    """Return the people of the school by name, leaving out names that two of them share."""
    posts = Membership.objects.filter(school=school).current().select_related("user")
    people = {post.user_id: post.user for post in posts if post.user.is_active}
    names = Counter(person.display_name for person in people.values())
    return {person.display_name: person for person in people.values() if names[person.display_name] == 1}


def _wrong_category(row: ImportRow, found: _Found) -> RowError | None:
    category = found.categories.get(row["category"])
    if category is None:
        sentence = _("There is no such category. Look the code up in the table of categories.")
        return RowError(row.number, "category", "category_unknown", sentence)
    if category.kind == AssetCategory.Kind.NOT_FIXED_ASSET:
        sentence = _("This category holds goods that are used up, not fixed assets. Choose another one.")
        return RowError(row.number, "category", "category_not_registered", sentence)
    return None


def _wrong_number(row: ImportRow, found: _Found) -> RowError | None:
    number = row["number"]
    if not number:
        return None
    sentence: Text
    if number in found.taken:
        sentence = _("A card of this school already has this asset number.")
        return RowError(row.number, "number", "number_taken", sentence)
    if found.numbers[number] > 1 and found.first_rows[number] != row.number:
        sentence = _("This asset number stands in row %(row)s already.") % {"row": found.first_rows[number]}
        return RowError(row.number, "number", "number_repeated", sentence)
    return None


def _wrong_date(row: ImportRow, found: _Found) -> RowError | None:
    if row["acquired_on"] > found.today:
        sentence = _("The acquisition date lies in the future. Enter the day the thing came.")
        return RowError(row.number, "acquired_on", "acquired_in_future", sentence)
    return None


def _wrong_amount(row: ImportRow, found: _Found) -> RowError | None:
    cost = row["quantity"] * row["unit_price"]
    sentence: Text
    if not 0 < cost <= MOST:
        sentence = _("The amount must be above zero and not beyond %(most)s.") % {"most": MOST}
        return RowError(row.number, "unit_price", "cost_out_of_range", sentence)
    if row["original_cost"] is not None and row["original_cost"] != cost:
        sentence = _("%(quantity)s times %(price)s is %(cost)s, not %(written)s.") % {
            "quantity": row["quantity"],
            "price": row["unit_price"],
            "cost": cost,
            "written": row["original_cost"],
        }
        return RowError(row.number, "original_cost", "amount_differs", sentence)
    return None


def write(rows: Sequence[ImportRow], *, school: School, by: Any, progress: Callable[[int], None]) -> int:
    """Register a card for each row; runs in the engine's one transaction after `check` found nothing."""
    own_lives = CategoryLife.objects.holding_at(school)
    for done, row in enumerate(rows, start=1):
        card = _card(row, school)
        card.useful_life_years = usual_life(card.category, own_lives)
        register_asset(card, by=by)
        progress(done)
    return len(rows)


_PLAIN = (
    "number",
    "name",
    "specification",
    "brand",
    "serial_number",
    "used_by",
    "department",
    "supplier",
    "invoice_number",
    "voucher_number",
    "old_code",
    "note",
)


def _card(row: ImportRow, school: School) -> AssetCard:
    category, place, keeper = row["found_category"], row["found_place"], row["found_keeper"]
    return AssetCard(
        school=school,
        category=category,
        unit=row["unit"] or category.unit or "件",
        quantity=row["quantity"],
        unit_price=row["unit_price"],
        acquired_on=row["acquired_on"],
        acquisition_way=row["acquisition_way"] or AssetCard.AcquisitionWay.PURCHASE,
        place=place,
        place_text="" if place else row["place_text"] or "",
        keeper=keeper,
        keeper_text="" if keeper else row["keeper_text"] or "",
        **{name: row[name] or "" for name in _PLAIN},
    )


def summarise(rows: Sequence[ImportRow]) -> list[tuple[Text, Text]]:
    """Return the totals to compare with the paper, and what will stay as written."""
    total = sum((row["quantity"] * row["unit_price"] for row in rows), Decimal(0))
    unplaced = {row["place_text"] for row in rows if row["place_text"] and not row["found_place"]}
    unknown = {row["keeper_text"] for row in rows if row["keeper_text"] and not row["found_keeper"]}
    summary: list[tuple[Text, Text]] = [
        (_("cards"), str(len(rows))),
        (_("original cost in all"), f"¥{total:,.2f}"),
    ]
    if unplaced:
        summary.append((_("places that are not in the list of places; they stay as written"), str(len(unplaced))))
    if unknown:
        summary.append((_("keepers who are not among the people; they stay as written"), str(len(unknown))))
    return summary


ASSET_CARDS = ImportKind(
    name="assets.cards",
    title=_("asset register"),
    permission="assets.manage_register",
    columns=COLUMNS,
    check=check,
    write=write,
    summarise=summarise,
    notes=(
        _("One row is one card; a lot of like things bought together is one row with its quantity."),
        _("Places and people that are known here are linked by their full names, the others stay as written."),
    ),
    list_url="assets:register:list",
)

"""The bureau's own table of categories comes in over the shipped one; what it does not name stays as it is."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from assets.register.actions import renew_categories, require_category_table
from assets.register.models import AssetCard, AssetCategory
from assets.register.models.categories import MAX_YEARS
from houqin.errors import Refused
from houqin.imports.parse import fold, parse_choice, parse_integer, parse_text, parse_yes_no
from houqin.imports.registry import ImportColumn, ImportKind, ImportRow, RowError
from houqin.schools.models import School

Kind = AssetCategory.Kind
_CODE = re.compile(r"A0[1-8][0-9]{6}")


def _parse_code(cell: Any) -> str:
    """Return a code in the standard's form, or refuse it."""
    code = fold(parse_text(cell, max_length=20)).upper()
    if not _CODE.fullmatch(code):
        raise Refused(_("This is no code of the standard: A and eight digits, like A02021003."), code="code_malformed")
    return code


COLUMNS = (
    ImportColumn(
        "code",
        _("category code"),
        ("分类代码", "代码", "编码", "资产分类代码", "国标代码", "分类编码"),
        required=True,
        parse=_parse_code,
        help=_("Code of GB/T 14885-2022, like A02021003."),
        example="A02021003",
    ),
    ImportColumn(
        "name_zh",
        _("Chinese name"),
        ("名称", "分类名称", "资产分类名称", "资产分类", "中文名称"),
        required=True,
        parse=partial(parse_text, max_length=60),
        example="A4黑白打印机",
    ),
    ImportColumn(
        "unit",
        _("unit"),
        ("单位", "计量单位"),
        parse=partial(parse_text, max_length=10),
        example="台",
    ),
    ImportColumn(
        "is_depreciable",
        _("depreciated"),
        ("是否折旧", "是否计提折旧", "计提折旧", "折旧"),
        parse=parse_yes_no,
        help=_("Left empty: as the class above it."),
        example="是",
    ),
    ImportColumn(
        "useful_life_years",
        _("useful life in years"),
        ("折旧年限", "使用年限", "最低使用年限", "折旧年限(年)", "折旧年限（年）"),
        parse=partial(parse_integer, minimum=1, maximum=MAX_YEARS),
        help=_("Left empty: as the class above it."),
        example="6",
    ),
    ImportColumn(
        "kind",
        _("kind"),
        ("类别", "资产性质", "性质"),
        parse=partial(parse_choice, choices=Kind.choices),
        help=_("Left empty: as the class above it."),
    ),
    ImportColumn("note", _("note"), ("备注", "说明"), parse=partial(parse_text, max_length=200)),
)


def check(rows: Sequence[ImportRow], *, school: School, by: Any) -> list[RowError]:
    """Return what is wrong with the rows. Raises Refused "central_only" for who may not change the shared table."""
    require_category_table(school, by=by)
    errors: list[RowError] = []
    codes = Counter(row["code"] for row in rows)
    seen: set[str] = set()
    used = set(AssetCard.objects.order_by().values_list("category__code", flat=True).distinct())
    for row in rows:
        if codes[row["code"]] > 1 and row["code"] in seen:
            errors.append(RowError(row.number, "code", "code_repeated", _("This code stands in this file twice.")))
        seen.add(row["code"])
        if row["is_depreciable"] is False and row["useful_life_years"]:
            sentence = _("What is not depreciated has no useful life. Empty one of the two cells.")
            errors.append(RowError(row.number, "useful_life_years", "life_of_nothing", sentence))
        if row["kind"] == Kind.NOT_FIXED_ASSET and row["code"] in used:
            sentence = _("Cards of this category are on a register, so it cannot become goods that are used up.")
            errors.append(RowError(row.number, "kind", "category_in_use", sentence))
    return errors


def write(rows: Sequence[ImportRow], *, school: School, by: Any, progress: Callable[[int], None]) -> int:
    """Enter and change the categories; runs in the engine's one transaction after `check` found nothing."""
    written = renew_categories([row.values for row in rows], school=school, by=by)
    progress(written)
    return written


def summarise(rows: Sequence[ImportRow]) -> list[tuple[Any, str]]:
    """Return how many categories are new and how many are changed."""
    known = set(AssetCategory.objects.values_list("code", flat=True))
    changed = sum(row["code"] in known for row in rows)
    return [(_("new categories"), str(len(rows) - changed)), (_("categories known already"), str(changed))]


CATEGORIES = ImportKind(
    name="assets.categories",
    title=_("asset categories"),
    permission="assets.manage_categories",
    columns=COLUMNS,
    check=check,
    write=write,
    summarise=summarise,
    notes=(
        _("The table is the same for all schools. Categories that the file does not name stay as they are."),
        _("Cards that exist keep the useful life they have."),
    ),
    list_url="assets:register:categories",
)

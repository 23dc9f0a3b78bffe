"""The budget of a school comes in as Excel: every row becomes a line, or none does."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from finance.budgets.actions import enter_line
from finance.budgets.models import CENT, FIRST_YEAR, LAST_YEAR, ZERO, BudgetLine, ExpenditureItem
from houqin.imports.parse import fold, parse_choice, parse_integer, parse_money, parse_text
from houqin.imports.registry import ImportColumn, ImportKind, ImportRow, RowError
from houqin.schools.models import School
from houqin.web.templatetags.houqin import money

Text = str | Promise
MOST = Decimal("999999999999.99")
_SOURCES = {
    "同级财政拨款": "fiscal",
    "同级财政": "fiscal",
    "财政拨款": "fiscal",
    "财政": "fiscal",
    "生均公用经费": "fiscal",
    "公用经费": "fiscal",
    "事业收入": "business",
    "非同级财政拨款": "other_fiscal",
    "非同级财政": "other_fiscal",
    "上级拨款": "other_fiscal",
    "其他资金": "other",
    "其他": "other",
    "捐赠": "other",
}


def _parse_year(cell: Any) -> int:
    """Return a year; 2026年 and 2026年度 are understood."""
    if isinstance(cell, str):
        cell = cell.strip().removesuffix("度").removesuffix("年").strip()
    return parse_integer(cell, minimum=FIRST_YEAR, maximum=LAST_YEAR)


COLUMNS = (
    ImportColumn(
        "year",
        _("year"),
        ("年度", "年份", "预算年度", "年"),
        required=True,
        parse=_parse_year,
        example="2026",
    ),
    ImportColumn(
        "item",
        _("expenditure item"),
        ("支出项目", "支出科目", "经济科目", "经济分类", "预算科目", "科目", "项目", "科目名称"),
        required=True,
        parse=partial(parse_text, max_length=40),
        help=_("One of the 81 items, by its name."),
        example="专用设备购置",
    ),
    ImportColumn(
        "source",
        _("source of the money"),
        ("资金来源", "经费来源", "来源", "资金性质", "经费性质"),
        parse=partial(parse_choice, choices=BudgetLine.Source.choices, synonyms=_SOURCES),
        help=_("Left empty: appropriation of the own level."),
        example="同级财政拨款",
    ),
    ImportColumn(
        "detail",
        _("for what"),
        ("名称", "用途", "明细", "具体用途", "项目名称", "说明", "摘要"),
        parse=partial(parse_text, max_length=40),
        help=_("Tells lines of the same item apart, like desks and chairs."),
        example="课桌椅",
    ),
    ImportColumn(
        "amount",
        _("amount"),
        ("金额", "预算金额", "预算数", "预算额", "指标金额", "金额(元)", "金额（元）"),
        required=True,
        parse=partial(parse_money, minimum=CENT, maximum=MOST),
        example="32000.00",
    ),
    ImportColumn(
        "spent",
        _("of it spent already"),
        ("已支出", "已用", "已使用", "已执行", "执行数", "支出数"),
        parse=partial(parse_money, maximum=MOST),
        help=_("Before the line was entered here, when the year has begun."),
    ),
)


def check(rows: Sequence[ImportRow], *, school: School, by: Any) -> list[RowError]:
    """Return what is wrong with the rows; each row's item is put into its values. Two queries."""
    items = {fold(item.name): item for item in ExpenditureItem.objects.all()}
    there = set(BudgetLine.objects.filter(school=school).values_list("year", "item_id", "source", "detail"))
    seen: dict[tuple[int, int, str, str], int] = {}
    errors: list[RowError] = []
    for row in rows:
        item = items.get(fold(row["item"]))
        if item is None:
            sentence: Text = _("There is no such expenditure item. Take one of the 81 names.")
            errors.append(RowError(row.number, "item", "item_unknown", sentence))
            continue
        row.values["found_item"] = item
        row.values["source"] = row["source"] or BudgetLine.Source.FISCAL
        row.values["detail"] = row["detail"] or ""
        key = (row["year"], item.pk, str(row["source"]), row["detail"])
        if key in there:
            sentence = _("The school already has this line. Change its amount on its page.")
            errors.append(RowError(row.number, "detail", "duplicate_line", sentence, row["detail"]))
        elif key in seen:
            sentence = _("This line stands in row %(row)s already. Say for what this one is.") % {"row": seen[key]}
            errors.append(RowError(row.number, "detail", "line_repeated", sentence, row["detail"]))
        seen.setdefault(key, row.number)
        if (row["spent"] or ZERO) > row["amount"]:
            sentence = _("More cannot be spent already than the line has.")
            errors.append(RowError(row.number, "spent", "spent_too_much", sentence))
    return errors


def write(rows: Sequence[ImportRow], *, school: School, by: Any, progress: Callable[[int], None]) -> int:
    """Enter a line for each row; runs in the engine's one transaction after `check` found nothing."""
    for done, row in enumerate(rows, start=1):
        enter_line(
            school,
            year=row["year"],
            item=row["found_item"],
            source=row["source"],
            detail=row["detail"],
            amount=row["amount"],
            spent=row["spent"] or ZERO,
            by=by,
        )
        progress(done)
    return len(rows)


def summarise(rows: Sequence[ImportRow]) -> list[tuple[Text, Text]]:
    """Return the totals to compare with the paper, year by year."""
    summary: list[tuple[Text, Text]] = [(_("budget lines"), str(len(rows)))]
    for year in sorted({row["year"] for row in rows}):
        total = sum((row["amount"] for row in rows if row["year"] == year), Decimal(0))
        summary.append((_("amount in all, %(year)s") % {"year": year}, money(total)))
    return summary


BUDGET = ImportKind(
    name="finance.budget",
    title=_("budget lines"),
    permission="finance.manage_budget",
    columns=COLUMNS,
    check=check,
    write=write,
    summarise=summarise,
    notes=(_("One row is one line. Lines that the school has already are changed on their page, with a reason."),),
    list_url="finance:budgets:list",
)

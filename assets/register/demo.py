"""The demo's register: a school's Excel list comes in as it would by hand, another school has a few cards."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from django.db import transaction

from assets.register import actions
from assets.register.imports import ASSET_CARDS
from assets.register.models import AssetCard, AssetCategory
from houqin.accounts.models import User
from houqin.imports import reader
from houqin.imports.checking import examine
from houqin.imports.columns import find_header, match_columns, titles
from houqin.schools.models import Place, School
from houqin.schools.people import people_with
from houqin.schools.places.actions import create_place

FILE = Path(__file__).parent / "demo_data" / "assets_2024.xlsx"
IMPORTED_AT = "黄竹林学校"
A_FEW_AT = "示范小学"
BUILDINGS = ("一号楼", "二号楼", "综合楼")
KINDS = {"操场": Place.Kind.GROUND, "楼道": Place.Kind.STRUCTURE}
A_FEW = (
    ("打印机", "A02021000", "惠普 M404", 1, "1580.00", date(2023, 9, 4)),
    ("课桌椅（双人）", "A05010203", "600×400×750", 48, "239.98", date(2022, 8, 20)),
    ("空调", "A02061800", "格力 KFR-35GW", 1, "2899.00", date(2024, 5, 16)),
    ("图书", "A04010000", "小学版", 320, "18.50", date(2023, 3, 8)),
    ("国旗杆", "A01029900", "不锈钢 12 米", 1, "6800.00", date(2019, 8, 25)),
)


def load(out: TextIO) -> None:
    """Fill the registers of the demo's schools that are still empty."""
    for name, fill in ((IMPORTED_AT, _import_list), (A_FEW_AT, _register_a_few)):
        school = School.objects.filter(name=name).first()
        if school is None or AssetCard.objects.filter(school=school).exists():
            continue
        by = people_with("assets.manage_register", school, include_central=True).first()
        if by is not None:
            out.write(f"{name}: {fill(school, by)} asset cards\n")


@transaction.atomic
def _import_list(school: School, by: User) -> int:
    content = FILE.read_bytes()
    sheet = reader.survey(content)[0]
    header_row, _found = find_header(sheet, ASSET_CARDS)
    mapping = match_columns(titles(sheet.head[header_row - 1]), ASSET_CARDS)
    lines = reader.rows_of(content, sheet.name, max_rows=ASSET_CARDS.max_rows)
    examined = examine(
        ASSET_CARDS, lines, header_row=header_row, mapping=mapping, school=school, by=by, progress=_silent
    )
    if examined.errors:
        raise RuntimeError(f"{FILE.name}: {examined.errors[0]}")
    written = ASSET_CARDS.write(examined.rows, school=school, by=by, progress=_silent)
    _enter_places(sorted({row["place_text"] for row in examined.rows if row["place_text"]}), school, by)
    actions.match_places(school, by=by)
    return written


def _enter_places(names: Sequence[str], school: School, by: User) -> None:
    """Enter the rooms that the list names, each in its building."""
    known = {place.full_name: place for place in Place.objects.filter(school=school)}
    for name in names:
        building = next((building for building in BUILDINGS if name.startswith(building)), None)
        if building is None or name in known:
            continue
        if building not in known:
            known[building] = create_place(school, name=building, kind=Place.Kind.BUILDING, by=by)
        room = name.removeprefix(building)
        kind = next((kind for word, kind in KINDS.items() if word in room), Place.Kind.ROOM)
        known[name] = create_place(school, name=room, kind=kind, parent=known[building], by=by)


def _silent(_done: int) -> None:
    """Nobody watches."""


@transaction.atomic
def _register_a_few(school: School, by: User) -> int:
    place = Place.objects.filter(school=school).open().order_by("pk").first()
    for name, code, specification, quantity, price, acquired_on in A_FEW:
        category = AssetCategory.objects.get(code=code)
        card = AssetCard(
            school=school,
            category=category,
            name=name,
            specification=specification,
            quantity=quantity,
            unit=category.unit or "件",
            unit_price=Decimal(price),
            acquired_on=acquired_on,
            place=place,
        )
        actions.register_asset(card, by=by)
    return len(A_FEW)

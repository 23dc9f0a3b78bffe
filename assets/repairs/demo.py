"""The demo's repairs: the paper book of 2024, and what happened in the last days."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import TextIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw

from assets.repairs import actions
from assets.repairs.imports import KIND_SYNONYMS, parse_moment
from assets.repairs.models import RepairRequest
from houqin.accounts.models import User
from houqin.imports.parse import parse_date
from houqin.schools.models import Place, School
from houqin.schools.people import people_with

YEAR_END = date(2024, 12, 31)
BOOK = Path(__file__).parent / "demo_data" / "repairs_2024.csv"
Kind = RepairRequest.Kind

# Place, kind, words, hours ago, reporter, danger, how far it has come.
LATELY = [
    ("一号楼201教室", Kind.ELECTRIC, "插座冒火花，闻到焦味", 2, "曹超娜", True, "reported"),
    ("女厕所(二楼西)", Kind.WATER, "厕所堵了，水漫出来", 3, "余斌", True, "reported"),
    ("二号楼104教室", Kind.IT, "一体机开机黑屏", 19, "许涛", False, "reported"),
    ("一号楼304教室", Kind.DESK_CHAIR, "第三排课桌腿断了", 22, "许雨红", False, "reported"),
    ("图书室", Kind.DOOR_WINDOW, "后门锁坏了关不上", 24, "袁芳", False, "reported"),
    ("二号楼304教室", Kind.ELECTRIC, "风扇转动有异响", 21, "黄秀杰", False, "assigned"),
    ("一号楼102教室", Kind.BUILDING, "天花板渗水，墙皮掉落", 200, "董诺远", False, "hold"),
    ("一号楼106教室", Kind.DOOR_WINDOW, "窗帘杆掉了一头", 260, "梁轩强", False, "working"),
    ("大会议室", Kind.DESK_CHAIR, "有 4 张椅子松动", 28, "吴娜平", False, "done"),
    ("操场", Kind.OTHER, "篮球架螺丝松动", 50, "staff", False, "confirmed"),
    ("校门口", Kind.BUILDING, "围墙开裂，需要加固", 70, "staff", False, "approval"),
    ("计算机教室", Kind.IT, "第二排 3 台电脑连不上网", 6, "staff", False, "working"),
]


def load(report: TextIO) -> None:
    """Load the repairs once; a second run finds them and leaves them alone."""
    if RepairRequest.objects.exists():
        return
    head = User.objects.get(username="logistics")
    school = School.objects.get(name="黄竹林学校")
    places = {place.full_name: place for place in Place.objects.filter(school=school)}
    for campus in School.objects.filter(parent=school.parent):
        own = {place.full_name: place for place in Place.objects.filter(school=campus)}
        entries = _book(own if campus == school else {name: own[name] for name in own.keys() - places.keys()})
        if entries:
            by = people_with("assets.triage_repair", campus).order_by("pk")[0]
            taken = actions.take_over_book(campus, by=by, entries=entries)
            report.write(f"{campus}: {taken} repairs from the paper book of 2024\n")
    _lately(head, places)
    _by_a_guest(head, places["二号楼302教室"])
    report.write(f"repairs: {len(LATELY) + 1} of the last days\n")


def _book(places: dict[str, Place]) -> list[actions.BookEntry]:
    with BOOK.open(encoding="utf-8-sig", newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: row["报修时间"])
    return [
        actions.BookEntry(
            place=places[row["地点"]],
            kind=KIND_SYNONYMS[row["类别"]],
            description=row["描述"].removeprefix(row["地点"]).strip(" ,，"),
            reported_at=parse_moment(row["报修时间"]),
            reporter_name=row["报修人"],
            is_dangerous=row["紧急程度"] == "紧急",
            # What the book leaves open was settled by the end of its year: no demo begins with years of delay.
            finished_on=parse_date(row["完成时间"]) if row["完成时间"] else YEAR_END,
        )
        for row in rows
        if row["地点"] in places
    ]


def _lately(head: User, places: dict[str, Place]) -> None:
    """Report what happened lately, then let the office and a maintainer take it as far as it has come."""
    maintainer = User.objects.get(username="maintainer")
    people = {user.username: user for user in User.objects.all()} | {u.display_name: u for u in User.objects.all()}
    now = timezone.now()
    for place, kind, words, hours, reporter, danger, state in sorted(LATELY, key=lambda row: -row[3]):
        person = people.get(reporter)
        entry = actions.BookEntry(
            place=places[place],
            kind=kind,
            description=words,
            reported_at=now - timedelta(hours=hours),
            reporter_name=person.display_name if person else reporter,
            is_dangerous=danger,
        )
        actions.take_over_book(places[place].school, by=head, entries=[entry])
        repair = RepairRequest.objects.filter(place=places[place], description=words).latest("pk")
        if state != "reported":
            _advance(repair, state, head=head, maintainer=maintainer)


def _advance(repair: RepairRequest, state: str, *, head: User, maintainer: User) -> None:
    if state == "approval":
        actions.assign(repair, by=head, to=maintainer, estimated_cost=Decimal("8600.00"), is_structural=True)
        return
    actions.assign(repair, by=head, to=maintainer)
    if state == "assigned":
        return
    actions.start(repair, by=maintainer)
    if state == "hold":
        actions.hold(repair, by=maintainer, reason="等防水材料到货")
    if state in ("done", "confirmed"):
        parts = [
            actions.Part(name="木螺丝", quantity=Decimal(16), unit="颗", unit_price=Decimal("0.15"), source="库房")
        ]
        actions.finish(
            repair, by=maintainer, outcome="repaired", note="已紧固，坐上去不晃了", labour_minutes=40, parts=parts
        )
    if state == "confirmed" and repair.reporter is not None:
        actions.confirm(repair, by=repair.reporter, rating=5, comment="很快")


def _by_a_guest(head: User, place: Place) -> None:
    """Tell the story of the guest who scans the code of 二号楼302教室: reported, repaired, to be checked."""
    maintainer = User.objects.get(username="maintainer")
    repair = actions.report(
        by=None,
        place=place,
        kind=Kind.DOOR_WINDOW,
        description="后门锁坏了，关不上，放学锁不了门",
        photos=[door_photo(broken=True)],
        via=RepairRequest.Via.QR,
    )
    actions.assign(repair, by=head, to=maintainer)
    actions.start(repair, by=maintainer, note="锁芯断了，去领一把新的")
    actions.finish(
        repair,
        by=maintainer,
        outcome="replaced",
        note="换了新锁，试了十来次都锁得上",
        labour_minutes=80,
        parts=[
            actions.Part("球形锁 不锈钢", Decimal(1), "把", Decimal("46.00"), "库房领用"),
            actions.Part("木螺丝", Decimal(8), "颗", Decimal("0.15"), "库房领用"),
        ],
        photos=[door_photo(broken=False)],
    )


def door_photo(*, broken: bool) -> SimpleUploadedFile:
    """Draw a door with a broken or a new lock, since the demo ships no photographs of real rooms."""
    picture = Image.new("RGB", (1280, 880), "#dcdad4" if broken else "#e2e0da")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((384, 72, 896, 880), fill="#c9c6be")
    draw.rectangle((432, 120, 848, 880), fill="#d5d2ca")
    draw.rectangle((496, 184, 784, 408), fill="#e4e2dc")
    lock = Image.new("RGBA", (320, 240), (0, 0, 0, 0))
    pen = ImageDraw.Draw(lock)
    pen.rounded_rectangle((140, 50, 196, 186), 16, fill="#8f8b82")
    pen.rounded_rectangle((60, 90, 180, 118), 14, fill="#7c786f")
    lock = lock.rotate(-28 if broken else 0)
    picture.paste(lock, (620, 420), lock)
    content = BytesIO()
    picture.save(content, "JPEG", quality=85)
    return SimpleUploadedFile("door.jpg", content.getvalue(), content_type="image/jpeg")

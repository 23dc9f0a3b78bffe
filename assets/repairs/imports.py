"""Take over the paper book of repairs, so that a school starts with its history."""

from collections.abc import Sequence
from datetime import date, datetime, time
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.repairs import actions
from assets.repairs.models import RepairRequest
from houqin.accounts.models import User
from houqin.errors import Refused
from houqin.imports.parse import parse_choice, parse_date, parse_text
from houqin.imports.registry import ImportColumn, ImportKind, ImportRow, RowError
from houqin.schools.models import Place, School

Kind = RepairRequest.Kind
KIND_WORDS = {
    Kind.ELECTRIC: ("电", "电灯电路", "电路", "照明"),
    Kind.DOOR_WINDOW: ("门窗", "门", "窗"),
    Kind.DESK_CHAIR: ("课桌椅", "桌椅", "家具"),
    Kind.WATER: ("水", "水暖", "给排水"),
    Kind.IT: ("信息化", "电脑", "网络", "多媒体"),
    Kind.BUILDING: ("房屋", "土建", "墙面"),
    Kind.OTHER: ("其他", "其它"),
}
KIND_SYNONYMS = {word: str(kind) for kind, words in KIND_WORDS.items() for word in words}
URGENT, ORDINARY = "urgent", "ordinary"
URGENCY = [(URGENT, _("urgent")), (ORDINARY, _("ordinary"))]
URGENCY_SYNONYMS = {"紧急": URGENT, "危险": URGENT, "急": URGENT, "一般": ORDINARY, "普通": ORDINARY, "不急": ORDINARY}


def parse_moment(value: Any) -> datetime:
    """Read a day with or without a time, as books have it (2024-11-10 07:26)."""
    if isinstance(value, datetime):
        return timezone.make_aware(value) if timezone.is_naive(value) else value
    text = str(value).strip().replace("/", "-") if not isinstance(value, date) else ""
    day_part, _space, time_part = text.partition(" ")
    at = time(8, 0)
    if time_part:
        try:
            at = time.fromisoformat(time_part.strip().zfill(5))
        except ValueError:
            raise Refused(_("Write the time as 07:26."), code="time_unreadable") from None
    return timezone.make_aware(datetime.combine(parse_date(day_part or value), at))


def check(rows: Sequence[ImportRow], *, school: School, by: User) -> list[RowError]:
    """Find the places by name or code; refuse times that cannot be."""
    errors = []
    by_name = {}
    for place in Place.objects.visible_to(by).filter(school=school):
        by_name[place.full_name] = by_name[place.code] = place
    now = timezone.now()
    taken = _taken_over(rows, school)
    for row in rows:
        place = by_name.get(_plain(row["place"]))
        if place is None:
            message = _("This school has no place of this name or code. Add it first.")
            errors.append(RowError(row.number, "place", "unknown_place", message))
        row.values["found_place"] = place
        line = (row["reported_at"], row["description"], place.pk if place else None)
        if line in taken:
            errors.append(RowError(row.number, "", "known_already", _("This line was taken over already.")))
        taken.add(line)
        if row["reported_at"] > now:
            errors.append(RowError(row.number, "reported_at", "future", _("This lies in the future.")))
        finished = row["finished_on"]
        if finished and finished < timezone.localtime(row["reported_at"]).date():
            errors.append(RowError(row.number, "finished_on", "too_early", _("Finished before it was reported.")))
        if finished and finished > timezone.localdate(now):
            errors.append(RowError(row.number, "finished_on", "future", _("This lies in the future.")))
    return errors


def _taken_over(rows: Sequence[ImportRow], school: School) -> set[tuple[datetime, str, int | None]]:
    """Return time, words and place of the lines of these times that stand here already."""
    known = RepairRequest.objects.filter(school=school, via=RepairRequest.Via.BOOK)
    times = {row["reported_at"] for row in rows}
    return set(known.filter(reported_at__in=times).values_list("reported_at", "description", "place_id"))


def _plain(name: str) -> str:
    """Full-width brackets as people type them on both keyboards."""
    return name.replace("（", "(").replace("）", ")")


def write(rows: Sequence[ImportRow], *, school: School, by: User, progress: Any) -> int:
    """Take the rows over in the order in which they were reported, so that the numbers follow the time."""
    entries = [
        actions.BookEntry(
            place=row["found_place"],
            kind=row["kind"],
            description=row["description"],
            reported_at=row["reported_at"],
            reporter_name=row["reporter"] or "",
            is_dangerous=row["urgency"] == URGENT,
            finished_on=row["finished_on"],
        )
        for row in sorted(rows, key=lambda row: row["reported_at"])
    ]
    return actions.take_over_book(school, by=by, entries=entries, progress=progress)


REPAIRS_BOOK = ImportKind(
    name="assets.repairs_book",
    title=_("Repairs of the paper book"),
    permission="assets.triage_repair",
    columns=[
        ImportColumn("reported_at", _("reported at"), ("报修时间", "时间", "日期"), True, parse_moment),
        ImportColumn("reporter", _("reported by"), ("报修人", "姓名"), parse=partial(parse_text, max_length=60)),
        ImportColumn("place", _("location"), ("地点", "位置", "存放地点"), True),
        ImportColumn(
            "kind",
            _("kind"),
            ("类别", "种类"),
            True,
            partial(parse_choice, choices=Kind.choices, synonyms=KIND_SYNONYMS),
        ),
        ImportColumn(
            "description", _("what is wrong"), ("描述", "事由", "故障"), True, partial(parse_text, max_length=500)
        ),
        ImportColumn(
            "urgency",
            _("urgency"),
            ("紧急程度", "紧急"),
            parse=partial(parse_choice, choices=URGENCY, synonyms=URGENCY_SYNONYMS),
        ),
        ImportColumn("finished_on", _("finished on"), ("完成时间", "修好日期"), parse=parse_date),
    ],
    check=check,
    write=write,
    notes=[_("Finished rows become completed repairs; the others wait to be assigned.")],
    list_url="assets:repairs:list",
)

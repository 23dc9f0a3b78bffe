"""Bring in places: buildings and rooms of one file, in any order."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from houqin.imports.parse import fold, parse_choice, parse_text
from houqin.imports.registry import ImportColumn, ImportKind, ImportRow, RowError
from houqin.schools.models import Place, School
from houqin.schools.places.actions import create_place
from houqin.schools.places.codes import suggest_code

_KINDS = {
    "楼": "building",
    "楼房": "building",
    "楼栋": "building",
    "建筑": "building",
    "房间": "room",
    "教室": "room",
    "办公室": "room",
    "室": "room",
    "场地": "ground",
    "操场": "ground",
    "构筑物": "structure",
    "大门": "structure",
    "围墙": "structure",
    "走廊": "structure",
}
COLUMNS = (
    ImportColumn(
        "name",
        gettext_lazy("name"),
        ("名称", "地点", "地点名称", "场所", "场所名称", "房间", "房间名称"),
        required=True,
        parse=partial(parse_text, max_length=60),
        help=gettext_lazy("Without the building: 101 classroom."),
        example="101教室",
    ),
    ImportColumn(
        "parent",
        gettext_lazy("stands in"),
        ("所属楼", "所在楼", "上级", "上级地点", "所在建筑", "楼栋", "楼"),
        help=gettext_lazy("Name or code of a building that is known here or stands in this file."),
        example="一号楼",
    ),
    ImportColumn(
        "kind",
        gettext_lazy("kind"),
        ("类别", "类型", "种类"),
        parse=partial(parse_choice, choices=Place.Kind.choices, synonyms=_KINDS),
        help=gettext_lazy("Left empty: a room."),
        example="教室",
    ),
    ImportColumn(
        "code",
        gettext_lazy("short code"),
        ("编号", "代码", "短码", "编码", "地点编号"),
        parse=partial(parse_text, max_length=20),
        help=gettext_lazy("Left empty, one is made."),
        example="YHL-101",
    ),
)


def check(rows: Sequence[ImportRow], *, school: School, by: Any) -> list[RowError]:
    """Return what is wrong; each row's full name and turn are put into its values. One query."""
    known = list(Place.objects.filter(school=school).values_list("full_name", "code", "is_active"))
    codes = Counter(_code(row) for row in rows if row["code"])
    taken_codes = {code for _name, code, _open in known}
    errors = []
    for row in rows:
        code = _code(row)
        if code in taken_codes:
            errors.append(RowError(row.number, "code", "code_taken", _("Another place of this school has this code.")))
        elif code and codes[code] > 1:
            errors.append(RowError(row.number, "code", "code_repeated", _("This code stands in this file twice.")))
    names = {fold(name) for name, _code_, _open in known}
    open_places = {fold(word): name for name, code, is_open in known if is_open for word in (code, name)}
    return errors + _place_rows(rows, open_places, names)


def _place_rows(rows: Sequence[ImportRow], places: dict[str, str], names: set[str]) -> list[RowError]:
    """Give each row its full name, buildings of the file before what stands in them."""
    errors: list[RowError] = []
    waiting = list(rows)
    turn = 0
    while waiting:
        left = []
        for row in waiting:
            parent = fold(row["parent"] or "")
            if parent and parent not in places:
                left.append(row)
                continue
            full_name = f"{places[parent]}{row['name']}" if parent else row["name"]
            if fold(full_name) in names:
                sentence = _("%(name)s is known already or stands in this file twice.") % {"name": full_name}
                errors.append(RowError(row.number, "name", "name_taken", sentence))
            row.values |= {"parent_name": places[parent] if parent else "", "full_name": full_name, "turn": turn}
            turn += 1
            names.add(fold(full_name))
            places |= {fold(word): full_name for word in (full_name, row["code"] or "") if word}
        if len(left) == len(waiting):
            sentence = _("No such place in use is known here or stands in this file.")
            errors += [RowError(row.number, "parent", "parent_unknown", sentence) for row in left]
            break
        waiting = left
    return errors


def _code(row: ImportRow) -> str:
    return (row["code"] or "").upper()


def write(rows: Sequence[ImportRow], *, school: School, by: Any, progress: Callable[[int], None]) -> int:
    """Enter the places."""
    wanted = {_code(row) for row in rows if row["code"]}
    places = {place.full_name: place for place in Place.objects.filter(school=school, is_active=True)}
    for done, row in enumerate(rows, start=1):
        parent = places.get(row["parent_name"])
        code = _code(row) or suggest_code(school, row["name"], parent, avoiding=wanted)
        kind = row["kind"] or Place.Kind.ROOM
        places[row["full_name"]] = create_place(school, name=row["name"], kind=kind, parent=parent, code=code, by=by)
        progress(done)
    return len(rows)


PLACES = ImportKind(
    name="schools.places",
    title=gettext_lazy("Places"),
    permission="schools.manage_places",
    columns=COLUMNS,
    check=check,
    write=write,
    notes=(gettext_lazy("Buildings and their rooms may stand in one file, in any order."),),
    list_url="schools:places:list",
    # Buildings before what stands in them.
    write_order=lambda row: row["turn"],
)

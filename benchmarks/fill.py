"""Fill a migrated database with repairs and asset cards, by INSERT ... SELECT, and say what to ask for.

    python -m benchmarks.fill 100000        with DJANGO_SETTINGS_MODULE and DATABASE_URL set

The database's login must be its superuser: triggers rest while the rows go in, and the events they would write are
copied afterwards. Prints one JSON object: cookies and addresses by name.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any
from urllib.parse import quote

import django
from psycopg2.extras import execute_values

django.setup()

from django.apps import apps  # noqa: E402  models need the set-up above
from django.db import connection, models, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from assets.register.models import AssetCard, AssetCategory  # noqa: E402
from assets.register.views import AssetList  # noqa: E402
from assets.repairs.models import RepairRequest, RepairStep  # noqa: E402
from assets.repairs.views.pages import RepairList  # noqa: E402
from benchmarks import schools, words  # noqa: E402
from houqin.accounts.models import User  # noqa: E402
from houqin.schools.middleware import SESSION_KEY  # noqa: E402
from houqin.schools.models import Membership, Place, School  # noqa: E402
from houqin.web import search  # noqa: E402
from houqin.web.paging import keyset_page  # noqa: E402

PLACES = schools.ROOMS * len(words.BUILDINGS)  # a campus
COMMON = len(words.PROBLEMS) * len(words.DETAILS)  # the rare problem comes after these
RARE_EVERY = 7  # hits of the rare search, whatever the size
OPEN_SHARE = 0.03
LEAST_OPEN = 500


def lookups(cursor: Any) -> None:
    """Put what the rows are made of, with initials, into temporary tables numbered from 0."""

    def table(name: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
        cursor.execute(f"CREATE TEMP TABLE {name} ({columns})")
        execute_values(cursor, f"INSERT INTO {name} VALUES %s", rows)
        cursor.execute(f"ANALYZE {name}")

    initials = search.initials
    problems = [(kind, text + more) for (kind, text), more in product(words.PROBLEMS, words.DETAILS)]
    problems.append(("other", words.RARE))
    rows = [(n, kind, text, initials(text)) for n, (kind, text) in enumerate(problems)]
    table("w_problem", "n int, kind text, words text, initials text", rows)

    rooms = Place.objects.filter(kind="room").order_by("school", "pk")
    rows = [
        (room.school_id, n % PLACES, room.pk, room.full_name, room.code, room.name_pinyin, initials(room.full_name))
        for n, room in enumerate(rooms)
    ]
    columns = "school_id bigint, n int, id bigint, name text, code text, pinyin text, initials text"
    table("w_place", columns, rows)

    rows = []
    for role, count in (("staff", schools.STAFF), ("maintainer", schools.MAINTAINERS)):
        posts = Membership.objects.filter(role=role).select_related("user").order_by("school", "pk")
        for n, post in enumerate(posts):
            name = post.user.display_name
            rows.append((post.school_id, role, n % count, post.user_id, name, initials(name)))
    table("w_person", "school_id bigint, role text, n int, id bigint, name text, initials text", rows)

    known = list(AssetCategory.objects.order_by("code").values_list("pk", "code"))
    rows = []
    for n, (name, unit, price, years, code) in enumerate([*words.THINGS, words.RARE_THING]):
        category = next(pk for pk, known_code in known if known_code >= code)
        rows.append((n, name, search.pinyin(name), unit, price, years, category, initials(name)))
    columns = "kind int, name text, pinyin text, unit text, price numeric, years int, category bigint, initials text"
    table("w_thing", columns, rows)
    # The planner knows nothing of the numbers that the rows are joined by.
    cursor.execute("SET LOCAL enable_nestloop = off")


@contextmanager
def bulk(cursor: Any, *tables: str) -> Iterator[None]:
    """Let triggers rest and take the indexes away while rows go in; build them anew afterwards."""
    cursor.execute("SET LOCAL session_replication_role = replica")
    cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN"
        " (SELECT conindid::regclass::text FROM pg_constraint WHERE conindid <> 0)",
        [list(tables)],
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _name, definition in indexes:
        cursor.execute(definition)


def insert(cursor: Any, model: type[models.Model], given: dict[str, str], source: str, rows: int) -> None:
    """Insert rows from `source`: SQL for the columns in `given`, the model's defaults for the others."""
    blank = model()
    columns, values, bound = [], [], []
    for column in model._meta.concrete_fields:
        if column.primary_key or column.generated:
            continue
        columns.append(column.column)
        values.append(given.get(column.column, "%s"))
        if column.column not in given:
            bound.append(column.get_db_prep_save(getattr(blank, column.attname), connection))
    sql = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {source}"
    cursor.execute(sql, [*bound, rows])


def copy_events(cursor: Any, model: type[models.Model], event: str) -> None:
    """Write the event of each row's beginning, as its trigger would have."""
    own = {field.column for field in model._meta.concrete_fields}
    kept = [field.column for field in apps.get_model("assets", event)._meta.concrete_fields if field.column in own]
    names = ", ".join(kept)
    table = apps.get_model("assets", event)._meta.db_table
    cursor.execute(
        f"INSERT INTO {table} (pgh_created_at, pgh_label, pgh_obj_id, {names})"
        f" SELECT now(), 'insert', id, {names} FROM {model._meta.db_table}"
    )


REPAIR_SOURCE = f"""
    (SELECT series.n, s.id AS school, p.kind, p.words, p.initials, l.id AS place, l.name AS place_name, l.code,
            l.pinyin, l.initials AS place_initials, r.id AS reporter, r.name AS reporter_name,
            r.initials AS reporter_initials, m.id AS maintainer, m.name AS maintainer_name,
            m.initials AS maintainer_initials,
            now() - (series.n * 1200.0 / all_rows * interval '1 day') AS at,
            all_rows, series.n <= greatest({LEAST_OPEN}, {OPEN_SHARE} * all_rows) AS open,
            (ARRAY['reported', 'assigned', 'working', 'on_hold', 'done'])[1 + series.n / 5 %% 5] AS open_state
     FROM (SELECT generate_series(rows, 1, -1) AS n, rows AS all_rows FROM (SELECT %s::int AS rows) AS asked) AS series
     JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM schools_school WHERE parent_id IS NOT NULL) AS s
       ON s.n = series.n %% {schools.CAMPUSES}
     JOIN w_problem p ON p.n = CASE WHEN series.n %% (all_rows / {RARE_EVERY} + 1) = 5 THEN {COMMON}
                                    ELSE series.n * 31 %% {COMMON} END
     JOIN w_place l ON l.school_id = s.id AND l.n = series.n * 7 %% {PLACES}
     JOIN w_person r ON r.school_id = s.id AND r.role = 'staff' AND r.n = series.n * 3 %% {schools.STAFF}
     JOIN w_person m ON m.school_id = s.id AND m.role = 'maintainer' AND m.n = series.n / 5 %% {schools.MAINTAINERS}
    ) AS made
"""
DONE = "(NOT open OR open_state = 'done')"
ASSIGNED = "(NOT open OR open_state <> 'reported')"
NUMBER = "'BX-' || to_char(at, 'YYMM') || '-' || lpad(n::text, 7, '0')"
URGENT = "(open AND open_state <> 'done' AND n %% 40 = 3)"
REPAIR = {
    "school_id": "school",
    "number": NUMBER,
    "kind": "kind",
    "place_id": "place",
    "description": "words",
    "is_dangerous": "n %% 40 = 3",
    "state": "CASE WHEN open THEN open_state ELSE 'confirmed' END",
    "reporter_id": "reporter",
    "assigned_to_id": f"CASE WHEN {ASSIGNED} THEN maintainer END",
    "secret": "substr(md5(n::text || 'repair'), 1, 22)",
    "reported_at": "at",
    "responded_at": f"CASE WHEN {ASSIGNED} THEN at + interval '2 hours' END",
    "assigned_at": f"CASE WHEN {ASSIGNED} THEN at + interval '2 hours' END",
    "started_at": f"CASE WHEN {DONE} THEN at + interval '5 hours' END",
    "finished_at": f"CASE WHEN {DONE} THEN at + interval '1 day' END",
    "closed_at": "CASE WHEN NOT open THEN at + interval '2 days' END",
    "due_at": "at + interval '3 days'",
    "confirm_by": f"CASE WHEN {DONE} THEN at + interval '4 days' END",
    "hold_reason": "CASE WHEN open AND open_state = 'on_hold' THEN '等待配件' ELSE '' END",
    "outcome": f"CASE WHEN {DONE} THEN 'repaired' ELSE '' END",
    "cost": f"CASE WHEN {DONE} THEN n %% 300 ELSE 0 END",
    "rating": "CASE WHEN NOT open AND n %% 3 = 0 THEN 5 END",
    "attention_key": f"CASE WHEN {URGENT} THEN '1|' ELSE '0|' END"
    " || to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDDHH24MISS')",
    "work_key": f"CASE WHEN {URGENT} THEN '0|' ELSE '1|' END || pinyin",
    "search_text": f"lower(concat_ws(' ', {NUMBER}, words, place_name, code, reporter_name, maintainer_name, initials,"
    " place_initials, reporter_initials, maintainer_initials))",
}
CARD_SOURCE = f"""
    (SELECT series.n, s.id AS school, t.*, l.id AS place, l.name AS place_name, l.initials AS place_initials,
            k.id AS keeper, k.name AS keeper_name, k.initials AS keeper_initials
     FROM (SELECT generate_series(rows, 1, -1) AS n, rows AS all_rows FROM (SELECT %s::int AS rows) AS asked) AS series
     JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM schools_school WHERE parent_id IS NOT NULL) AS s
       ON s.n = series.n %% {schools.CAMPUSES}
     JOIN w_thing AS t
       ON t.kind = CASE WHEN series.n %% (all_rows / {RARE_EVERY} + 1) = 5 THEN {len(words.THINGS)}
                        ELSE series.n / 5 %% {len(words.THINGS)} END
     JOIN w_place l ON l.school_id = s.id AND l.n = series.n * 7 %% {PLACES}
     JOIN w_person k ON k.school_id = s.id AND k.role = 'staff' AND k.n = series.n * 3 %% {schools.STAFF}
    ) AS made
"""
CARD_NUMBER = "'ZC' || lpad(n::text, 8, '0')"
CARD = {
    "school_id": "school",
    "number": CARD_NUMBER,
    "category_id": "category",
    "name": "name",
    "specification": "'规格 ' || (n %% 90 + 10) || ' x ' || (n %% 40 + 20)",
    "unit": "unit",
    "acquired_on": "DATE '2026-08-31' - (n * 31 %% 5000)",
    "unit_price": "price",
    "original_cost": "price",
    "useful_life_years": "years",
    "use_status": "(ARRAY['in_use', 'in_use', 'idle', 'in_use', 'in_use', 'awaiting_repair', 'in_use', 'in_use',"
    " 'awaiting_scrap', 'disposed'])[1 + n / 7 %% 10]",
    "keeper_id": "keeper",
    "place_id": "CASE WHEN n %% 50 <> 9 THEN place END",
    "place_text": "CASE WHEN n %% 50 = 9 THEN '旧仓库' ELSE '' END",
    "token": "substr(md5(n::text || 'card'), 1, 12)",
    "name_pinyin": "pinyin",
    "search_text": f"lower(concat_ws(' ', {CARD_NUMBER}, name, place_name, keeper_name, initials, place_initials,"
    " keeper_initials))",
}


def steps(cursor: Any) -> None:
    """Write what has happened to each repair: reported, and for the closed ones assigned, repaired, confirmed."""
    table = RepairStep._meta.db_table
    for verb, by, to, at, state in (
        ("report", "reporter_id", "NULL::bigint", "reported_at", "reported"),
        ("assign", "reporter_id", "assigned_to_id", "assigned_at", "assigned"),
        ("finish", "assigned_to_id", "NULL::bigint", "finished_at", "done"),
        ("confirm", "reporter_id", "NULL::bigint", "closed_at", "confirmed"),
    ):
        cursor.execute(
            f"INSERT INTO {table} (repair_id, verb, by_id, to_id, at, note, from_state, to_state)"
            f" SELECT id, %s, {by}, {to}, {at}, '', '', %s FROM assets_repairrequest WHERE {at} IS NOT NULL",
            [verb, state],
        )


def fill(rows: int) -> None:
    """Make `rows` repairs and as many cards."""
    events = {RepairRequest: "RepairRequestEvent", AssetCard: "AssetCardEvent"}
    tables = [RepairRequest, AssetCard, RepairStep, *(apps.get_model("assets", name) for name in events.values())]
    with transaction.atomic(), connection.cursor() as cursor:
        lookups(cursor)
        with bulk(cursor, *(model._meta.db_table for model in tables)):
            insert(cursor, RepairRequest, REPAIR, REPAIR_SOURCE, rows)
            insert(cursor, AssetCard, CARD, CARD_SOURCE, rows)
            steps(cursor)
            for model, event in events.items():
                copy_events(cursor, model, event)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def cookies(user: User, school: School | None) -> dict[str, str]:
    """Log a person in, acting for a school, or for all."""
    client = Client()
    client.force_login(user)
    session = client.session
    session[SESSION_KEY] = school.pk if school else "all"
    session.save()
    client.get(reverse("web:home"))  # the session notes its first visit
    return {name: cookie.value for name, cookie in client.cookies.items()}


def addresses() -> dict[str, dict[str, Any]]:
    """Return what the run asks for, by name."""
    school = School.objects.get(code="campus1")
    head = User.objects.get(memberships__school=school, memberships__role="logistics")
    own = cookies(head, school)
    all_schools = cookies(User.objects.get(memberships__role="central_officer"), None)
    repairs, cards = reverse("assets:repairs:list"), reverse("assets:register:list")
    repair = RepairRequest.objects.filter(school=school, state="confirmed").order_by("-reported_at").first()
    card = AssetCard.objects.filter(school=school, place__isnull=False).first()
    rows = RepairRequest.objects.filter(school=school)
    middle = rows.order_by("-attention_key")[rows.count() // 2].attention_key
    deep = keyset_page(rows.filter(attention_key__lt=middle), RepairList.sorts["attention"], size=1).older
    things = AssetCard.objects.filter(school=school).exclude(use_status="disposed")
    day = things.order_by("-acquired_on")[things.count() // 2].acquired_on
    deep_card = keyset_page(things.filter(acquired_on__lt=day), AssetList.sorts["newest"], size=1).older
    form = {"place": repair.place_id, "kind": "electric", "description": "日光灯闪烁, 影响上课"}

    def ask(path: str, jar: dict[str, str] = own, form: dict[str, Any] | None = None) -> dict[str, Any]:
        return {"path": path, "cookies": jar, "form": form}

    return {
        "repairs": ask(f"{repairs}?chip=open"),
        "repairs_all": ask(f"{repairs}?chip="),
        "repairs_deep": ask(f"{repairs}?chip=&page={deep}"),
        "repairs_rare": ask(f"{repairs}?chip=&q={quote(words.RARE_TERM)}"),
        "repairs_common": ask(f"{repairs}?chip=&q={quote(words.COMMON_TERM)}"),
        "repairs_schools": ask(f"{repairs}?chip=open", all_schools),
        "repair": ask(repair.get_absolute_url()),
        "report": ask(reverse("assets:repairs:create"), form=form),
        "cards": ask(cards),
        "cards_deep": ask(f"{cards}?page={deep_card}"),
        "cards_rare": ask(f"{cards}?q={quote(words.RARE_THING_TERM)}"),
        "cards_schools": ask(cards, all_schools),
        "card": ask(card.get_absolute_url()),
        "home": ask(reverse("web:home")),
    }


if __name__ == "__main__":
    fill(int(sys.argv[1]))
    print(json.dumps(addresses()))

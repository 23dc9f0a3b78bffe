"""Make the floor's tables and rows, and say what to ask for: see benchmarks/fill.py."""

import json
import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402  needs the set-up above
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from benchmarks.floor.models import Room, Series, Thing  # noqa: E402


def fill(rows: int) -> dict[str, dict[str, Any]]:
    """Insert `rows` things, five schools taking turns; return cookies and addresses by name."""
    from django.contrib.auth.models import User

    call_command("migrate", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)  # the floor's own tables refer to the others
    Series.objects.create(pk=1)
    room = Room.objects.create(name="教学楼101室")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO floor_thing (school, number, kind, description, room_id, place, state, person, at)"
            " SELECT 1 + n %% 5, 'BX-2609-' || lpad(n::text, 7, '0'), 'electric', '日光灯闪烁, 影响上课', %s,"
            " '教学楼101室', 'assigned', '王建国', now() - n * interval '1 minute' FROM generate_series(1, %s) AS n",
            [room.pk, rows],
        )
        cursor.execute("VACUUM ANALYZE")
    client = Client()
    client.force_login(User.objects.create(username="总务"))
    jar = {name: cookie.value for name, cookie in client.cookies.items()}
    thing = Thing.objects.first()
    form = {"room": room.pk, "kind": "electric", "description": "日光灯闪烁, 影响上课"}
    return {
        "list": {"path": "/things/", "cookies": jar, "form": None},
        "detail": {"path": f"/things/{thing.pk}/", "cookies": jar, "form": None},
        "create": {"path": "/things/new/", "cookies": jar, "form": form},
    }


if __name__ == "__main__":
    print(json.dumps(fill(int(sys.argv[1]))))

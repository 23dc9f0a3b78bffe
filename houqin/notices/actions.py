"""Tell people something, in the transaction of its cause; and what they do with their inbox."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.functional import Promise

from houqin.accounts.models import User
from houqin.notices.channels import channels
from houqin.notices.models import ONCE, Notice, NoticePreference
from houqin.web.waking import wake_after_commit

Text = str | Promise

_TELL = """
    WITH told AS (
        INSERT INTO notices_notice (person_id, school_id, cause, moment, title, body, url, urgent, created_at)
        SELECT person.id, %s::bigint, %s, %s, %s, %s, %s, %s, %s FROM unnest(%s::bigint[]) AS person (id)
        ON CONFLICT (cause, person_id, moment) DO NOTHING
        RETURNING id, person_id
    )"""
_ON_ITS_WAY = """
    , {name} AS (
        INSERT INTO notices_noticedelivery (notice_id, channel, key, state, attempts, next_try_at, error)
        SELECT id, %s, gen_random_uuid(), 'waiting', 0, %s, '' FROM told WHERE person_id IN ({people})
    )"""
_TOLD = "SELECT id, person_id FROM told"


def notify(
    person: User,
    *,
    cause: str,
    title: Text,
    school: Any,
    body: Text = "",
    url: str = "",
    moment: datetime | None = None,
    urgent: bool = False,
) -> Notice:
    """Tell one person; return the notice, the earlier one when this was told before. One statement, see notify_all."""
    told = notify_all(
        [person], cause=cause, title=title, school=school, body=body, url=url, moment=moment, urgent=urgent
    )
    return told[0] if told else Notice.objects.get(cause=cause, person=person, moment=moment or ONCE)


def notify_all(
    people: Iterable[User],
    *,
    cause: str,
    title: Text,
    school: Any,
    body: Text = "",
    url: str = "",
    moment: datetime | None = None,
    urgent: bool = False,
) -> list[Notice]:
    """Tell several people at once; return the notices of those who were not told before.

    Call it in the transaction of the cause: both stand or fall together. `cause` names what happened, for
    example "assets.repair:142:assigned"; a cause that may repeat says which time it is by `moment`. Title
    and body may be lazy (gettext_lazy, format_lazy) and are written in the house's language, whatever the
    acting person reads. One statement for all people and channels; workers are woken after commit.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("notices are written in the transaction of their cause")
    ids = {person.pk for person in people if person.is_active}
    if not ids:
        return []
    with translation.override(settings.LANGUAGE_CODE):
        notice = partial(
            Notice,
            school=school,
            cause=cause,
            moment=moment or ONCE,
            title=str(title)[:200],
            body=str(body),
            url=url,
            urgent=urgent,
            created_at=timezone.now(),
        )
    rows = _insert(notice(), sorted(ids))
    if rows:
        _wake_workers()
    return [notice(pk=pk, person_id=person_id) for pk, person_id in rows]


def _insert(notice: Notice, ids: list[int]) -> list[tuple[int, int]]:
    """Insert one notice a person and a delivery for each channel that reaches the person."""
    sql = _TELL
    params: list[Any] = [notice.school_id, notice.cause, notice.moment, notice.title, notice.body, notice.url]
    params += [notice.urgent, notice.created_at, ids]
    for number, channel in enumerate(channels()):
        reached = User.objects.filter(channel.reaches(urgent=notice.urgent), pk__in=ids).values("pk")
        try:
            people, bound = reached.query.sql_with_params()
        except EmptyResultSet:
            continue
        sql += _ON_ITS_WAY.format(name=f"channel_{number}", people=people)
        params += [channel.name, notice.created_at, *bound]
    with connection.cursor() as cursor:
        cursor.execute(sql + _TOLD, params)
        return cursor.fetchall()


def _wake_workers() -> None:
    """Send the hint that something is due; when it is lost, the sweep finds it within a minute."""
    wake_after_commit("houqin.notices.tasks.deliver_due")


def mark_read(notice: Notice, *, by: User) -> Notice:
    """Note that the person has seen it; the first time counts. One statement."""
    now = timezone.now()
    if Notice.objects.visible_to(by).unread().filter(pk=notice.pk).update(read_at=now):
        notice.read_at = now
    return notice


def mark_all_read(*, by: User) -> int:
    """Note that the person has seen everything; return how many were unread."""
    return Notice.objects.visible_to(by).unread().update(read_at=timezone.now())


@transaction.atomic
def set_preference(*, by: User, email_enabled: bool, urgent_only: bool) -> NoticePreference:
    """Keep what the person wants by e-mail."""
    preference, _created = NoticePreference.objects.update_or_create(
        user=by, defaults={"email_enabled": email_enabled, "urgent_only": urgent_only}
    )
    return preference

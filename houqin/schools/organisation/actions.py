"""What happens with schools: a campus is entered, a school is changed, closed, opened again."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from houqin.errors import Refused, WrongState
from houqin.schools.models import School
from houqin.schools.permissions import require
from houqin.web.trail import record_action


@transaction.atomic
def create_campus(
    parent: School,
    *,
    name: str,
    code: str,
    short_name: str = "",
    office_phone: str = "",
    has_kitchen: bool = False,
    by: Any,
) -> School:
    """Enter a campus under the central school `parent`. Raises Refused "parent_closed"."""
    require(by, "schools.manage_schools", parent)
    locked = School.objects.select_for_update(no_key=True).get(pk=parent.pk)
    if not locked.is_active:
        raise Refused(_("The central school is closed. Open it again first."), code="parent_closed", field="parent")
    campus = School.objects.create(
        parent=locked,
        name=name,
        code=code,
        short_name=short_name,
        office_phone=office_phone,
        has_kitchen=has_kitchen,
    )
    record_action("schools.create_campus", by=by, school=campus, record=campus)
    return campus


@transaction.atomic
def update_school(
    school: School, *, name: str, code: str, short_name: str, office_phone: str, has_kitchen: bool, by: Any
) -> School:
    """Change how a school is called and reached."""
    locked = School.objects.select_for_update(no_key=True).get(pk=school.pk)
    require(by, "schools.manage_schools", locked)
    locked.name, locked.code, locked.short_name = name, code, short_name
    locked.office_phone, locked.has_kitchen = office_phone, has_kitchen
    locked.save(update_fields=["name", "name_pinyin", "code", "short_name", "office_phone", "has_kitchen"])
    record_action("schools.update_school", by=by, school=locked, record=locked)
    return locked


@transaction.atomic
def close_school(school: School, *, by: Any) -> School:
    """Take a campus out of use: its labels no longer answer, its records stay.

    Raises WrongState, Refused "holds_open_campuses" and "top_school".
    """
    locked = School.objects.select_for_update(no_key=True).get(pk=school.pk)
    require(by, "schools.manage_schools", locked)
    if not locked.is_active:
        raise WrongState(code="already_closed")
    if locked.parent_id is None:
        raise Refused(_("The central school itself cannot be closed."), code="top_school")
    if locked.campuses.filter(is_active=True).exists():
        raise Refused(_("Campuses under it are still in use. Close those first."), code="holds_open_campuses")
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    record_action("schools.close_school", by=by, school=locked, record=locked)
    return locked


@transaction.atomic
def reopen_school(school: School, *, by: Any) -> School:
    """Take a campus into use again. Raises WrongState and Refused "parent_closed"."""
    locked = School.objects.select_for_update(no_key=True).get(pk=school.pk)
    require(by, "schools.manage_schools", locked)
    if locked.is_active:
        raise WrongState(code="already_open")
    if locked.parent is not None and not locked.parent.is_active:
        raise Refused(_("The school that it stands under is closed. Open that one first."), code="parent_closed")
    locked.is_active = True
    locked.save(update_fields=["is_active"])
    record_action("schools.reopen_school", by=by, school=locked, record=locked)
    return locked

"""Bring in people, each with a first post."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from houqin.accounts.models import User, phone_digits, phone_validator, username_validator
from houqin.errors import Refused
from houqin.imports.parse import parse_choice, parse_date, parse_text
from houqin.imports.registry import ImportColumn, ImportKind, ImportRow, RowError
from houqin.schools.models import Membership, School
from houqin.schools.people.actions import create_person
from houqin.schools.roles import LEADING_ROLES, Role

_ROLES = {
    "教师": "staff",
    "老师": "staff",
    "职工": "staff",
    "教职工": "staff",
    "维修员": "maintainer",
    "维修工": "maintainer",
    "电工": "maintainer",
    "水电工": "maintainer",
    "总务主任": "logistics",
    "后勤主任": "logistics",
    "安全员": "safety_officer",
    "食堂管理员": "canteen_manager",
    "校长": "principal",
    "会计": "accountant",
    "报账员": "accountant",
    "会计主管": "chief_accountant",
    "出纳": "cashier",
    "中心学校负责人": "central_officer",
    "督导": "auditor",
    "审计": "auditor",
}


def _valid(cell: Any, *, validate: Callable[[str], None], code: str, max_length: int) -> str:
    text = parse_text(cell, max_length=max_length)
    try:
        validate(text)
    except ValidationError as error:
        raise Refused(error.messages[0], code=code) from error
    return text


def parse_phone(cell: Any) -> str:
    """Return a phone number as it is stored."""
    return phone_digits(_valid(cell, validate=phone_validator, code="not_a_phone", max_length=20))


COLUMNS = (
    ImportColumn(
        "display_name",
        pgettext_lazy("person", "name"),
        ("姓名", "教师姓名", "教职工姓名", "职工姓名"),
        required=True,
        parse=partial(parse_text, max_length=60),
        example="曹超娜",
    ),
    ImportColumn(
        "role",
        gettext_lazy("role"),
        ("岗位", "角色", "职务", "工作岗位"),
        parse=partial(parse_choice, choices=Role.choices, synonyms=_ROLES),
        help=gettext_lazy("Left empty: staff."),
        example="教职工",
    ),
    ImportColumn(
        "phone",
        gettext_lazy("phone"),
        ("手机", "电话", "联系电话", "手机号", "手机号码"),
        parse=parse_phone,
        example="13800001234",
    ),
    ImportColumn(
        "staff_number",
        gettext_lazy("staff number"),
        ("工号", "教工号", "职工号", "教职工号"),
        parse=partial(parse_text, max_length=30),
        example="HZL001",
    ),
    ImportColumn(
        "email",
        gettext_lazy("e-mail"),
        ("邮箱", "电子邮箱", "电子邮件"),
        parse=partial(_valid, validate=validate_email, code="not_an_email", max_length=254),
    ),
    ImportColumn(
        "username",
        gettext_lazy("username"),
        ("用户名", "登录名", "账号"),
        parse=partial(_valid, validate=username_validator, code="not_a_username", max_length=60),
        help=gettext_lazy("Left empty, it is made of the name's pinyin."),
    ),
    ImportColumn(
        "since",
        gettext_lazy("since"),
        ("任职日期", "到岗日期", "入职日期", "开始日期"),
        parse=parse_date,
        help=gettext_lazy("Left empty: today."),
    ),
)
_UNIQUE = {
    "phone": ("phone_taken", gettext_lazy("Another person has this phone number, here or in another row.")),
    "staff_number": ("number_taken", gettext_lazy("Another person has this staff number, here or in another row.")),
    "username": ("username_taken", gettext_lazy("Another person has this username, here or in another row.")),
}


def check(rows: Sequence[ImportRow], *, school: School, by: Any) -> list[RowError]:
    """Return what is wrong with the rows. Four queries, however many rows."""
    errors: list[RowError] = []
    for column, (code, taken_sentence) in _UNIQUE.items():
        seen = Counter(_folded(row[column]) for row in rows if row[column])
        taken = {_folded(value) for value in User.objects.exclude(**{column: ""}).values_list(column, flat=True)}
        errors += [
            RowError(row.number, column, code, taken_sentence)
            for row in rows
            if row[column] and (_folded(row[column]) in taken or seen[_folded(row[column])] > 1)
        ]
    leads = by.has_perm("schools.appoint_leaders", school)
    posts = Membership.objects.filter(school=school)
    here = set(posts.values_list("user__display_name", flat=True))
    names = Counter(row["display_name"] for row in rows)
    for row in rows:
        if row["role"] in LEADING_ROLES and not leads:
            sentence = _("This post is given by the central school. Ask its officer to enter it.")
            errors.append(RowError(row.number, "role", "leading_post", sentence))
        told_apart = row["phone"] or row["staff_number"]
        if not told_apart and (row["display_name"] in here or names[row["display_name"]] > 1):
            sentence = _("Somebody of this name is here already. Add a phone or a staff number to tell them apart.")
            errors.append(RowError(row.number, "display_name", "name_known", sentence))
    return errors


def _folded(value: str) -> str:
    return value.lower()


def write(rows: Sequence[ImportRow], *, school: School, by: Any, progress: Callable[[int], None]) -> int:
    """Enter the people; nobody gets a password, one-time codes are printed later."""
    today = timezone.localdate()
    for done, row in enumerate(rows, start=1):
        create_person(
            school,
            display_name=row["display_name"],
            role=row["role"] or Role.STAFF,
            since=row["since"] or today,
            **{name: row[name] or "" for name in ("phone", "staff_number", "email", "username")},
            by=by,
        )
        progress(done)
    return len(rows)


PEOPLE = ImportKind(
    name="schools.people",
    title=gettext_lazy("People"),
    permission="schools.manage_people",
    columns=COLUMNS,
    check=check,
    write=write,
    notes=(
        gettext_lazy("People who are known here already are refused: change those on their pages."),
        gettext_lazy("Nobody gets a password. Print one-time codes on the pages of the people."),
    ),
    list_url="schools:people:list",
    # Usernames that the file gives come first, so that none that is made from a name gets in their way.
    write_order=lambda row: not row["username"],
)

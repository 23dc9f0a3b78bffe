import re
from pathlib import Path

import pytest
from django.utils import translation

from houqin.errors import NotAllowed
from houqin.schools.permissions import whose_work
from houqin.schools.roles import CENTRAL_ROLES, LEADING_ROLES, PERMISSIONS, Role
from houqin.web.listing import listed
from tests.schools.factories import make_person, make_school

ROOT = Path(__file__).resolve().parents[2]
# How code names a permission: in has_perm, require, people_with, on views, models, exports, imports, entries.
NAMED = re.compile(
    r"""(?:has_perm\(|require\([^,()]+,\s*|people_with\(|schools_with\(|\.may\(|schools_to_act_for\([^,()]+,\s*"""
    r"""|permission\s*=\s*|VIEW_PERMISSION\s*=\s*)["']([a-z]+\.[a-z_]+)["']"""
)


def sources():
    for folder in ("houqin", "assets", "finance"):
        yield from (ROOT / folder).rglob("*.py")


def test_every_permission_that_code_names_stands_in_the_table():
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources()
        for name in NAMED.findall(path.read_text())
        if name not in PERMISSIONS
    }
    assert not unknown


def test_the_search_above_finds_permissions():
    found = {name for path in sources() for name in NAMED.findall(path.read_text())}
    assert {"schools.manage_places", "schools.view_people", "schools.appoint_leaders"} <= found


def test_every_permission_of_the_table_is_named_somewhere():
    code = "\n".join(path.read_text() for path in sources() if path.name != "roles.py")
    assert not [name for name in PERMISSIONS if f'"{name}"' not in code]


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
def test_permissions_are_held_by_known_roles(permission):
    assert PERMISSIONS[permission]
    assert PERMISSIONS[permission] <= set(Role)


def test_an_auditor_reads_and_changes_nothing():
    held = {name for name, roles in PERMISSIONS.items() if Role.AUDITOR in roles}
    changing = {name for name in held if not name.rpartition(".")[2].startswith("view_")}
    assert changing <= {"assets.report_repair"}


def test_central_roles_are_leading_posts():
    assert CENTRAL_ROLES <= LEADING_ROLES


def test_a_refusal_names_who_may_and_who_gives_the_post():
    with translation.override("en"):
        books = NotAllowed(permission="finance.post_voucher").sentence
        assert "It is for: chief accountant. Such a post is given by the central school officer." in books
        cleaning = whose_work("assets.work_repair")
        assert "maintainer" in cleaning
        assert "given by the head of general affairs" in cleaning
        assert ", " in cleaning and "、" not in cleaning
        # A list of all posts tells nobody whom to ask.
        assert whose_work("finance.request_purchase") == whose_work(None)
        assert "head of general affairs" in whose_work(None)


def test_names_stand_one_after_the_other_as_the_language_has_it():
    roles = [Role.CASHIER.label, Role.PRINCIPAL.label]
    with translation.override("en"):
        assert listed(roles) == "cashier, principal"
    with translation.override("zh-hans"):
        assert listed(roles) == "出纳、校长"
        assert "、" in whose_work("assets.work_repair")
        assert ", " not in whose_work("assets.work_repair")
    assert listed([]) == ""


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "who"), [("/books/", "accountant"), ("/banks/new/", "chief accountant")])
def test_the_page_of_a_refusal_says_so(client, address, who):
    client.force_login(make_person(make_school(), "maintainer"))
    client.cookies["django_language"] = "en"
    answer = client.get(address)
    text = answer.content.decode()
    assert answer.status_code == 403
    assert who in text
    assert "head of general affairs" not in text

import re
from pathlib import Path

import pytest

from houqin.schools.roles import CENTRAL_ROLES, LEADING_ROLES, PERMISSIONS, Role

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

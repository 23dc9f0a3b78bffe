"""The whole URLconf, every role, own, other and central school, and nobody logged in.

Each record's texts carry a canary of its school: no answer to a stranger may hold one.
"""

import logging

import pytest
from django.db import transaction

from houqin.schools.roles import CENTRAL_ROLES
from tests.routes import (
    accounts,
    approvals,
    banks,
    books,
    counts,
    exports,
    files,
    finance,
    history,
    imports,
    journals,
    notices,
    orders,
    reconciliations,
    register,
    repairs,
    rounds,
    schools,
    statements,
    vouchers,
    web,
)
from tests.routes.table import PAGE, STEP, nothing
from tests.routes.walk import ask, named_routes
from tests.routes.world import CENTRAL, OURS, THEIRS, World

ROOMS = (
    web,
    accounts,
    schools,
    history,
    files,
    notices,
    approvals,
    exports,
    imports,
    register,
    repairs,
    rounds,
    finance,
    orders,
    vouchers,
    journals,
    books,
    banks,
    counts,
    reconciliations,
    statements,
)
ROUTES = {route.name: route for room in ROOMS for route in room.ROUTES}
ABOUT_RECORDS = [name for name, route in ROUTES.items() if route.of is not nothing and not route.secret]
REFUSED = {403, 404}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One world for all walks; it is never committed. Thousands of refusals are expected, so they are not logged."""
    log = logging.getLogger("django.request")
    log.disabled = True
    with django_db_blocker.unblock(), transaction.atomic():
        yield World([room.plant for room in ROOMS if hasattr(room, "plant")])
        transaction.set_rollback(True)
    log.disabled = False


def test_every_route_is_in_a_table():
    known = [route.name for room in ROOMS for route in room.ROUTES]
    assert len(known) == len(set(known)), "a route stands in two tables"
    assert set(named_routes()) == set(known)


@pytest.mark.parametrize("name", ROUTES)
def test_at_the_own_school(world, name):
    route = ROUTES[name]
    for visitor in world.own.values():
        for method in route.methods:
            status, answer = ask(visitor.client, method, route, world.ours)
            expected = route.answers if visitor.role in route.roles(method) else REFUSED
            assert status in expected, f"{visitor}: {method} {name} answers {status}"
            assert THEIRS not in answer, f"{visitor}: {method} {name} tells of another campus"
            assert CENTRAL not in answer or status == 200, f"{visitor}: {method} {name} tells of the central school"


@pytest.mark.parametrize("name", ABOUT_RECORDS)
def test_records_of_another_campus_are_not_found(world, name):
    route = ROUTES[name]
    strangers = [*world.own.values(), world.above["logistics"], world.above["staff"]]
    for visitor in strangers:
        for method in route.methods:
            status, answer = ask(visitor.client, method, route, world.theirs)
            assert status in REFUSED, f"{visitor}: {method} {name} of another campus answers {status}"
            assert THEIRS not in answer, f"{visitor}: {method} {name} tells of another campus"


@pytest.mark.parametrize("name", ROUTES)
def test_central_roles_reach_the_schools_below(world, name):
    route = ROUTES[name]
    for role in CENTRAL_ROLES:
        visitor = world.above[role]
        for method in route.methods:
            status, _answer = ask(visitor.client, method, route, world.theirs)
            expected = route.answers if role in route.roles(method) else REFUSED
            assert status in expected, f"{visitor}: {method} {name} answers {status}"


@pytest.mark.parametrize("name", ROUTES)
def test_nobody_logged_in(world, name):
    route = ROUTES[name]
    for method in route.methods:
        status, answer = ask(world.anonymous, method, route, world.ours)
        if route.may == "anyone":
            assert status in route.answers | REFUSED, f"{method} {name} answers {status}"
        else:
            assert status == 302, f"nobody: {method} {name} answers {status}"
            assert "/login/" in answer
        assert OURS not in answer or route.secret, f"nobody: {method} {name} tells of a school"


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.kind == STEP])
def test_steps_are_not_taken_by_looking(world, name):
    route = ROUTES[name]
    role = sorted(route.roles() or world.own)[0]
    status, _answer = ask(world.own[role].client, "get", route, world.ours)
    assert status == 405, f"GET {name} answers {status}"


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.kind == PAGE])
def test_pages_take_no_post(world, name):
    route = ROUTES[name]
    role = sorted(route.roles() or world.own)[0]
    status, _answer = ask(world.own[role].client, "post", route, world.ours)
    assert status in {405, 403}, f"POST {name} answers {status}"

"""A central school with a campus, and who looks after people at each. Files with other needs have their own."""

import pytest

from tests.schools.factories import make_person, make_school


@pytest.fixture
def central():
    return make_school()


@pytest.fixture
def campus(central):
    return make_school(parent=central)


@pytest.fixture
def officer(central):
    return make_person(central, "central_officer")


@pytest.fixture
def head(campus):
    return make_person(campus, "logistics")

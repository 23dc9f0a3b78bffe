import pytest

from houqin.exports import actions, registry
from houqin.exports.models import ExportJob
from houqin.exports.registry import Export
from houqin.schools.roles import PERMISSIONS
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db

TABLES = [definition for definition in registry.definitions() if isinstance(definition, Export)]


def test_every_definition_names_a_known_permission_and_formats():
    for definition in registry.definitions():
        assert definition.permission in PERMISSIONS
        assert set(definition.formats) <= set(ExportJob.Format.values)


@pytest.mark.parametrize("format", ["csv", "xlsx", "pdf"])
@pytest.mark.parametrize("definition", TABLES, ids=lambda definition: definition.name)
def test_every_table_that_the_apps_offer_can_be_written(definition, format):
    school = make_school()
    role = sorted(PERMISSIONS[definition.permission])[0]
    owner = make_person(school, role)
    for scope in (school, None):
        job = actions.run(actions.start(definition.name, by=owner, school=scope, format=format))
        assert job.state == ExportJob.State.DONE, job.error

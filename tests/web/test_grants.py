"""The running application's rights in the database."""

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from psycopg2.errors import InsufficientPrivilege

from houqin.history.models import ActionLog
from houqin.schools.models import School
from houqin.web import grants
from houqin.web.trail import record_action
from tests.schools.factories import make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_application(settings):
    """Grant the rights and go on as the application's role."""
    call_command("grant_rights")
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {settings.DATABASE_APP_ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def refused(statement):
    """Say whether PostgreSQL refuses a statement for want of a right."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        return isinstance(error.__cause__, InsufficientPrivilege)
    return False


def test_the_application_works_with_ordinary_rows(as_application):
    school = make_school(name="黄竹林学校")
    school.name = "示范小学"
    school.save()
    assert School.objects.select_for_update().get(pk=school.pk).name == "示范小学"
    assert school.events.count() == 2
    record_action("schools.change_school", by=None, school=school, record=school)
    assert ActionLog.objects.filter(record_id=school.pk).exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history_actionlog SET code = ''",
        "DELETE FROM history_actionlog",
        "TRUNCATE history_actionlog",
        "UPDATE schools_schoolevent SET name = ''",
        "DELETE FROM schools_schoolevent",
        "DELETE FROM pghistory_context",
        "DELETE FROM django_migrations",
        "TRUNCATE schools_school CASCADE",
        "ALTER TABLE history_actionlog DISABLE TRIGGER ALL",
        "CREATE TABLE intruder (id int)",
    ],
)
def test_the_application_may_not(as_application, statement):
    assert refused(statement)


def test_granting_again_changes_nothing():
    call_command("grant_rights")
    before = rights_in_database()
    call_command("grant_rights")
    assert rights_in_database() == before


def test_granting_takes_rights_away_that_do_not_belong(settings):
    call_command("grant_rights")
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT ALL ON history_actionlog TO {settings.DATABASE_APP_ROLE}")
    call_command("grant_rights")
    assert ("history_actionlog", "DELETE") not in rights_in_database()


def test_every_table_of_the_database_is_known():
    assert {table for table, _rights in grants.tables()} == set(connection.introspection.table_names())


def rights_in_database():
    """Return what the application's role may do, table by table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, privilege_type FROM information_schema.table_privileges WHERE grantee = 'houqin_app'"
        )
        return set(cursor.fetchall())

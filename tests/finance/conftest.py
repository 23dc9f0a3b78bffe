"""What the tests of the books may ask for."""

import pytest
from django.core.management import call_command
from django.db import connection

from tests.finance.ledger_factories import settle


@pytest.fixture
def as_application(office, settings):
    """Grant the rights and go on as the application's role."""
    settle()
    with connection.cursor() as cursor:
        call_command("grant_rights")
        cursor.execute(f"SET ROLE {settings.DATABASE_APP_ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")

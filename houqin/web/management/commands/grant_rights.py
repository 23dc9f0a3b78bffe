"""Give the running application its rights in the database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection, transaction

from houqin.web import grants


class Command(BaseCommand):
    """Run by the owner of the tables after each migrate; does the same however often it is run."""

    help = "Grant the role of the running application (DATABASE_APP_ROLE) its rights, after each migrate."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the role if needed and grant."""
        role = settings.DATABASE_APP_ROLE
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                grants.ensure_role(cursor, role)
                grants.grant(cursor, role)
        except ProgrammingError as error:
            raise CommandError(
                f"{error}\nRun this as the owner of the tables (DATABASE_OWNER_URL). Where that login may make no "
                f"roles, let the server's administrator run once: CREATE ROLE {role} LOGIN PASSWORD '...'"
            ) from error

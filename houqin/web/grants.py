"""What the running application may do in the database: least privilege, table by table.

Migrations run as the owner of the tables; everything else runs as the role named here. A model that says
`APPEND_ONLY = True` can be read and added to, never changed or emptied: not by a fault, not by an intruder. One that
says its `RIGHTS` is written by functions of the database, which run as the owner and keep its rules.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django.db.backends.utils import CursorWrapper
from pghistory.models import Context, Event
from psycopg2 import sql

_EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
_APPEND = "SELECT, INSERT"
# The context of several changes in one request is one row, written anew with each: INSERT ... ON CONFLICT DO UPDATE.
_UPSERT = "SELECT, INSERT, UPDATE"
# Kept by Django itself, without a model among the installed ones.
_MIGRATIONS = ("django_migrations", "SELECT")


def rights_on(model: type[models.Model]) -> str:
    """Return what the running application may do with the rows of a model."""
    if issubclass(model, Context):
        return _UPSERT
    if own := getattr(model, "RIGHTS", ""):
        return str(own)
    if issubclass(model, Event) or getattr(model, "APPEND_ONLY", False):
        return _APPEND
    return _EVERYTHING


def tables() -> Iterator[tuple[str, str]]:
    """Yield every table and the rights on it."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model._meta.db_table, rights_on(model)
    yield _MIGRATIONS


def ensure_role(cursor: CursorWrapper, role: str) -> None:
    """Make the role if the server has none of this name; let the present login act as it if it cannot log in itself."""
    name = sql.Identifier(role)
    # Roles belong to the whole server: another database may be making the same one at this moment.
    making = "DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$"
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    if not cursor.fetchone():
        cursor.execute(sql.SQL(making).format(role=name))
    # From PostgreSQL 16 on a login may administer a role that it made and yet not act as it.
    acting = "SET" if cursor.connection.server_version >= 160000 else "MEMBER"
    cursor.execute(
        "SELECT rolcanlogin OR pg_has_role(current_user, oid, %s) FROM pg_roles WHERE rolname = %s", [acting, role]
    )
    if not cursor.fetchone()[0]:
        cursor.execute(sql.SQL("GRANT {role} TO CURRENT_USER").format(role=name))


def grant(cursor: CursorWrapper, role: str) -> None:
    """Give the role exactly the rights named here on all tables, and take any other away."""
    name = sql.Identifier(role)
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {role}").format(role=name))
    cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}").format(role=name))
    for table, rights in tables():
        statement = sql.SQL("GRANT {rights} ON TABLE {table} TO {role}")
        cursor.execute(statement.format(rights=sql.SQL(rights), table=sql.Identifier(table), role=name))
    cursor.execute(sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}").format(role=name))
    # Those that run as the owner are closed to everybody else.
    cursor.execute(sql.SQL("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}").format(role=name))

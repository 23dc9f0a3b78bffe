"""The log is only added to: the database itself refuses to change, remove or empty it."""

from django.db import migrations

CREATE = """
CREATE FUNCTION houqin_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END;
$$;

CREATE TRIGGER history_actionlog_append_only
    BEFORE UPDATE OR DELETE ON history_actionlog
    FOR EACH ROW EXECUTE FUNCTION houqin_append_only();

CREATE TRIGGER history_actionlog_no_truncate
    BEFORE TRUNCATE ON history_actionlog
    FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""

DROP = """
DROP TRIGGER history_actionlog_no_truncate ON history_actionlog;
DROP TRIGGER history_actionlog_append_only ON history_actionlog;
DROP FUNCTION houqin_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("history", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]

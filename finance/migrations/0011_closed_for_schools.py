"""What is closed to schools by law stays closed in the database, too: no debts, no bank account of a campus."""

from django.db import migrations

CREATE = """
CREATE FUNCTION finance_check_account_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN TG_OP = 'UPDATE' AND OLD.use <> NEW.use THEN 'finance_account_fixed'
        WHEN NEW.closed THEN NULL
        WHEN NEW.use = 'no' THEN 'finance_account_not_for_schools'
        WHEN NEW.code LIKE '1002%' AND EXISTS (
            SELECT 1 FROM finance_ledger AS book JOIN schools_school AS school ON school.id = book.school_id
            WHERE book.id = NEW.ledger_id AND school.parent_id IS NOT NULL
        ) THEN 'finance_account_not_for_schools'
    END);
    RETURN NEW;
END;
$$;

CREATE TRIGGER finance_account_use_guard
    AFTER INSERT OR UPDATE OF closed, use ON finance_account
    FOR EACH ROW EXECUTE FUNCTION finance_check_account_use();
"""

DROP = """
DROP TRIGGER finance_account_use_guard ON finance_account;
DROP FUNCTION finance_check_account_use();
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0010_paper_journals")]

    operations = [migrations.RunSQL(CREATE, DROP)]

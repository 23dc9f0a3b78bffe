"""A bank account was not closed before the last entry of its book."""

from django.db import migrations

# {closing} is what is asked when one is closed.
GUARD = """
CREATE OR REPLACE FUNCTION finance_check_bank_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account finance_account%ROWTYPE;
    above bigint;
BEGIN
    SELECT * INTO account FROM finance_account WHERE id = NEW.account_id;
    SELECT school.parent_id INTO above
        FROM finance_ledger AS ledger JOIN schools_school AS school ON school.id = ledger.school_id
        WHERE ledger.id = account.ledger_id;
    PERFORM finance_ledger_refuse(CASE
        WHEN above IS NOT NULL THEN 'finance_bankaccount_central'
        WHEN account.code NOT LIKE '1002%' OR NOT account.is_leaf THEN 'finance_bankaccount_below_bank'
        WHEN TG_OP = 'UPDATE' AND (OLD.closed_on IS NOT NULL OR OLD.account_id <> NEW.account_id)
            THEN 'finance_bankaccount_fixed'
        WHEN NEW.closed_on IS NOT NULL AND NOT account.closed THEN 'finance_bankaccount_still_open'{closing}
    END);
    RETURN NULL;
END;
$$;
"""
CLOSING = """
        WHEN NEW.closed_on < (SELECT last_date FROM finance_accounthead WHERE account_id = NEW.account_id)
            THEN 'finance_bankaccount_closed_early'"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0015_lines_wait_for_their_voucher")]

    operations = [migrations.RunSQL(GUARD.replace("{closing}", CLOSING), GUARD.replace("{closing}", ""))]

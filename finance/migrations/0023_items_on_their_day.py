"""Items of reconciliations have words, a day within their month, and an entry or a day before the books began."""

from django.db import migrations, models

BEFORE = """
CREATE OR REPLACE FUNCTION finance_check_reconciliationitem() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.reconciliation_id ELSE NEW.reconciliation_id END;
    its finance_bankreconciliation%ROWTYPE;
BEGIN
    -- Held until the transaction ends, so that the reconciliation stays a draft as long.
    SELECT * INTO its FROM finance_bankreconciliation WHERE id = whose FOR SHARE;
    PERFORM finance_ledger_refuse(CASE
        WHEN TG_OP = 'UPDATE' AND OLD.reconciliation_id <> NEW.reconciliation_id
            THEN 'finance_reconciliationitem_moved'
        WHEN its.state IS DISTINCT FROM 'draft' THEN 'finance_reconciliationitem_not_draft'
    END);
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
"""
AFTER = """
    -- A red entry counts on the other side: what was taken back from what we received is as good as paid.
    IF NEW.entry_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM finance_entry AS entry JOIN finance_bankaccount AS bank ON bank.account_id = entry.account_id
        WHERE entry.id = NEW.entry_id AND bank.id = its.bank_account_id AND entry.date <= its.ends_on
            AND NEW.amount = abs(entry.debit - entry.credit)
            AND NEW.kind = CASE WHEN entry.debit > entry.credit THEN 'we_received' ELSE 'we_paid' END
    ) THEN
        PERFORM finance_ledger_refuse('finance_reconciliationitem_other_entry');
    END IF;
    RETURN NEW;
END;
$$;
"""
DAYS = """
    PERFORM finance_ledger_refuse(CASE
        WHEN NEW.date > its.ends_on THEN 'finance_reconciliationitem_after_month'
        -- What was booked before these books were opened has no entry in them.
        WHEN NEW.kind ~ '^we_' AND NEW.entry_id IS NULL AND NEW.date >= (
            SELECT ledger.opened_on
            FROM finance_bankaccount AS bank
            JOIN finance_account AS account ON account.id = bank.account_id
            JOIN finance_ledger AS ledger ON ledger.id = account.ledger_id
            WHERE bank.id = its.bank_account_id
        ) THEN 'finance_reconciliationitem_entry_missing'
    END);
"""


class Migration(migrations.Migration):

    dependencies = [("finance", "0022_found_by_key")]

    operations = [
        migrations.RemoveConstraint(model_name="reconciliationitem", name="finance_reconciliationitem_text"),
        migrations.AddConstraint(
            model_name="reconciliationitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("text__regex", "\\S")),
                name="finance_reconciliationitem_text",
                violation_error_message="Write what it is.",
            ),
        ),
        migrations.RemoveConstraint(model_name="reconciliationitem", name="finance_reconciliationitem_kind"),
        migrations.AddConstraint(
            model_name="reconciliationitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__regex", "^(bank_received|bank_paid)$"), ("entry__isnull", True)),
                    ("kind__regex", "^(we_received|we_paid)$"),
                    _connector="OR",
                ),
                name="finance_reconciliationitem_kind",
            ),
        ),
        migrations.RunSQL(BEFORE + DAYS + AFTER, BEFORE + AFTER),
    ]

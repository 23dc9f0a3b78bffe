"""Lines and scans of a voucher wait for whoever submits, reviews or posts it, and ask its state after that."""

from django.db import migrations

LINES = """
CREATE OR REPLACE FUNCTION finance_check_voucherline() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.voucher_id ELSE NEW.voucher_id END;
    its_state text;
BEGIN
    -- Held until the transaction ends, so that the voucher stays a draft as long.
    SELECT state INTO its_state FROM finance_voucher WHERE id = whose FOR SHARE;
    PERFORM finance_ledger_refuse(CASE
        WHEN TG_OP = 'UPDATE' AND OLD.voucher_id <> NEW.voucher_id THEN 'finance_voucherline_moved'
        WHEN its_state <> 'draft' THEN 'finance_voucherline_not_draft'
    END);
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END;
$$;
"""

# As it was made in 0005.
LINES_BEFORE = """
CREATE OR REPLACE FUNCTION finance_check_voucherline() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.voucher_id ELSE NEW.voucher_id END;
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN TG_OP = 'UPDATE' AND OLD.voucher_id <> NEW.voucher_id THEN 'finance_voucherline_moved'
        WHEN (SELECT state FROM finance_voucher WHERE id = whose) <> 'draft' THEN 'finance_voucherline_not_draft'
    END);
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END;
$$;
"""

SCANS = """
-- Drafts lose scans; later ones are added until the voucher is voided, and stay.
CREATE FUNCTION finance_check_voucherscan() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.voucher_id ELSE NEW.voucher_id END;
    its_state text;
BEGIN
    SELECT state INTO its_state FROM finance_voucher WHERE id = whose FOR SHARE;
    PERFORM finance_ledger_refuse(CASE
        WHEN TG_OP = 'UPDATE' THEN 'finance_voucherscan_fixed'
        WHEN TG_OP = 'DELETE' AND its_state <> 'draft' THEN 'finance_voucherscan_not_draft'
        WHEN its_state = 'voided' THEN 'finance_voucherscan_voided'
    END);
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END;
$$;

CREATE TRIGGER finance_voucherscan_guard
    BEFORE INSERT OR UPDATE OR DELETE ON finance_voucherscan
    FOR EACH ROW EXECUTE FUNCTION finance_check_voucherscan();
CREATE TRIGGER finance_voucherscan_no_truncate
    BEFORE TRUNCATE ON finance_voucherscan FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""

NO_SCANS = """
DROP TRIGGER finance_voucherscan_no_truncate ON finance_voucherscan;
DROP TRIGGER finance_voucherscan_guard ON finance_voucherscan;
DROP FUNCTION finance_check_voucherscan();
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0014_right_steps")]

    operations = [migrations.RunSQL(LINES, LINES_BEFORE), migrations.RunSQL(SCANS, NO_SCANS)]

"""What the database itself refuses around the ledger: changed postings, reopened periods, money below zero."""

from django.db import migrations

APPEND_ONLY = """
CREATE TRIGGER {table}_append_only
    BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION houqin_append_only();
CREATE TRIGGER {table}_no_truncate
    BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""

KEPT = """
CREATE TRIGGER {table}_kept
    BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION houqin_append_only();
CREATE TRIGGER {table}_no_truncate
    BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""

INSERTED = ("finance_posting", "finance_entry", "finance_bookline", "finance_chainhead")
NEVER_DELETED = ("finance_ledger", "finance_accounthead", "finance_period", "finance_voucher")

CREATE = """
CREATE FUNCTION finance_ledger_refuse(broken text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'books refused: %', broken
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = broken;
    END IF;
END;
$$;

-- A trigger that posting meets is narrow: the columns it is about, and a WHEN that is short, for PostgreSQL reads it
-- anew with every statement. What is posted in the ordinary way runs through none of these functions.

-- Pages are full for good, and the chain only grows.
CREATE FUNCTION finance_check_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN NEW.chain_position < OLD.chain_position THEN 'finance_ledger_chain'
        WHEN OLD.chain_position > 0 AND (OLD.school_id, OLD.kind, OLD.year_opened, OLD.lines_per_page)
            IS DISTINCT FROM (NEW.school_id, NEW.kind, NEW.year_opened, NEW.lines_per_page)
            THEN 'finance_ledger_in_use'
        WHEN OLD.carried_through IS NOT NULL AND (NEW.carried_through IS NULL
            OR NEW.carried_through < OLD.carried_through) THEN 'finance_ledger_carried'
        WHEN NEW.carried_through IS DISTINCT FROM OLD.carried_through AND NOT EXISTS (
            SELECT 1 FROM finance_period
            WHERE ledger_id = NEW.id AND year = NEW.carried_through AND month = 12 AND state = 'closed'
        ) THEN 'finance_ledger_year_open'
    END);
    RETURN NEW;
END;
$$;

CREATE TRIGGER finance_ledger_guard
    AFTER UPDATE OF school_id, kind, year_opened, lines_per_page, carried_through ON finance_ledger
    FOR EACH ROW EXECUTE FUNCTION finance_check_ledger();

CREATE TRIGGER finance_ledger_chain
    AFTER UPDATE OF chain_position ON finance_ledger
    FOR EACH ROW WHEN (NEW.chain_position < OLD.chain_position) EXECUTE FUNCTION finance_check_ledger();

-- These judge afterwards: a trigger before an update would have generated columns made anew.
-- What decides over postings stays as it was when the account was made.
CREATE FUNCTION finance_check_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN (OLD.ledger_id, OLD.code, OLD.half, OLD.category, OLD.normal, OLD.is_money, OLD.never_negative,
              OLD.bound_book, OLD.counterpart_id)
            IS DISTINCT FROM (NEW.ledger_id, NEW.code, NEW.half, NEW.category, NEW.normal, NEW.is_money,
              NEW.never_negative, NEW.bound_book, NEW.counterpart_id) THEN 'finance_account_fixed'
        WHEN OLD.is_leaf AND NOT NEW.is_leaf AND EXISTS (SELECT 1 FROM finance_entry WHERE account_id = NEW.id)
            THEN 'finance_account_used'
    END);
    RETURN NEW;
END;
$$;

CREATE TRIGGER finance_account_guard
    AFTER UPDATE ON finance_account FOR EACH ROW EXECUTE FUNCTION finance_check_account();

-- Judged when the transaction ends: what is written off and what is put right for it stand together.
CREATE FUNCTION finance_check_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN head.balance < 0 AND account.never_negative THEN 'finance_post_negative_money' END)
    FROM finance_accounthead AS head JOIN finance_account AS account ON account.id = head.account_id
    WHERE head.id = NEW.id;
    RETURN NULL;
END;
$$;

-- Money gets below zero by falling there: accounts that stand below zero by their nature are not asked again and again.
CREATE CONSTRAINT TRIGGER finance_accounthead_never_negative
    AFTER UPDATE ON finance_accounthead DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.balance < 0 AND OLD.balance >= 0) EXECUTE FUNCTION finance_check_head();

CREATE CONSTRAINT TRIGGER finance_accounthead_begins
    AFTER INSERT ON finance_accounthead DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.balance < 0) EXECUTE FUNCTION finance_check_head();

CREATE FUNCTION finance_check_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN OLD.state = 'closed' THEN 'finance_period_closed_for_good'
        WHEN (OLD.ledger_id, OLD.year, OLD.month) <> (NEW.ledger_id, NEW.year, NEW.month) THEN 'finance_period_fixed'
        WHEN NEW.state = 'closed' AND EXISTS (
            SELECT 1 FROM finance_period WHERE ledger_id = NEW.ledger_id AND state = 'open'
                AND (year, month) < (NEW.year, NEW.month)
        ) THEN 'finance_period_earlier_open'
        WHEN NEW.state = 'closed' AND EXISTS (
            SELECT 1 FROM finance_voucher WHERE ledger_id = NEW.ledger_id
                AND date >= make_date(NEW.year, NEW.month, 1)
                AND date < make_date(NEW.year, NEW.month, 1) + interval '1 month'
                AND state IN ('draft', 'submitted', 'reviewed')
        ) THEN 'finance_period_drafts_left'
    END);
    RETURN NEW;
END;
$$;

CREATE TRIGGER finance_period_guard
    AFTER UPDATE ON finance_period FOR EACH ROW EXECUTE FUNCTION finance_check_period();

CREATE FUNCTION finance_check_voucher() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN OLD.state IN ('posted', 'voided') THEN 'finance_voucher_done'
        WHEN (OLD.ledger_id, OLD.school_id, OLD.key)
            IS DISTINCT FROM (NEW.ledger_id, NEW.school_id, NEW.key) THEN 'finance_voucher_fixed'
        WHEN OLD.state <> 'draft' AND (OLD.kind, OLD.date, OLD.attachments, OLD.total, OLD.prepared_by_id,
                OLD.reverses_id, OLD.corrects_id)
            IS DISTINCT FROM (NEW.kind, NEW.date, NEW.attachments, NEW.total, NEW.prepared_by_id,
                NEW.reverses_id, NEW.corrects_id)
            THEN 'finance_voucher_not_draft'
        WHEN NEW.state = 'posted' AND OLD.state <> 'reviewed' THEN 'finance_voucher_not_reviewed'
    END);
    RETURN NEW;
END;
$$;

-- Every column but the state, which has a trigger of its own.
CREATE TRIGGER finance_voucher_guard
    AFTER UPDATE OF id, ledger_id, school_id, kind, date, attachments, summary, total, prepared_by_id, reviewed_by_id,
        returned_reason, source_kind, source_id, reverses_id, corrects_id, key, search_text ON finance_voucher
    FOR EACH ROW EXECUTE FUNCTION finance_check_voucher();

CREATE TRIGGER finance_voucher_state
    AFTER UPDATE OF state ON finance_voucher
    FOR EACH ROW WHEN (OLD.state <> 'reviewed' OR NEW.state <> 'posted') EXECUTE FUNCTION finance_check_voucher();

-- Every voucher begins as a draft, in an open month, and moves to open months alone; the month stays open meanwhile.
CREATE FUNCTION finance_check_voucher_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN TG_OP = 'INSERT' AND NEW.state <> 'draft' THEN 'finance_voucher_begins_as_draft' END);
    PERFORM 1 FROM finance_period
        WHERE ledger_id = NEW.ledger_id AND year = extract(year FROM NEW.date) AND month = extract(month FROM NEW.date)
            AND state = 'open' FOR SHARE;
    PERFORM finance_ledger_refuse(CASE WHEN NOT FOUND THEN 'finance_voucher_month_open' END);
    RETURN NULL;
END;
$$;

CREATE TRIGGER finance_voucher_begins
    AFTER INSERT ON finance_voucher FOR EACH ROW EXECUTE FUNCTION finance_check_voucher_month();

CREATE TRIGGER finance_voucher_moves
    AFTER UPDATE OF date ON finance_voucher
    FOR EACH ROW WHEN (NEW.date <> OLD.date) EXECUTE FUNCTION finance_check_voucher_month();

CREATE FUNCTION finance_check_voucherline() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER finance_voucherline_guard
    BEFORE INSERT OR UPDATE OR DELETE ON finance_voucherline
    FOR EACH ROW EXECUTE FUNCTION finance_check_voucherline();

CREATE TRIGGER finance_voucherline_no_truncate
    BEFORE TRUNCATE ON finance_voucherline FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""

DROP = """
DROP TRIGGER finance_voucherline_no_truncate ON finance_voucherline;
DROP TRIGGER finance_voucherline_guard ON finance_voucherline;
DROP FUNCTION finance_check_voucherline();
DROP TRIGGER finance_voucher_moves ON finance_voucher;
DROP TRIGGER finance_voucher_begins ON finance_voucher;
DROP FUNCTION finance_check_voucher_month();
DROP TRIGGER finance_voucher_state ON finance_voucher;
DROP TRIGGER finance_voucher_guard ON finance_voucher;
DROP FUNCTION finance_check_voucher();
DROP TRIGGER finance_period_guard ON finance_period;
DROP FUNCTION finance_check_period();
DROP TRIGGER finance_accounthead_begins ON finance_accounthead;
DROP TRIGGER finance_accounthead_never_negative ON finance_accounthead;
DROP FUNCTION finance_check_head();
DROP TRIGGER finance_account_guard ON finance_account;
DROP FUNCTION finance_check_account();
DROP TRIGGER finance_ledger_chain ON finance_ledger;
DROP TRIGGER finance_ledger_guard ON finance_ledger;
DROP FUNCTION finance_check_ledger();
DROP FUNCTION finance_ledger_refuse(text);
"""


def _drop(table, first):
    return f"DROP TRIGGER {table}_no_truncate ON {table}; DROP TRIGGER {table}_{first} ON {table};"


# A posting rewrites these rows in place, beside their former self: there must be room on the page, and no index on what
# changes.
ROOM = "ALTER TABLE {table} SET (fillfactor = 50)"
REWRITTEN = ("finance_ledger", "finance_accounthead")


class Migration(migrations.Migration):
    dependencies = [("finance", "0004_ledger"), ("history", "0002_append_only")]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        *[
            migrations.RunSQL(ROOM.format(table=table), f"ALTER TABLE {table} RESET (fillfactor)")
            for table in REWRITTEN
        ],
        *[migrations.RunSQL(APPEND_ONLY.format(table=table), _drop(table, "append_only")) for table in INSERTED],
        *[migrations.RunSQL(KEPT.format(table=table), _drop(table, "kept")) for table in NEVER_DELETED],
    ]

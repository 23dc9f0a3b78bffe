"""What posting stands on begins as nothing and moves by the right steps alone, whoever writes the statement."""

from django.db import migrations

CREATE = """
-- Refuse a row that the trigger's own condition has found; the rule is the trigger's argument.
CREATE FUNCTION finance_refuse_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_ledger_refuse(TG_ARGV[0]);
    RETURN NULL;
END;
$$;

-- A set of books begins with nothing in it.
CREATE TRIGGER finance_ledger_begins
    AFTER INSERT ON finance_ledger FOR EACH ROW
    WHEN (NEW.chain_position <> 0 OR NEW.chain_head <> repeat('0', 64) OR NEW.carried_through IS NOT NULL
        OR NEW.year_opened <> extract(year FROM NEW.opened_on))
    EXECUTE FUNCTION finance_refuse_row('finance_ledger_not_empty');

-- An account is of the same books and class as the one above it; money is known by its first four digits.
CREATE FUNCTION finance_check_account_place() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above finance_account%ROWTYPE;
BEGIN
    SELECT * INTO above FROM finance_account WHERE id = NEW.parent_id;
    PERFORM finance_ledger_refuse(CASE
        WHEN (NEW.parent_id IS NULL) <> (char_length(NEW.code) = 4) THEN 'finance_account_place'
        WHEN above.id IS NOT NULL AND (NOT starts_with(NEW.code, above.code) OR above.is_leaf
            OR (NEW.ledger_id, NEW.half, NEW.category) <> (above.ledger_id, above.half, above.category)
            OR (NEW.use = 'no') <> (above.use = 'no'))
            THEN 'finance_account_place'
        WHEN (NEW.is_money, NEW.never_negative)
            <> (left(NEW.code, 4) IN ('1001', '1002', '1011', '1021'), NEW.is_money)
            OR NEW.bound_book <> (NEW.is_leaf AND left(NEW.code, 4) IN ('1001', '1002'))
            THEN 'finance_account_money'
    END);
    RETURN NULL;
END;
$$;

CREATE TRIGGER finance_account_place_guard
    AFTER INSERT ON finance_account FOR EACH ROW EXECUTE FUNCTION finance_check_account_place();

CREATE TRIGGER finance_account_place_fixed
    AFTER UPDATE OF parent_id, is_leaf ON finance_account FOR EACH ROW
    WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id OR NEW.is_leaf AND NOT OLD.is_leaf)
    EXECUTE FUNCTION finance_refuse_row('finance_account_fixed');

-- An account that is posted to gets its head with it, at nothing. Runs as the owner: the application only reads heads.
CREATE FUNCTION finance_make_head() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO finance_accounthead (
        ledger_id, account_id, position, balance, year, page, line, day_entries, month_entries,
        day_debit, day_credit, month_debit, month_credit, year_debit, year_credit
    ) VALUES (NEW.ledger_id, NEW.id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    RETURN NULL;
END;
$$;

CREATE TRIGGER finance_account_head
    AFTER INSERT ON finance_account FOR EACH ROW WHEN (NEW.is_leaf) EXECUTE FUNCTION finance_make_head();

-- Note where the chain of a ledger stands; say whether that was not noted yet. Nobody else notes heads.
CREATE FUNCTION finance_note_head(book bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO finance_chainhead (ledger_id, position, hash, noted_at)
    SELECT id, chain_position, chain_head, clock_timestamp() FROM finance_ledger WHERE id = book AND chain_position > 0
    ON CONFLICT (ledger_id, position) DO NOTHING;
    RETURN FOUND;
END;
$$;

-- A month begins open, where the month before it ends or the books begin, and at most in the second year after the one
-- that was carried forward last.
CREATE FUNCTION finance_check_new_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    book finance_ledger%ROWTYPE;
    before date := make_date(NEW.year, NEW.month, 1) - 1;
BEGIN
    SELECT * INTO book FROM finance_ledger WHERE id = NEW.ledger_id;
    PERFORM finance_ledger_refuse(CASE
        WHEN NEW.state <> 'open' THEN 'finance_period_begins_open'
        WHEN NEW.year > coalesce(book.carried_through, book.year_opened - 1) + 2 THEN 'finance_period_too_early'
        WHEN (NEW.year, NEW.month) <> (extract(year FROM book.opened_on), extract(month FROM book.opened_on))
            AND NOT EXISTS (
                SELECT 1 FROM finance_period WHERE ledger_id = NEW.ledger_id
                    AND year = extract(year FROM before) AND month = extract(month FROM before)
            ) THEN 'finance_period_follows'
    END);
    RETURN NULL;
END;
$$;

CREATE TRIGGER finance_period_begins
    AFTER INSERT ON finance_period FOR EACH ROW EXECUTE FUNCTION finance_check_new_period();

-- Whoever closes a month strikes its books and notes the head of the chain.
CREATE FUNCTION finance_strike_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_close_books(NEW.ledger_id, NEW.year, NEW.month);
    PERFORM finance_note_head(NEW.ledger_id);
    RETURN NULL;
END;
$$;

CREATE TRIGGER finance_period_strikes
    AFTER UPDATE OF state ON finance_period
    FOR EACH ROW WHEN (OLD.state = 'open' AND NEW.state = 'closed') EXECUTE FUNCTION finance_strike_closed_month();

-- Years are carried forward one by one, with nothing left of their results; the books turn with it.
CREATE FUNCTION finance_turn_carried_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN NEW.carried_through <> coalesce(OLD.carried_through + 1, NEW.year_opened)
            THEN 'finance_ledger_year_skipped'
        WHEN EXISTS (
            SELECT 1 FROM finance_closedmonth AS sums JOIN finance_account AS account ON account.id = sums.account_id
            WHERE sums.ledger_id = NEW.id AND sums.year = NEW.carried_through AND sums.month = 12 AND sums.balance <> 0
                AND account.category IN ('income', 'expense', 'budget_income', 'budget_expense')
        ) THEN 'finance_ledger_results_left'
    END);
    PERFORM finance_turn_books(NEW.id, NEW.carried_through + 1);
    RETURN NULL;
END;
$$;

-- After the guard of the ledger, by its name.
CREATE TRIGGER finance_ledger_turns
    AFTER UPDATE OF carried_through ON finance_ledger
    FOR EACH ROW WHEN (NEW.carried_through IS DISTINCT FROM OLD.carried_through)
    EXECUTE FUNCTION finance_turn_carried_year();

-- Who may see, review and post a voucher is asked of its school: that of its books.
CREATE FUNCTION finance_check_voucher_school() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN NEW.school_id <> (SELECT school_id FROM finance_ledger WHERE id = NEW.ledger_id)
            THEN 'finance_voucher_other_school'
    END);
    RETURN NULL;
END;
$$;

CREATE TRIGGER finance_voucher_school
    AFTER INSERT ON finance_voucher FOR EACH ROW EXECUTE FUNCTION finance_check_voucher_school();

-- Vouchers are marked as posted by posting alone, which runs as the owner; policies do not bind the owner.
ALTER TABLE finance_voucher ENABLE ROW LEVEL SECURITY;
CREATE POLICY finance_voucher_posting ON finance_voucher USING (true) WITH CHECK (state <> 'posted');
"""

# They run as their owner, so nobody may call them but whom the rights name.
DEFINERS = ("finance_make_head()", "finance_note_head(bigint)")

DROP = """
DROP POLICY finance_voucher_posting ON finance_voucher;
ALTER TABLE finance_voucher DISABLE ROW LEVEL SECURITY;
DROP TRIGGER finance_voucher_school ON finance_voucher;
DROP FUNCTION finance_check_voucher_school();
DROP TRIGGER finance_ledger_turns ON finance_ledger;
DROP FUNCTION finance_turn_carried_year();
DROP TRIGGER finance_period_strikes ON finance_period;
DROP FUNCTION finance_strike_closed_month();
DROP TRIGGER finance_period_begins ON finance_period;
DROP FUNCTION finance_check_new_period();
DROP FUNCTION finance_note_head(bigint);
DROP TRIGGER finance_account_head ON finance_account;
DROP FUNCTION finance_make_head();
DROP TRIGGER finance_account_place_fixed ON finance_account;
DROP TRIGGER finance_account_place_guard ON finance_account;
DROP FUNCTION finance_check_account_place();
DROP TRIGGER finance_ledger_begins ON finance_ledger;
DROP FUNCTION finance_refuse_row();
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0013_posting_in_one_pass")]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        *[
            migrations.RunSQL(f"REVOKE ALL ON FUNCTION {one} FROM PUBLIC", migrations.RunSQL.noop) for one in DEFINERS
        ],
    ]

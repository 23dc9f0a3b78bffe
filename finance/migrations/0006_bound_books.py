"""The functions that write the bound books; each runs under the lock of the ledger's row."""

from django.db import migrations

BOOKS = """
-- One line in a bound book. The last line of a page is kept for carrying over, which is written when another one comes.
CREATE FUNCTION finance_book_write(
    INOUT head finance_accounthead, lines integer, kind text, entry bigint, day date,
    debit numeric, credit numeric, balance numeric
) LANGUAGE plpgsql AS $$
BEGIN
    IF head.line >= lines - 1 THEN
        INSERT INTO finance_bookline (ledger_id, account_id, year, page, line, kind, date, debit, credit, balance)
        VALUES
            (head.ledger_id, head.account_id, head.year, head.page, lines, 'carried_over',
             head.last_date, head.month_debit, head.month_credit, head.balance),
            (head.ledger_id, head.account_id, head.year, head.page + 1, 1, 'brought_forward',
             head.last_date, head.month_debit, head.month_credit, head.balance);
        head.page := head.page + 1;
        head.line := 1;
    END IF;
    head.line := head.line + 1;
    INSERT INTO finance_bookline (ledger_id, account_id, year, page, line, kind, entry_id, date, debit, credit, balance)
    VALUES (head.ledger_id, head.account_id, head.year, head.page, head.line, kind, entry, day, debit, credit, balance);
END;
$$;

-- 本日合计, when the day had several entries.
CREATE FUNCTION finance_book_strike_day(INOUT head finance_accounthead, lines integer) LANGUAGE plpgsql AS $$
BEGIN
    IF head.day_entries > 1 THEN
        head := finance_book_write(
            head, lines, 'day_total', NULL, head.last_date, head.day_debit, head.day_credit, head.balance);
    END IF;
    head.day_entries := 0;
    head.day_debit := 0;
    head.day_credit := 0;
END;
$$;

-- 本月合计 and 本年累计, when the month had entries.
CREATE FUNCTION finance_book_strike_month(INOUT head finance_accounthead, lines integer) LANGUAGE plpgsql AS $$
DECLARE
    ends date := (date_trunc('month', head.last_date) + interval '1 month - 1 day')::date;
BEGIN
    head := finance_book_strike_day(head, lines);
    IF head.month_entries > 0 THEN
        head := finance_book_write(
            head, lines, 'month_total', NULL, ends, head.month_debit, head.month_credit, head.balance);
        head := finance_book_write(
            head, lines, 'year_total', NULL, ends, head.year_debit, head.year_credit, head.balance);
    END IF;
    head.month_entries := 0;
    head.month_debit := 0;
    head.month_credit := 0;
END;
$$;

-- 结转下年, and 上年结转 as the first line of the next year's book, until the book of that year is begun.
CREATE FUNCTION finance_book_turn(INOUT head finance_accounthead, lines integer, to_year integer) LANGUAGE plpgsql AS $$
BEGIN
    WHILE head.year < to_year LOOP
        head := finance_book_strike_month(head, lines);
        head := finance_book_write(
            head, lines, 'next_year', NULL, make_date(head.year, 12, 31), 0, 0, head.balance);
        head.year := head.year + 1;
        head.page := 1;
        head.line := 0;
        head.year_debit := 0;
        head.year_credit := 0;
        head := finance_book_write(
            head, lines, 'opening', NULL, make_date(head.year, 1, 1), 0, 0, head.balance);
    END LOOP;
END;
$$;

-- Strike what the coming entry's date ends: a day, a month, a year.
CREATE FUNCTION finance_book_advance(INOUT head finance_accounthead, lines integer, day date) LANGUAGE plpgsql AS $$
BEGIN
    IF head.page = 0 THEN
        head.year := extract(year FROM day);
        head.page := 1;
    ELSIF extract(year FROM day) > head.year THEN
        head := finance_book_turn(head, lines, extract(year FROM day)::integer);
    ELSIF date_trunc('month', day) > date_trunc('month', head.last_date) THEN
        head := finance_book_strike_month(head, lines);
    ELSIF day > head.last_date THEN
        head := finance_book_strike_day(head, lines);
    END IF;
END;
$$;

-- Write an entry in a bound book; opening balances stand there as 上年结转 and count in no sum.
CREATE FUNCTION finance_book_enter(
    INOUT head finance_accounthead, lines integer, kind text, entry bigint, day date,
    debit numeric, credit numeric, balance numeric
) LANGUAGE plpgsql AS $$
BEGIN
    IF head.page = 0 OR day > head.last_date THEN
        head := finance_book_advance(head, lines, day);
    END IF;
    IF kind = 'opening' THEN
        head := finance_book_write(head, lines, 'opening', entry, day, 0, 0, balance);
        RETURN;
    END IF;
    head := finance_book_write(head, lines, 'entry', entry, day, debit, credit, balance);
    head.day_entries := head.day_entries + 1;
    head.day_debit := head.day_debit + debit;
    head.day_credit := head.day_credit + credit;
    head.month_entries := head.month_entries + 1;
    head.month_debit := head.month_debit + debit;
    head.month_credit := head.month_credit + credit;
    head.year_debit := head.year_debit + debit;
    head.year_credit := head.year_credit + credit;
END;
$$;

-- Assign what it returns: PERFORM would run a query of its own around the call.
CREATE FUNCTION finance_save_heads(INOUT heads finance_accounthead[]) LANGUAGE plpgsql AS $$
BEGIN
    UPDATE finance_accounthead AS kept SET
        position = head.position, balance = head.balance, last_date = head.last_date,
        year = head.year, page = head.page, line = head.line,
        day_entries = head.day_entries, day_debit = head.day_debit, day_credit = head.day_credit,
        month_entries = head.month_entries, month_debit = head.month_debit, month_credit = head.month_credit,
        year_debit = head.year_debit, year_credit = head.year_credit
    FROM unnest(heads) AS head WHERE kept.id = head.id;
END;
$$;

-- A month is closed: strike it in every bound book that stands in it.
CREATE FUNCTION finance_close_books(book bigint, closed_year integer, closed_month integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    lines integer;
    head finance_accounthead%ROWTYPE;
    heads finance_accounthead[] := '{}';
BEGIN
    SELECT lines_per_page INTO lines FROM finance_ledger WHERE id = book FOR NO KEY UPDATE;
    PERFORM finance_ledger_refuse(CASE WHEN NOT EXISTS (
        SELECT 1 FROM finance_period
        WHERE ledger_id = book AND year = closed_year AND month = closed_month AND state = 'closed'
    ) THEN 'finance_books_month_open' END);
    FOR head IN
        SELECT * FROM finance_accounthead
        WHERE ledger_id = book AND page > 0 AND month_entries > 0
            AND date_trunc('month', last_date) = make_date(closed_year, closed_month, 1)
        ORDER BY account_id
    LOOP
        heads := heads || finance_book_strike_month(head, lines);
    END LOOP;
    heads := finance_save_heads(heads);
END;
$$;

-- A year is carried forward: turn every bound book to the next one.
CREATE FUNCTION finance_turn_books(book bigint, to_year integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    lines integer;
    carried integer;
    head finance_accounthead%ROWTYPE;
    heads finance_accounthead[] := '{}';
BEGIN
    SELECT lines_per_page, carried_through INTO lines, carried FROM finance_ledger WHERE id = book FOR NO KEY UPDATE;
    PERFORM finance_ledger_refuse(CASE WHEN carried IS DISTINCT FROM to_year - 1
        THEN 'finance_books_year_not_carried' END);
    FOR head IN
        SELECT * FROM finance_accounthead WHERE ledger_id = book AND page > 0 AND year < to_year ORDER BY account_id
    LOOP
        heads := heads || finance_book_turn(head, lines, to_year);
    END LOOP;
    heads := finance_save_heads(heads);
END;
$$;
"""

# These run as their owner, so nobody may call them but whom the rights name.
DEFINERS = ("finance_close_books(bigint, integer, integer)", "finance_turn_books(bigint, integer)")

DROP = """
DROP FUNCTION finance_turn_books(bigint, integer);
DROP FUNCTION finance_close_books(bigint, integer, integer);
DROP FUNCTION finance_save_heads(finance_accounthead[]);
DROP FUNCTION finance_book_enter(finance_accounthead, integer, text, bigint, date, numeric, numeric, numeric);
DROP FUNCTION finance_book_advance(finance_accounthead, integer, date);
DROP FUNCTION finance_book_turn(finance_accounthead, integer, integer);
DROP FUNCTION finance_book_strike_month(finance_accounthead, integer);
DROP FUNCTION finance_book_strike_day(finance_accounthead, integer);
DROP FUNCTION finance_book_write(finance_accounthead, integer, text, bigint, date, numeric, numeric, numeric);
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0005_ledger_guards")]

    operations = [
        migrations.RunSQL(BOOKS, DROP),
        *[
            migrations.RunSQL(f"REVOKE ALL ON FUNCTION {one} FROM PUBLIC", migrations.RunSQL.noop) for one in DEFINERS
        ],
    ]

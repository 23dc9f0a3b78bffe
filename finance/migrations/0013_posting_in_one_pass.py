"""Posting reads the lines of a voucher once, and asks the database for as little as it can."""

from importlib import import_module

from django.db import migrations

BOOKS = """
-- Begin the next page where only the line for carrying over is left on this one.
CREATE FUNCTION finance_book_turn_page(INOUT head finance_accounthead, lines integer) LANGUAGE plpgsql AS $$
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
END;
$$;

-- One line in a bound book. The last line of a page is kept for carrying over, which is written when another one comes.
CREATE OR REPLACE FUNCTION finance_book_write(
    INOUT head finance_accounthead, lines integer, kind text, entry bigint, day date,
    debit numeric, credit numeric, balance numeric
) LANGUAGE plpgsql AS $$
BEGIN
    head := finance_book_turn_page(head, lines);
    head.line := head.line + 1;
    INSERT INTO finance_bookline (ledger_id, account_id, year, page, line, kind, entry_id, date, debit, credit, balance)
    VALUES (head.ledger_id, head.account_id, head.year, head.page, head.line, kind, entry, day, debit, credit, balance);
END;
$$;
"""

POSTING = """
-- Refuse a payment out of fees that are still to be paid in (F01, S123): what was collected for the treasury and is not
-- paid in yet has to be there in money, beside what is only billed.
CREATE OR REPLACE FUNCTION finance_check_fees(book bigint, heads finance_accounthead[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    own numeric;
BEGIN
    SELECT sum(coalesce(now.balance, head.balance)) INTO own
        FROM finance_account AS account JOIN finance_accounthead AS head ON head.account_id = account.id
        LEFT JOIN unnest(heads) AS now ON now.id = head.id
        WHERE account.ledger_id = book
            AND (account.is_money OR account.code LIKE '2103%' OR account.code LIKE '1212%');
    IF own < 0 THEN
        PERFORM finance_refuse_posting('fees_spent', (-own)::text);
    END IF;
END;
$$;

-- Refuse a write-off that is not its posting in red, a correction that does not follow its write-off at once, and
-- either of them before the day of what they undo or in another year.
CREATE FUNCTION finance_check_undoing(
    book bigint, chain_position bigint, voucher bigint, day date, reverses bigint, corrects bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wrong_day date;
BEGIN
    SELECT date INTO wrong_day FROM finance_posting WHERE id = coalesce(reverses, corrects);
    IF extract(year FROM wrong_day) <> extract(year FROM day) THEN
        PERFORM finance_refuse_posting('earlier_year');
    ELSIF wrong_day > day THEN
        PERFORM finance_refuse_posting('date_goes_back', wrong_day::text);
    ELSIF corrects IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM finance_posting
        WHERE reverses_id = corrects AND ledger_id = book AND position = chain_position
    ) THEN
        PERFORM finance_refuse_posting('not_written_off');
    ELSIF reverses IS NOT NULL AND EXISTS (
        SELECT 1
        FROM (SELECT * FROM finance_entry WHERE posting_id = reverses) AS wrong
        FULL JOIN (SELECT * FROM finance_voucherline WHERE voucher_id = voucher) AS red ON red.position = wrong.line
        WHERE (red.account_id, red.debit, red.credit)
            IS DISTINCT FROM (wrong.account_id, -wrong.debit, -wrong.credit)
    ) THEN
        PERFORM finance_refuse_posting('not_red');
    END IF;
END;
$$;

-- Post vouchers of one ledger in the order of the array, all or none; the ledger's row is the lock. `settle` is for a
-- write-off and what is put right for it: whether money is short is judged after both alone. `trail` has what is logged
-- for each voucher, or is null where the caller logs something else.
-- Nobody else writes books: this runs as the owner of the tables, and the application may only read them.
-- It is long because it is one: each function, each query and each expression more is paid for with every posting,
-- under the lock (benchmarks/README.md). For each voucher it takes the voucher, finds its place, walks its lines once,
-- judges them, and writes entries and posting; after the last one it writes heads and ledger. Heads wait in an array
-- until then, since a row that is changed again and again in one transaction costs more each time.
CREATE OR REPLACE FUNCTION finance_post(
    book_id bigint, vouchers bigint[], poster bigint, settle boolean DEFAULT false, trail jsonb DEFAULT NULL
)
RETURNS SETOF finance_posting LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
-- Every row is read by its key: plans are made once, and never for the few rows that a table has at first.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    -- The ledger, the voucher and a line of it; its posting and an entry.
    book record;
    paper record;
    item record;
    made finance_posting%ROWTYPE;
    entry finance_entry%ROWTYPE;
    month_state text;
    -- The accounts met so far, of all vouchers, and in the same places where they stand now.
    accounts bigint[] := '{}';
    heads finance_accounthead[] := '{}';
    place integer;
    head finance_accounthead%ROWTYPE;
    -- The voucher's entries by line, and what their fingerprint and their counter accounts need beside them.
    entries finance_entry[];
    codes text[];
    sides integer[];
    canon text;
    -- Accounts by side, and the last one of each: debit and credit of the financial half, then of the budget half.
    labels text[];
    latest text[];
    lines integer;
    -- What is left of debit less credit in each half.
    financial numeric;
    budget numeric;
    -- What moves of money, and of money less the fees that it holds for the treasury; of a pair together.
    money numeric := 0;
    own numeric := 0;
    has_fees boolean;
    met_fees boolean := false;
    has_results boolean;
    -- The first account that may not be posted to so, by what is wrong with it.
    closed text;
    unfit text;
    late text;
    short text;
    words jsonb;
BEGIN
    -- Vouchers before the period, the period before the ledger: everybody locks in this order.
    IF cardinality(vouchers) > 1 THEN
        PERFORM 1 FROM finance_voucher WHERE id = ANY(vouchers) ORDER BY id FOR NO KEY UPDATE;
    END IF;
    -- Whoever asks for it, or says nothing (null), has to bring such a pair.
    IF settle IS DISTINCT FROM false THEN
        settle := cardinality(vouchers) = 2
            AND EXISTS (SELECT 1 FROM finance_voucher WHERE id = vouchers[2] AND corrects_id IS NOT NULL);
    END IF;
    FOR step IN 1 .. cardinality(vouchers) LOOP
        -- The voucher: marking it as posted locks it, and tells a second poster that it is.
        UPDATE finance_voucher SET state = 'posted'
            WHERE id = vouchers[step] AND ledger_id = book_id AND state = 'reviewed'
            RETURNING id, kind, date, attachments, prepared_by_id, reviewed_by_id, reverses_id, corrects_id,
                extract(year FROM date)::integer AS year, extract(month FROM date)::integer AS month,
                to_char(date, 'YYYY-MM-DD') AS day
            INTO paper;
        IF NOT FOUND THEN
            PERFORM finance_refuse_posting(CASE WHEN EXISTS (
                SELECT 1 FROM finance_voucher WHERE id = vouchers[step] AND state = 'posted'
            ) THEN 'already_posted' ELSE 'not_reviewed' END);
        END IF;

        -- Its place. The ledger's row is locked with the first voucher, so nobody else takes this number.
        IF book IS NULL THEN
            SELECT school_id, opened_on, lines_per_page, chain_position, chain_head INTO book
                FROM finance_ledger WHERE id = book_id FOR NO KEY UPDATE;
        END IF;
        SELECT (
            SELECT state FROM finance_period
            WHERE ledger_id = book_id AND year = paper.year AND month = paper.month
        ), (
            SELECT coalesce(max(number), 0) + 1 FROM finance_posting
            WHERE ledger_id = book_id AND year = paper.year AND month = paper.month AND kind = paper.kind
        ) INTO month_state, made.number;
        IF paper.kind = 'opening' THEN
            IF book.chain_position > 0 THEN
                PERFORM finance_refuse_posting('opening_late');
            ELSIF paper.date <> book.opened_on THEN
                PERFORM finance_refuse_posting('opening_date', book.opened_on::text);
            END IF;
        END IF;
        IF month_state IS DISTINCT FROM 'open' THEN
            PERFORM finance_refuse_posting(
                CASE WHEN month_state IS NULL THEN 'period_missing' ELSE 'period_closed' END);
        ELSIF paper.reverses_id IS NOT NULL OR paper.corrects_id IS NOT NULL THEN
            PERFORM finance_check_undoing(
                book_id, book.chain_position, paper.id, paper.date, paper.reverses_id, paper.corrects_id);
        END IF;
        made.id := nextval('finance_posting_id_seq');
        made.position := book.chain_position + 1;

        -- Its lines, as entries of their accounts and lines of bound books: by account, and there in their order.
        -- What is wrong with one is kept in mind and refused after the last, the worst first; lines of bound books that
        -- are written until then go back with the refusal.
        entries := '{}';
        codes := '{}';
        sides := '{}';
        labels := '{NULL, NULL, NULL, NULL}';
        latest := labels;
        lines := 0;
        financial := 0;
        budget := 0;
        has_fees := false;
        has_results := false;
        IF NOT settle THEN
            money := 0;
            own := 0;
        END IF;
        entry.posting_id := made.id;
        entry.ledger_id := book_id;
        entry.date := paper.date;
        FOR item IN
            SELECT line.position, line.summary, line.debit, line.credit, line.debit - line.credit AS change,
                CASE account.half WHEN 'financial' THEN 1 ELSE 3 END + (line.debit = 0)::integer AS side,
                account.id AS account, account.code, account.counter_label, account.bound_book,
                account.is_money, account.never_negative, account.closed,
                account.is_leaf AND account.ledger_id = book_id AS fits,
                account.code LIKE '2103%' AS is_fees,
                account.is_money OR account.code LIKE '2103%' OR account.code LIKE '1212%' AS is_own,
                account.half = 'budget' OR account.category IN ('income', 'expense') AS is_result,
                stood AS head
            FROM finance_voucherline AS line JOIN finance_account AS account ON account.id = line.account_id
            LEFT JOIN finance_accounthead AS stood ON stood.account_id = line.account_id
            WHERE line.voucher_id = paper.id ORDER BY account.code, line.position
        LOOP
            lines := lines + 1;
            IF item.side <= 2 THEN
                financial := financial + item.change;
            ELSE
                budget := budget + item.change;
            END IF;
            IF item.closed THEN
                closed := coalesce(closed, item.code);
            ELSIF NOT item.fits THEN
                unfit := coalesce(unfit, item.code);
            END IF;
            IF item.is_fees THEN
                has_fees := true;
                met_fees := true;
            END IF;
            IF item.is_result THEN
                has_results := true;
            END IF;
            -- By code, so accounts that share a label follow each other.
            IF latest[item.side] IS DISTINCT FROM item.counter_label THEN
                labels[item.side] := concat_ws('、', labels[item.side], item.counter_label);
                latest[item.side] := item.counter_label;
            END IF;

            -- Where the account stands: as it was read, unless an earlier line or voucher has moved it.
            place := array_position(accounts, item.account);
            IF place IS NULL THEN
                head := item.head;
                place := cardinality(accounts) + 1;
                accounts[place] := item.account;
            ELSE
                head := heads[place];
            END IF;
            -- Money is its own, too, so most lines ask once. Red takes money out on the debit side.
            IF item.is_own THEN
                own := own + item.change;
                IF item.is_money THEN
                    money := money + item.change;
                    IF head.last_date > paper.date THEN
                        late := coalesce(late, item.code || ' ' || head.last_date);
                    END IF;
                END IF;
            END IF;

            -- The entry; its counter accounts are known after the last line.
            head.position := head.position + 1;
            entry.id := nextval('finance_entry_id_seq');
            entry.account_id := item.account;
            entry.line := item.position;
            entry.position := head.position;
            entry.summary := item.summary;
            entry.debit := item.debit;
            entry.credit := item.credit;
            entry.balance := head.balance + item.change;
            entries[entry.line] := entry;
            codes[entry.line] := item.code;
            sides[entry.line] := item.side;
            IF item.never_negative AND entry.balance < 0 AND NOT settle THEN
                short := coalesce(short, item.code || ' ' || head.balance);
            END IF;

            -- The line of the bound book, after what its day ends and on the page where it has room.
            IF item.bound_book THEN
                IF head.page = 0 OR paper.date > head.last_date THEN
                    head := finance_book_advance(head, book.lines_per_page, paper.date);
                END IF;
                IF paper.kind = 'opening' THEN
                    -- Opening balances stand there as 上年结转 and count in no sum.
                    head := finance_book_write(
                        head, book.lines_per_page, 'opening', entry.id, paper.date, 0, 0, entry.balance);
                ELSE
                    IF head.line >= book.lines_per_page - 1 THEN
                        head := finance_book_turn_page(head, book.lines_per_page);
                    END IF;
                    head.line := head.line + 1;
                    INSERT INTO finance_bookline (
                        ledger_id, account_id, year, page, line, kind, entry_id, date, debit, credit, balance
                    ) VALUES (
                        book_id, item.account, head.year, head.page, head.line, 'entry', entry.id, paper.date,
                        item.debit, item.credit, entry.balance
                    );
                    head.day_entries := head.day_entries + 1;
                    head.day_debit := head.day_debit + item.debit;
                    head.day_credit := head.day_credit + item.credit;
                    head.month_entries := head.month_entries + 1;
                    head.month_debit := head.month_debit + item.debit;
                    head.month_credit := head.month_credit + item.credit;
                    head.year_debit := head.year_debit + item.debit;
                    head.year_credit := head.year_credit + item.credit;
                END IF;
            END IF;

            head.balance := entry.balance;
            head.last_date := greatest(head.last_date, paper.date);
            heads[place] := head;
        END LOOP;

        -- Lines are numbered from 1 on without gaps; only a hand that goes past the application does it otherwise.
        IF financial <> 0 OR budget <> 0 OR lines < 2 OR array_upper(entries, 1) <> lines THEN
            PERFORM finance_refuse_posting('unbalanced', concat_ws(' ', financial, budget));
        ELSIF closed IS NOT NULL THEN
            PERFORM finance_refuse_posting('account_closed', closed);
        ELSIF unfit IS NOT NULL THEN
            PERFORM finance_refuse_posting('account_not_leaf', unfit);
        ELSIF has_fees AND has_results AND paper.kind <> 'opening' THEN
            -- Opening balances name everything there is, fees beside the rest.
            PERFORM finance_refuse_posting('fees_mixed');
        ELSIF late IS NOT NULL THEN
            PERFORM finance_refuse_posting('date_goes_back', late);
        ELSIF short IS NOT NULL THEN
            PERFORM finance_refuse_posting('negative_money', short);
        END IF;

        -- Its entries, with their counter accounts and the text that the posting's hash is taken of (ledger/verify.py).
        canon := '';
        FOR line IN 1 .. lines LOOP
            entry := entries[line];
            -- The other side of the same half: 1 and 2, 3 and 4.
            entry.counter := left(coalesce(labels[sides[line] - 1 + 2 * (sides[line] % 2)], ''), 200);
            entries[line] := entry;
            canon := canon || E'\\n' || concat_ws('|', line, entry.id, entry.account_id, codes[line], entry.position,
                paper.day, entry.debit, entry.credit, entry.balance,
                char_length(entry.summary) || ':' || entry.summary, char_length(entry.counter) || ':' || entry.counter);
        END LOOP;
        INSERT INTO finance_entry SELECT one.* FROM unnest(entries) AS one;

        -- Only what takes money out can spend fees, and most schools never held any. Of a pair the second is judged.
        IF money < 0 AND own < 0 AND (NOT settle OR step = 2) AND (met_fees OR EXISTS (
            SELECT 1 FROM finance_account AS account
            WHERE account.ledger_id = book_id AND account.code >= '2103' AND account.code < '2104'
                AND (SELECT position FROM finance_accounthead WHERE account_id = account.id) > 0
        )) THEN
            PERFORM finance_check_fees(book_id, heads);
        END IF;

        -- The posting, its link in the chain and its row in the action log.
        made.posted_at := clock_timestamp();
        made.hash := encode(sha256(convert_to(concat_ws('|',
            'houqin-ledger-1', book.chain_head, book_id, made.position, made.id, paper.kind, paper.year, paper.month,
            made.number, paper.day, paper.id, paper.attachments, paper.prepared_by_id,
            coalesce(paper.reviewed_by_id, 0), poster,
            to_char(made.posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
            coalesce(paper.reverses_id, 0), coalesce(paper.corrects_id, 0)) || canon, 'UTF8')), 'hex');
        INSERT INTO finance_posting (
            id, ledger_id, position, kind, year, month, number, date, voucher_id, attachments, prepared_by_id,
            reviewed_by_id, posted_by_id, posted_at, reverses_id, corrects_id, previous_hash, hash, format_version
        ) VALUES (
            made.id, book_id, made.position, paper.kind, paper.year, paper.month, made.number, paper.date, paper.id,
            paper.attachments, paper.prepared_by_id, paper.reviewed_by_id, poster, made.posted_at, paper.reverses_id,
            paper.corrects_id, book.chain_head, made.hash, 1
        ) RETURNING * INTO made;
        book.chain_position := made.position;
        book.chain_head := made.hash;
        IF trail IS NOT NULL THEN
            words := trail -> (step - 1);
            INSERT INTO history_actionlog (
                at, user_id, school_id, code, result, record_kind, record_id, record_name, detail, address, device, path
            ) VALUES (
                made.posted_at, poster, book.school_id, words ->> 'code', 'done', 'finance.voucher', paper.id,
                words ->> 'record_name', replace(words ->> 'detail', '{number}', made.number::text),
                words ->> 'address', words ->> 'device', words ->> 'path'
            );
        END IF;
        RETURN NEXT made;
    END LOOP;

    heads := finance_save_heads(heads);
    UPDATE finance_ledger SET chain_position = book.chain_position, chain_head = book.chain_head WHERE id = book_id;
    IF settle THEN
        SELECT min(account.code || ' ' || one.balance) INTO short
            FROM unnest(heads) AS one JOIN finance_account AS account ON account.id = one.account_id
            WHERE one.balance < 0 AND account.never_negative;
        IF short IS NOT NULL THEN
            PERFORM finance_refuse_posting('negative_money', short);
        END IF;
    END IF;
END;
$$;
"""

DROP = """
DROP FUNCTION finance_post_one(finance_ledger, bigint, bigint, boolean, bigint[], finance_accounthead[]);
DROP FUNCTION finance_log_posting(finance_posting, bigint, jsonb);
DROP FUNCTION finance_check_lines(bigint, bigint, boolean);
DROP FUNCTION finance_book_enter(finance_accounthead, integer, text, bigint, date, numeric, numeric, numeric);
"""
DROP_AGAIN = """
DROP FUNCTION finance_check_undoing(bigint, bigint, bigint, date, bigint, bigint);
DROP FUNCTION finance_book_turn_page(finance_accounthead, integer);
"""


def _as_before(name: str, what: str) -> str:
    """Return the functions of an earlier migration, to put them back in place of these."""
    functions: str = getattr(import_module(f"finance.migrations.{name}"), what)
    return functions.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("finance", "0012_bank_accounts")]

    operations = [
        migrations.RunSQL(BOOKS, _as_before("0006_bound_books", "BOOKS")),
        migrations.RunSQL(POSTING, _as_before("0007_posting", "POSTING")),
        migrations.RunSQL(DROP, DROP_AGAIN),
    ]

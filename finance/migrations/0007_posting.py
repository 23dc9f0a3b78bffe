"""The function that posts vouchers, under the lock of the ledger's row, and its parts."""

from django.db import migrations

POSTING = """
CREATE FUNCTION finance_refuse_posting(code text, about text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'posting refused: % %', code, about USING
        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'finance_post_' || code, DETAIL = about;
END;
$$;

-- Refuse lines that may not be posted; return the counter accounts of each half and side: {fd, fc, bd, bc}.
-- Opening balances (`opens`) name everything there is, fees beside the rest.
CREATE FUNCTION finance_check_lines(book_id bigint, which bigint, opens boolean) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    item record;
    lines integer := 0;
    financial numeric := 0;
    budget numeric := 0;
    closed text;
    unfit text;
    has_fees boolean := false;
    has_results boolean := false;
    place integer;
    labels text[] := '{NULL, NULL, NULL, NULL}';
    latest text[] := '{NULL, NULL, NULL, NULL}';
BEGIN
    FOR item IN
        SELECT line.debit, line.credit, account.code, account.counter_label, account.half, account.category,
            account.closed, account.is_leaf AND account.ledger_id = book_id AS fits
        FROM finance_voucherline AS line JOIN finance_account AS account ON account.id = line.account_id
        WHERE line.voucher_id = which ORDER BY account.code
    LOOP
        lines := lines + 1;
        IF item.half = 'financial' THEN
            financial := financial + item.debit - item.credit;
            place := CASE WHEN item.debit <> 0 THEN 1 ELSE 2 END;
        ELSE
            budget := budget + item.debit - item.credit;
            place := CASE WHEN item.debit <> 0 THEN 3 ELSE 4 END;
        END IF;
        IF item.closed THEN
            closed := coalesce(closed, item.code);
        ELSIF NOT item.fits THEN
            unfit := coalesce(unfit, item.code);
        END IF;
        has_fees := has_fees OR item.code LIKE '2103%';
        has_results := has_results OR item.half = 'budget' OR item.category IN ('income', 'expense');
        -- By code, so accounts that share a label follow each other.
        IF latest[place] IS DISTINCT FROM item.counter_label THEN
            labels[place] := concat_ws('、', labels[place], item.counter_label);
            latest[place] := item.counter_label;
        END IF;
    END LOOP;
    IF financial <> 0 OR budget <> 0 OR lines < 2 THEN
        PERFORM finance_refuse_posting('unbalanced', concat_ws(' ', financial, budget));
    ELSIF closed IS NOT NULL THEN
        PERFORM finance_refuse_posting('account_closed', closed);
    ELSIF unfit IS NOT NULL THEN
        PERFORM finance_refuse_posting('account_not_leaf', unfit);
    ELSIF has_fees AND has_results AND NOT opens THEN
        PERFORM finance_refuse_posting('fees_mixed');
    END IF;
    RETURN labels;
END;
$$;

-- Refuse a payment out of fees that are still to be paid in (F01, S123): what was collected for the treasury and is not
-- paid in yet has to be there in money, beside what is only billed.
CREATE FUNCTION finance_check_fees(book bigint, heads finance_accounthead[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    own numeric;
BEGIN
    -- A few rows by their key; most schools never held fees.
    IF NOT EXISTS (
        SELECT 1 FROM finance_account AS account JOIN finance_accounthead AS head ON head.account_id = account.id
        WHERE account.ledger_id = book AND account.code BETWEEN '2103' AND '21039999' AND head.position > 0
    ) AND NOT EXISTS (
        SELECT 1 FROM unnest(heads) AS head JOIN finance_account AS account ON account.id = head.account_id
        WHERE account.code LIKE '2103%'
    ) THEN
        RETURN;
    END IF;
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

-- Post one voucher. `settle` leaves the judgement over money below zero to the end of the transaction. `accounts` and
-- `heads` are the heads that this call of `finance_post` has met: it writes them when all is posted, since a row that is
-- changed again and again in one transaction costs more each time.
CREATE FUNCTION finance_post_one(
    book finance_ledger, which bigint, poster bigint, settle boolean,
    INOUT accounts bigint[], INOUT heads finance_accounthead[], OUT made finance_posting
) LANGUAGE plpgsql AS $$
DECLARE
    paper record;
    head finance_accounthead%ROWTYPE;
    place integer;
    entry finance_entry%ROWTYPE;
    entries finance_entry[] := '{}';
    month_state text;
    counters text[];
    item record;
    day text;
    canon text := '';
    change numeric;
    -- What the voucher moves of money, and of money beside the fees that it holds.
    money numeric := 0;
    own numeric := 0;
BEGIN
    UPDATE finance_voucher SET state = 'posted' WHERE id = which AND ledger_id = book.id AND state = 'reviewed'
        RETURNING kind, date, attachments, prepared_by_id, reviewed_by_id, reverses_id, corrects_id INTO paper;
    IF NOT FOUND THEN
        PERFORM finance_refuse_posting(CASE WHEN EXISTS (
            SELECT 1 FROM finance_voucher WHERE id = which AND state = 'posted'
        ) THEN 'already_posted' ELSE 'not_reviewed' END);
    END IF;
    made.year := extract(year FROM paper.date);
    made.month := extract(month FROM paper.date);
    SELECT state INTO month_state FROM finance_period
        WHERE ledger_id = book.id AND year = made.year AND month = made.month;
    IF paper.kind = 'opening' AND book.chain_position > 0 THEN
        PERFORM finance_refuse_posting('opening_late');
    ELSIF paper.kind = 'opening' AND paper.date <> book.opened_on THEN
        PERFORM finance_refuse_posting('opening_date', book.opened_on::text);
    ELSIF month_state IS DISTINCT FROM 'open' THEN
        PERFORM finance_refuse_posting(CASE WHEN month_state IS NULL THEN 'period_missing' ELSE 'period_closed' END);
    END IF;
    IF paper.corrects_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM finance_posting WHERE reverses_id = paper.corrects_id AND ledger_id = book.id
            AND position = book.chain_position
    ) THEN
        PERFORM finance_refuse_posting('not_written_off');
    ELSIF paper.reverses_id IS NOT NULL AND EXISTS (
        SELECT 1
        FROM (SELECT * FROM finance_entry WHERE posting_id = paper.reverses_id) AS wrong
        FULL JOIN (SELECT * FROM finance_voucherline WHERE voucher_id = which) AS red ON red.position = wrong.line
        WHERE (red.account_id, red.debit, red.credit)
            IS DISTINCT FROM (wrong.account_id, -wrong.debit, -wrong.credit)
    ) THEN
        PERFORM finance_refuse_posting('not_red');
    END IF;
    counters := finance_check_lines(book.id, which, paper.kind = 'opening');
    made.id := nextval('finance_posting_id_seq');
    made.position := book.chain_position + 1;
    -- The ledger's row is locked, so nobody else takes this number.
    SELECT coalesce(max(number), 0) + 1 INTO made.number FROM finance_posting
        WHERE ledger_id = book.id AND year = made.year AND month = made.month AND kind = paper.kind;
    day := to_char(paper.date, 'YYYY-MM-DD');
    FOR item IN
        SELECT line.position, line.summary, line.debit, line.credit, line.account_id, account.code, account.half,
            account.is_money, account.never_negative, account.bound_book
        FROM finance_voucherline AS line JOIN finance_account AS account ON account.id = line.account_id
        WHERE line.voucher_id = which ORDER BY line.position
    LOOP
        place := array_position(accounts, item.account_id);
        IF place IS NULL THEN
            SELECT * INTO STRICT head FROM finance_accounthead WHERE account_id = item.account_id;
            accounts := accounts || item.account_id;
            heads := heads || head;
            place := cardinality(accounts);
        ELSE
            head := heads[place];
        END IF;
        IF item.is_money AND head.last_date > paper.date THEN
            PERFORM finance_refuse_posting('date_goes_back', item.code || ' ' || head.last_date);
        ELSIF item.never_negative AND head.balance + item.debit - item.credit < 0 AND NOT settle THEN
            PERFORM finance_refuse_posting('negative_money', item.code || ' ' || head.balance);
        END IF;
        -- Red takes money out on the debit side.
        change := item.debit - item.credit;
        money := money + CASE WHEN item.is_money THEN change ELSE 0 END;
        own := own + CASE WHEN item.is_money OR item.code LIKE '2103%' OR item.code LIKE '1212%' THEN change ELSE 0 END;
        head.position := head.position + 1;
        entry.id := nextval('finance_entry_id_seq');
        entry.posting_id := made.id;
        entry.ledger_id := book.id;
        entry.account_id := item.account_id;
        entry.line := item.position;
        entry.position := head.position;
        entry.date := paper.date;
        entry.summary := item.summary;
        entry.counter := left(coalesce(counters[
            CASE item.half WHEN 'financial' THEN 1 ELSE 3 END + CASE WHEN item.debit <> 0 THEN 1 ELSE 0 END], ''), 200);
        entry.debit := item.debit;
        entry.credit := item.credit;
        entry.balance := head.balance + item.debit - item.credit;
        entries := entries || entry;
        canon := canon || E'\\n' || concat_ws('|', entry.line, entry.id, entry.account_id, item.code, entry.position,
            day, entry.debit, entry.credit, entry.balance,
            char_length(entry.summary) || ':' || entry.summary, char_length(entry.counter) || ':' || entry.counter);
        IF item.bound_book THEN
            head := finance_book_enter(
                head, book.lines_per_page, paper.kind, entry.id, paper.date, entry.debit, entry.credit, entry.balance);
        END IF;
        head.balance := entry.balance;
        head.last_date := greatest(head.last_date, paper.date);
        heads[place] := head;
    END LOOP;
    INSERT INTO finance_entry SELECT one.* FROM unnest(entries) AS one;
    IF money < 0 AND own < 0 AND NOT settle THEN
        PERFORM finance_check_fees(book.id, heads);
    END IF;
    made.posted_at := clock_timestamp();
    made.hash := encode(sha256(convert_to(concat_ws('|',
        'houqin-ledger-1', book.chain_head, book.id, made.position, made.id, paper.kind, made.year, made.month,
        made.number, day, which, paper.attachments, paper.prepared_by_id, coalesce(paper.reviewed_by_id, 0), poster,
        to_char(made.posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        coalesce(paper.reverses_id, 0), coalesce(paper.corrects_id, 0)) || canon, 'UTF8')), 'hex');
    INSERT INTO finance_posting (
        id, ledger_id, position, kind, year, month, number, date, voucher_id, attachments, prepared_by_id,
        reviewed_by_id, posted_by_id, posted_at, reverses_id, corrects_id, previous_hash, hash, format_version
    ) VALUES (
        made.id, book.id, made.position, paper.kind, made.year, made.month, made.number, paper.date, which,
        paper.attachments, paper.prepared_by_id, paper.reviewed_by_id, poster, made.posted_at, paper.reverses_id,
        paper.corrects_id, book.chain_head, made.hash, 1
    ) RETURNING * INTO made;
END;
$$;

-- Write a posting's row in the action log, in the words that the application has for it.
CREATE FUNCTION finance_log_posting(made finance_posting, of_school bigint, trail jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO history_actionlog (
        at, user_id, school_id, code, result, record_kind, record_id, record_name, detail, address, device, path
    ) VALUES (
        made.posted_at, made.posted_by_id, of_school, trail ->> 'code', 'done', 'finance.voucher', made.voucher_id,
        trail ->> 'record_name', replace(trail ->> 'detail', '{number}', made.number::text), trail ->> 'address',
        trail ->> 'device', trail ->> 'path'
    );
    RETURN true;
END;
$$;

-- Post vouchers of one ledger as they stand in the array; the ledger's row is the lock. `trail` has what is logged for
-- each of them, or is null where the caller logs something else.
-- Nobody else writes books: this runs as the owner of the tables, and the application may only read them.
CREATE FUNCTION finance_post(
    book_id bigint, vouchers bigint[], poster bigint, settle boolean DEFAULT false, trail jsonb DEFAULT NULL
)
RETURNS SETOF finance_posting LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
-- Every row is read by its key: plans are made once, and never for the few rows that a table has at first.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    book finance_ledger%ROWTYPE;
    made finance_posting%ROWTYPE;
    step record;
    accounts bigint[] := '{}';
    heads finance_accounthead[] := '{}';
    short text;
    logged boolean;
BEGIN
    -- Vouchers before the period, the period before the ledger: everybody locks in this order.
    PERFORM 1 FROM finance_voucher WHERE id = ANY(vouchers) ORDER BY id FOR NO KEY UPDATE;
    SELECT * INTO book FROM finance_ledger WHERE id = book_id FOR NO KEY UPDATE;
    -- Between a write-off and what is put right for it alone may money be short.
    IF settle THEN
        settle := cardinality(vouchers) = 2
            AND EXISTS (SELECT 1 FROM finance_voucher WHERE id = vouchers[2] AND corrects_id IS NOT NULL);
    END IF;
    FOR place IN 1 .. cardinality(vouchers) LOOP
        step := finance_post_one(book, vouchers[place], poster, settle, accounts, heads);
        accounts := step.accounts;
        heads := step.heads;
        made := step.made;
        book.chain_position := made.position;
        book.chain_head := made.hash;
        IF trail IS NOT NULL THEN
            logged := finance_log_posting(made, book.school_id, trail -> (place - 1));
        END IF;
        RETURN NEXT made;
    END LOOP;
    heads := finance_save_heads(heads);
    UPDATE finance_ledger SET chain_position = book.chain_position, chain_head = book.chain_head WHERE id = book.id;
    IF settle THEN
        SELECT min(account.code || ' ' || head.balance) INTO short
            FROM finance_accounthead AS head JOIN finance_account AS account ON account.id = head.account_id
            WHERE head.ledger_id = book.id AND head.balance < 0 AND account.never_negative;
        IF short IS NOT NULL THEN
            PERFORM finance_refuse_posting('negative_money', short);
        END IF;
        PERFORM finance_check_fees(book.id, heads);
    END IF;
END;
$$;
"""

# It runs as its owner, so nobody may call it but whom the rights name.
DEFINERS = ("finance_post(bigint, bigint[], bigint, boolean, jsonb)",)

DROP = """
DROP FUNCTION finance_post(bigint, bigint[], bigint, boolean, jsonb);
DROP FUNCTION finance_log_posting(finance_posting, bigint, jsonb);
DROP FUNCTION finance_post_one(finance_ledger, bigint, bigint, boolean, bigint[], finance_accounthead[]);
DROP FUNCTION finance_check_fees(bigint, finance_accounthead[]);
DROP FUNCTION finance_check_lines(bigint, bigint, boolean);
DROP FUNCTION finance_refuse_posting(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0006_bound_books")]

    operations = [
        migrations.RunSQL(POSTING, DROP),
        *[
            migrations.RunSQL(f"REVOKE ALL ON FUNCTION {one} FROM PUBLIC", migrations.RunSQL.noop) for one in DEFINERS
        ],
    ]

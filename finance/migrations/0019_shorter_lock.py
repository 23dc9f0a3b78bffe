"""Posting reads what it can before it locks the ledger, and rows of books are checked in fewer words."""

from decimal import Decimal
from importlib import import_module

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.lookups import Exact

POSTING = r"""
-- A line of a voucher that is posted, and of its account what never changes, and its name as it is then.
CREATE TYPE finance_line_to_post AS (
    position smallint, summary varchar, debit numeric, credit numeric,
    -- Debit and credit of the financial half are 1 and 2, those of the budget half 3 and 4.
    side integer,
    account_id bigint, code varchar, counter_label varchar, bound_book boolean, is_money boolean,
    never_negative boolean, is_fees boolean, is_own boolean, is_result boolean,
    -- Where the account's head stands among the heads.
    head integer
);

-- Refuse accounts that are closed, have others below them, or belong to other books. Which of them it is nobody asks
-- while the ledger is locked.
CREATE FUNCTION finance_check_accounts(book bigint, accounts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    closed text;
    unfit text;
BEGIN
    SELECT min(account.code) FILTER (WHERE account.closed),
        min(account.code) FILTER (WHERE NOT account.is_leaf OR account.ledger_id <> book)
        INTO closed, unfit FROM finance_account AS account WHERE account.id = ANY(accounts);
    IF closed IS NOT NULL THEN
        PERFORM finance_refuse_posting('account_closed', closed);
    ELSIF unfit IS NOT NULL THEN
        PERFORM finance_refuse_posting('account_not_leaf', unfit);
    END IF;
END;
$$;

-- Post vouchers of one ledger in the order of the array, all or none; the ledger's row is the lock. `settle` is for a
-- write-off and what is put right for it: whether money is short is judged after both alone. `trail` has what is logged
-- for each voucher, or is null where the caller logs something else.
-- Nobody else writes books: this runs as the owner of the tables, and the application may only read them.
-- It is long because it is one: each function, each query and each expression more is paid for with every posting
-- (benchmarks/README.md). For each voucher it takes the voucher and reads its lines, which never change again, those of
-- the first one before it locks the ledger; then it finds the voucher's place, walks the lines, and writes entries and
-- posting; after the last one it writes heads and ledger. Heads wait in an array until then, since a row that changes
-- again and again in one transaction costs more each time.
CREATE OR REPLACE FUNCTION finance_post(
    book_id bigint, vouchers bigint[], poster bigint, settle boolean DEFAULT false, trail jsonb DEFAULT NULL
)
RETURNS SETOF finance_posting LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
-- Every row is read by its key: plans are made once, and never for the few rows that a table has at first.
-- What is left to join without a key (a write-off beside what it writes off) looks so dear that it would be compiled.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    -- The ledger, the voucher with its lines by account, and its place in the books; its posting and an entry.
    book record;
    paper record;
    item finance_line_to_post;
    items finance_line_to_post[];
    lines integer;
    place record;
    made finance_posting%ROWTYPE;
    entry finance_entry%ROWTYPE;
    -- The accounts met so far, of all vouchers, and in the same places where they stand now. So many of them were met
    -- before this voucher.
    accounts bigint[] := '{}';
    heads finance_accounthead[] := '{}';
    known integer;
    head finance_accounthead%ROWTYPE;
    -- The voucher's entries by line, and what their fingerprint says of each.
    entries finance_entry[];
    canon text[];
    -- Accounts by side, and the last one of each: debit and credit of the financial half, then of the budget half.
    labels text[];
    latest text[];
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

        -- Its lines, by account and there in their order. Nobody changes them any more, so nobody waits for this.
        items := '{}';
        known := cardinality(accounts);
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
        FOR item IN
            SELECT line.position, line.summary, line.debit, line.credit,
                CASE account.half WHEN 'financial' THEN 1 ELSE 3 END + (line.debit = 0.0)::integer,
                account.id, account.code, account.counter_label, account.bound_book, account.is_money,
                account.never_negative, account.code LIKE '2103%',
                account.is_money OR account.code LIKE '2103%' OR account.code LIKE '1212%',
                account.half = 'budget' OR account.category IN ('income', 'expense'),
                array_position(accounts, account.id)
            FROM finance_voucherline AS line JOIN finance_account AS account ON account.id = line.account_id
            WHERE line.voucher_id = paper.id ORDER BY account.code, line.position
        LOOP
            lines := lines + 1;
            IF item.side <= 2 THEN
                financial := financial + item.debit - item.credit;
            ELSE
                budget := budget + item.debit - item.credit;
            END IF;
            IF item.is_fees THEN
                has_fees := true;
                met_fees := true;
            END IF;
            IF item.is_result THEN
                has_results := true;
            END IF;
            -- Money is its own, too, so most lines ask once. Red takes money out on the debit side.
            IF item.is_own THEN
                own := own + item.debit - item.credit;
                IF item.is_money THEN
                    money := money + item.debit - item.credit;
                END IF;
            END IF;
            -- By code, so accounts that share a label follow each other.
            IF latest[item.side] IS DISTINCT FROM item.counter_label THEN
                labels[item.side] := concat_ws('、', labels[item.side], item.counter_label);
                latest[item.side] := item.counter_label;
            END IF;
            IF item.head IS NULL THEN
                item.head := coalesce(array_position(accounts, item.account_id), cardinality(accounts) + 1);
                accounts[item.head] := item.account_id;
            END IF;
            items[lines] := item;
        END LOOP;

        -- Its place. The ledger's row is locked with the first voucher, so nobody else takes this number or moves these
        -- heads, and no action closes these accounts.
        IF book IS NULL THEN
            SELECT school_id, opened_on, lines_per_page, chain_position, chain_head INTO book
                FROM finance_ledger WHERE id = book_id FOR NO KEY UPDATE;
        END IF;
        -- The number follows that of the posting before, if this is of the same month and kind: for the last one of a
        -- month and kind PostgreSQL reads a whole page of the index.
        SELECT (
            SELECT state FROM finance_period
            WHERE ledger_id = book_id AND year = paper.year AND month = paper.month
        ) AS month_state, coalesce((
            SELECT number FROM finance_posting
            WHERE ledger_id = book_id AND position = book.chain_position
                AND year = paper.year AND month = paper.month AND kind = paper.kind
        ), (
            SELECT max(number) FROM finance_posting
            WHERE ledger_id = book_id AND year = paper.year AND month = paper.month AND kind = paper.kind
        ), 0) + 1 AS number,
            array_agg(stood ORDER BY array_position(accounts, account.id)) AS heads,
            bool_or(account.closed OR NOT account.is_leaf OR account.ledger_id <> book_id) AS has_unfit,
            -- Only what takes money out can spend fees, and most schools never held any. Of a pair the second counts.
            money < 0 AND own < 0 AND (NOT settle OR step = 2) AND (met_fees OR EXISTS (
                SELECT 1 FROM finance_account AS fees
                WHERE fees.ledger_id = book_id AND fees.code >= '2103' AND fees.code < '2104'
                    AND (SELECT position FROM finance_accounthead WHERE account_id = fees.id) > 0
            )) AS may_spend_fees
            INTO place
            FROM finance_account AS account LEFT JOIN finance_accounthead AS stood ON stood.account_id = account.id
            WHERE account.id = ANY(accounts[known + 1:]);
        IF paper.kind = 'opening' THEN
            IF book.chain_position > 0 THEN
                PERFORM finance_refuse_posting('opening_late');
            ELSIF paper.date <> book.opened_on THEN
                PERFORM finance_refuse_posting('opening_date', book.opened_on::text);
            END IF;
        END IF;
        IF place.month_state IS DISTINCT FROM 'open' THEN
            PERFORM finance_refuse_posting(
                CASE WHEN place.month_state IS NULL THEN 'period_missing' ELSE 'period_closed' END);
        ELSIF paper.reverses_id IS NOT NULL OR paper.corrects_id IS NOT NULL THEN
            PERFORM finance_check_undoing(
                book_id, book.chain_position, paper.id, paper.date, paper.reverses_id, paper.corrects_id);
        END IF;
        IF financial <> 0 OR budget <> 0 OR lines < 2 THEN
            PERFORM finance_refuse_posting('unbalanced', concat_ws(' ', financial, budget));
        ELSIF place.has_unfit THEN
            PERFORM finance_check_accounts(book_id, accounts);
        END IF;
        IF has_fees AND has_results AND paper.kind <> 'opening' THEN
            -- Opening balances name everything there is, fees beside the rest.
            PERFORM finance_refuse_posting('fees_mixed');
        END IF;
        -- All were met with earlier vouchers, if there are none.
        IF place.heads IS NOT NULL THEN
            heads := heads || place.heads;
        END IF;
        made.id := nextval('finance_posting_id_seq');
        made.position := book.chain_position + 1;
        made.number := place.number;

        -- Its entries, with the text that the posting's hash is taken of (ledger/verify.py), and lines of bound books.
        -- What is wrong with one is kept in mind and refused after the last, the worst first; lines of bound books that
        -- are written until then go back with the refusal.
        entries := '{}';
        canon := '{}';
        entry.posting_id := made.id;
        entry.ledger_id := book_id;
        entry.date := paper.date;
        FOREACH item IN ARRAY items LOOP
            -- Where the account stands: as it was read, unless an earlier line or voucher has moved it.
            head := heads[item.head];
            IF item.is_money AND head.last_date > paper.date THEN
                late := coalesce(late, item.code || ' ' || head.last_date);
            END IF;
            head.position := head.position + 1;
            entry.id := nextval('finance_entry_id_seq');
            entry.account_id := item.account_id;
            entry.line := item.position;
            entry.position := head.position;
            entry.summary := item.summary;
            -- The other side of the same half: 1 and 2, 3 and 4.
            entry.counter := left(coalesce(labels[item.side - 1 + 2 * (item.side % 2)], ''), 200);
            entry.debit := item.debit;
            entry.credit := item.credit;
            entry.balance := head.balance + item.debit - item.credit;
            entries[entry.line] := entry;
            canon[entry.line] := concat_ws('|', entry.line, entry.id, entry.account_id, item.code, entry.position,
                paper.day, entry.debit, entry.credit, entry.balance,
                char_length(entry.summary) || ':' || entry.summary, char_length(entry.counter) || ':' || entry.counter);
            IF item.never_negative AND entry.balance < 0.0 AND NOT settle THEN
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
                        book_id, entry.account_id, head.year, head.page, head.line, 'entry', entry.id, paper.date,
                        entry.debit, entry.credit, entry.balance
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
            heads[item.head] := head;
        END LOOP;

        -- Lines are numbered from 1 on without gaps; only a hand that goes past the application does it otherwise.
        IF array_upper(entries, 1) <> lines THEN
            PERFORM finance_refuse_posting('unbalanced');
        ELSIF late IS NOT NULL THEN
            PERFORM finance_refuse_posting('date_goes_back', late);
        ELSIF short IS NOT NULL THEN
            PERFORM finance_refuse_posting('negative_money', short);
        END IF;
        INSERT INTO finance_entry SELECT one.* FROM unnest(entries) AS one;

        IF place.may_spend_fees THEN
            PERFORM finance_check_fees(book_id, heads);
        END IF;

        -- The posting, its link in the chain and its row in the action log.
        made.posted_at := clock_timestamp();
        made.hash := encode(sha256(convert_to(concat_ws('|',
            'houqin-ledger-1', book.chain_head, book_id, made.position, made.id, paper.kind, paper.year, paper.month,
            made.number, paper.day, paper.id, paper.attachments, paper.prepared_by_id,
            coalesce(paper.reviewed_by_id, 0), poster,
            to_char(made.posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
            coalesce(paper.reverses_id, 0), coalesce(paper.corrects_id, 0)
        ) || E'\n' || array_to_string(canon, E'\n'), 'UTF8')), 'hex');
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
DROP FUNCTION finance_check_accounts(bigint, bigint[]);
DROP TYPE finance_line_to_post;
"""

# PostgreSQL reads the conditions of a table's checks and triggers anew with every statement, and works out what `0` is
# beside an amount; `0.0` is one already.
NEVER_NEGATIVE = """
DROP TRIGGER finance_accounthead_never_negative ON finance_accounthead;
CREATE CONSTRAINT TRIGGER finance_accounthead_never_negative
    AFTER UPDATE ON finance_accounthead DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.balance < {zero} AND OLD.balance >= {zero}) EXECUTE FUNCTION finance_check_head();
"""


def _before() -> str:
    """Return the functions as they were, to put them back in place of these."""
    functions: str = import_module("finance.migrations.0013_posting_in_one_pass").POSTING
    return functions.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("finance", "0018_checks_read_quickly")]

    operations = [
        migrations.RemoveConstraint(model_name="entry", name="finance_entry_one_side"),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=~Q(Exact(Exact(F("debit"), Decimal("0.0")), Exact(F("credit"), Decimal("0.0")))),
                name="finance_entry_one_side",
            ),
        ),
        migrations.RemoveConstraint(model_name="bookline", name="finance_bookline_entry"),
        migrations.AddConstraint(
            model_name="bookline",
            constraint=models.CheckConstraint(
                condition=(Q(entry__isnull=False) | ~Q(kind="entry"))
                & (Q(entry__isnull=True) | Q(kind__regex="^(entry|opening)$")),
                name="finance_bookline_entry",
            ),
        ),
        migrations.RunSQL(NEVER_NEGATIVE.format(zero="0.0"), NEVER_NEGATIVE.format(zero="0")),
        migrations.RunSQL(migrations.RunSQL.noop, DROP),
        migrations.RunSQL(POSTING, _before()),
    ]

"""The sums of a month are written when it is closed, so that no book ever sums more than the open months."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import finance.ledger.models.books

CREATE = """
-- Runs as the owner of the tables: the application may only read the sums.
CREATE FUNCTION finance_sum_closed_month() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first date := make_date(NEW.year, NEW.month, 1);
    last date := (make_date(NEW.year, NEW.month, 1) + interval '1 month - 1 day')::date;
    before date := make_date(NEW.year, NEW.month, 1) - 1;
BEGIN
    INSERT INTO finance_closedmonth (
        ledger_id, account_id, year, month, opening, debit, credit, year_debit, year_credit, balance)
    SELECT head.ledger_id, head.account_id, NEW.year, NEW.month,
        coalesce(earlier.balance, 0) + moved.opened,
        moved.debit,
        moved.credit,
        CASE WHEN earlier.year = NEW.year THEN earlier.year_debit ELSE 0 END + moved.debit,
        CASE WHEN earlier.year = NEW.year THEN earlier.year_credit ELSE 0 END + moved.credit,
        coalesce(earlier.balance, 0) + moved.opened + moved.debit - moved.credit
    FROM finance_accounthead AS head
    LEFT JOIN finance_closedmonth AS earlier ON earlier.account_id = head.account_id
        AND earlier.year = extract(year FROM before) AND earlier.month = extract(month FROM before)
    LEFT JOIN finance_posting AS opening ON opening.ledger_id = head.ledger_id AND opening.position = 1
        AND opening.kind = 'opening'
    CROSS JOIN LATERAL (
        SELECT
            coalesce(sum(debit - credit) FILTER (WHERE posting_id = opening.id), 0) AS opened,
            coalesce(sum(debit) FILTER (WHERE posting_id IS DISTINCT FROM opening.id), 0) AS debit,
            coalesce(sum(credit) FILTER (WHERE posting_id IS DISTINCT FROM opening.id), 0) AS credit
        FROM finance_entry
        WHERE account_id = head.account_id AND date BETWEEN first AND last
    ) AS moved
    WHERE head.ledger_id = NEW.ledger_id AND head.position > 0
        -- what was first moved in a later month had nothing until now
        AND (earlier.id IS NOT NULL OR moved.opened <> 0 OR moved.debit <> 0 OR moved.credit <> 0);
    RETURN NULL;
END;
$$;

REVOKE ALL ON FUNCTION finance_sum_closed_month() FROM PUBLIC;

CREATE TRIGGER finance_period_sums
    AFTER UPDATE OF state ON finance_period
    FOR EACH ROW WHEN (OLD.state = 'open' AND NEW.state = 'closed') EXECUTE FUNCTION finance_sum_closed_month();

CREATE TRIGGER finance_closedmonth_append_only
    BEFORE UPDATE OR DELETE ON finance_closedmonth FOR EACH ROW EXECUTE FUNCTION houqin_append_only();
CREATE TRIGGER finance_closedmonth_no_truncate
    BEFORE TRUNCATE ON finance_closedmonth FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""
DROP = """
DROP TRIGGER finance_period_sums ON finance_period;
DROP FUNCTION finance_sum_closed_month();
DROP TRIGGER finance_closedmonth_append_only ON finance_closedmonth;
DROP TRIGGER finance_closedmonth_no_truncate ON finance_closedmonth;
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0007_posting")]

    operations = [
        migrations.CreateModel(
            name='ClosedMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('month', models.PositiveSmallIntegerField(verbose_name='month')),
                ('opening', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='balance at the beginning')),
                ('debit', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='debit')),
                ('credit', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='credit')),
                ('year_debit', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='debit of the year so far')),
                ('year_credit', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='credit of the year so far')),
                ('balance', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='balance')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='closed_months', to='finance.account', verbose_name='account')),
                ('ledger', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.ledger', verbose_name='set of books')),
            ],
            options={
                'verbose_name': 'sums of a closed month',
                'verbose_name_plural': 'sums of closed months',
                'constraints': [models.UniqueConstraint(fields=('account', 'year', 'month'), name='finance_closedmonth_once'), models.CheckConstraint(condition=models.Q(('balance', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('opening'), '+', models.F('debit')), '-', models.F('credit')))), name='finance_closedmonth_adds_up')],
            },
            bases=(finance.ledger.models.books.LedgerRow, models.Model),
        ),
        migrations.RunSQL(CREATE, DROP),
    ]

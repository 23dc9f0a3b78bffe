"""Cash counts: what lay in the box beside what the book said; what guards them from being changed or made up."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

GUARD = """
-- A count is of cash, at the school whose books it stands in, beside the book as it stands at that moment; who
-- witnesses it keeps no cash there. Neither what was counted nor what was said of it changes.
CREATE FUNCTION finance_check_cash_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account finance_account%ROWTYPE;
    head finance_accounthead%ROWTYPE;
BEGIN
    SELECT * INTO account FROM finance_account WHERE id = NEW.account_id;
    SELECT * INTO head FROM finance_accounthead WHERE account_id = NEW.account_id;
    PERFORM finance_ledger_refuse(CASE
        WHEN NEW.state <> 'counted' THEN 'finance_cashcount_begins'
        WHEN NEW.counted_on > (now() AT TIME ZONE 'Asia/Shanghai')::date THEN 'finance_cashcount_future'
        WHEN NOT starts_with(account.code, '1001') OR NOT account.is_leaf OR NOT account.bound_book OR account.closed
            THEN 'finance_cashcount_cash'
        WHEN NEW.school_id <> (SELECT school_id FROM finance_ledger WHERE id = account.ledger_id)
            THEN 'finance_cashcount_other_school'
        WHEN (NEW.book_position, NEW.book_balance, NEW.book_date)
            IS DISTINCT FROM (head.position, head.balance, head.last_date) THEN 'finance_cashcount_book'
        WHEN NEW.replaces_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM finance_cashcount
            WHERE id = NEW.replaces_id AND state = 'returned' AND account_id = NEW.account_id
        ) THEN 'finance_cashcount_replaces'
    END);
    RETURN NULL;
END;
$$;

CREATE TRIGGER finance_cashcount_begins
    AFTER INSERT ON finance_cashcount FOR EACH ROW EXECUTE FUNCTION finance_check_cash_count();

CREATE FUNCTION finance_check_cash_witness() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN OLD.state <> 'counted' THEN 'finance_cashcount_done'
        WHEN to_jsonb(OLD) - '{state,witness_id,witnessed_at,returned_reason}'::text[]
            <> to_jsonb(NEW) - '{state,witness_id,witnessed_at,returned_reason}'::text[] THEN 'finance_cashcount_fixed'
        WHEN NEW.witnessed_at < NEW.counted_at
            OR NOT EXISTS (SELECT 1 FROM accounts_user WHERE id = NEW.witness_id AND is_active)
            THEN 'finance_cashcount_witness'
        WHEN EXISTS (
            SELECT 1 FROM schools_membership
            WHERE user_id = NEW.witness_id AND school_id = NEW.school_id AND role = 'cashier'
                AND since <= today AND (until IS NULL OR until >= today)
        ) THEN 'finance_cashcount_keeps_cash'
    END);
    RETURN NULL;
END;
$$;

CREATE TRIGGER finance_cashcount_guard
    AFTER UPDATE ON finance_cashcount FOR EACH ROW EXECUTE FUNCTION finance_check_cash_witness();

-- Judged when the transaction ends: the pieces are written after their count. None can be added later, for each is worth
-- something.
CREATE FUNCTION finance_check_cash_sum() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose bigint := CASE WHEN TG_TABLE_NAME = 'finance_cashcount' THEN to_jsonb(NEW)->'id'
                         ELSE to_jsonb(NEW)->'count_id' END;
    total numeric := (SELECT sum(value * pieces) FROM finance_cashcountline WHERE count_id = whose);
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN coalesce(total, 0) <> (SELECT counted FROM finance_cashcount WHERE id = whose)
            THEN 'finance_cashcount_sum'
    END);
    RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER finance_cashcount_sum
    AFTER INSERT ON finance_cashcount DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION finance_check_cash_sum();
CREATE CONSTRAINT TRIGGER finance_cashcountline_sum
    AFTER INSERT ON finance_cashcountline DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION finance_check_cash_sum();

CREATE TRIGGER finance_cashcount_kept
    BEFORE DELETE ON finance_cashcount FOR EACH ROW EXECUTE FUNCTION houqin_append_only();
CREATE TRIGGER finance_cashcount_no_truncate
    BEFORE TRUNCATE ON finance_cashcount FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
CREATE TRIGGER finance_cashcountline_append_only
    BEFORE UPDATE OR DELETE ON finance_cashcountline FOR EACH ROW EXECUTE FUNCTION houqin_append_only();
CREATE TRIGGER finance_cashcountline_no_truncate
    BEFORE TRUNCATE ON finance_cashcountline FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""

DROP = """
DROP TRIGGER finance_cashcountline_no_truncate ON finance_cashcountline;
DROP TRIGGER finance_cashcountline_append_only ON finance_cashcountline;
DROP TRIGGER finance_cashcount_no_truncate ON finance_cashcount;
DROP TRIGGER finance_cashcount_kept ON finance_cashcount;
DROP TRIGGER finance_cashcountline_sum ON finance_cashcountline;
DROP TRIGGER finance_cashcount_sum ON finance_cashcount;
DROP FUNCTION finance_check_cash_sum();
DROP TRIGGER finance_cashcount_guard ON finance_cashcount;
DROP FUNCTION finance_check_cash_witness();
DROP TRIGGER finance_cashcount_begins ON finance_cashcount;
DROP FUNCTION finance_check_cash_count();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0019_shorter_lock'),
        ('schools', '0002_public_holidays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CashCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('counted_on', models.DateField(verbose_name='counted on')),
                ('book_position', models.BigIntegerField(verbose_name='line of the book')),
                ('book_balance', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='balance of the book')),
                ('book_date', models.DateField(blank=True, null=True, verbose_name='last entry of the book')),
                ('received_unposted', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='taken in, not posted yet')),
                ('paid_unposted', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='paid out, not posted yet')),
                ('counted', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='amount counted')),
                ('difference', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='difference')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='why it differs')),
                ('counted_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='entered at')),
                ('state', models.CharField(choices=[('counted', 'waits for the witness'), ('confirmed', 'confirmed'), ('returned', 'given back')], default='counted', max_length=9, verbose_name='state')),
                ('witnessed_at', models.DateTimeField(blank=True, null=True, verbose_name='witnessed at')),
                ('returned_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was given back')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cash_counts', to='finance.account', verbose_name='cash account')),
                ('counted_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='counted by')),
                ('replaces', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='finance.cashcount', verbose_name='made anew for')),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='school')),
                ('witness', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='witness')),
            ],
            options={
                'verbose_name': 'cash count',
                'verbose_name_plural': 'cash counts',
            },
        ),
        migrations.CreateModel(
            name='CashCountLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.DecimalField(decimal_places=2, max_digits=7, verbose_name='denomination')),
                ('pieces', models.IntegerField(verbose_name='pieces')),
                ('count', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='finance.cashcount', verbose_name='cash count')),
            ],
            options={
                'verbose_name': 'line of a cash count',
                'verbose_name_plural': 'lines of cash counts',
                'ordering': ['-value'],
            },
        ),
        migrations.AddIndex(
            model_name='cashcount',
            index=models.Index(fields=['school', 'counted_on', 'id'], name='finance_cashcount_school_day'),
        ),
        migrations.AddIndex(
            model_name='cashcount',
            index=models.Index(fields=['counted_on', 'id'], name='finance_cashcount_day'),
        ),
        migrations.AddIndex(
            model_name='cashcount',
            index=models.Index(condition=models.Q(('state', 'counted')), fields=['school', 'counted_on', 'id'], name='finance_cashcount_waiting'),
        ),
        migrations.AddIndex(
            model_name='cashcount',
            index=models.Index(fields=['account', 'counted_on', 'id'], name='finance_cashcount_account'),
        ),
        migrations.AddConstraint(
            model_name='cashcount',
            constraint=models.CheckConstraint(condition=models.Q(('book_position__gte', 0), ('counted__gte', 0), ('paid_unposted__gte', 0), ('received_unposted__gte', 0)), name='finance_cashcount_amounts', violation_error_message='Amounts of a count are zero or more.'),
        ),
        migrations.AddConstraint(
            model_name='cashcount',
            constraint=models.CheckConstraint(condition=models.Q(('difference', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('counted'), '-', models.F('book_balance')), '-', models.F('received_unposted')), '+', models.F('paid_unposted')))), name='finance_cashcount_difference'),
        ),
        migrations.AddConstraint(
            model_name='cashcount',
            constraint=models.CheckConstraint(condition=models.Q(('difference', 0), ('reason__regex', '\\S'), _connector='OR'), name='finance_cashcount_explained', violation_error_message='Write why cash and book differ.'),
        ),
        migrations.AddConstraint(
            model_name='cashcount',
            constraint=models.CheckConstraint(condition=models.Q(('witness', models.F('counted_by')), _negated=True), name='finance_cashcount_two_people', violation_error_message='Nobody witnesses what they counted themselves.'),
        ),
        migrations.AddConstraint(
            model_name='cashcount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('returned_reason', ''), ('state', 'counted'), ('witness__isnull', True), ('witnessed_at__isnull', True)), models.Q(('returned_reason', ''), ('state', 'confirmed'), ('witness__isnull', False), ('witnessed_at__isnull', False)), models.Q(('returned_reason__regex', '\\S'), ('state', 'returned'), ('witness__isnull', False), ('witnessed_at__isnull', False)), _connector='OR'), name='finance_cashcount_state'),
        ),
        migrations.AddConstraint(
            model_name='cashcount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('book_date__isnull', True), ('book_position', 0)), models.Q(('book_date__lte', models.F('counted_on')), ('book_position__gt', 0)), _connector='OR'), name='finance_cashcount_not_before_book', violation_error_message='There is a later entry in the book already.'),
        ),
        migrations.AddConstraint(
            model_name='cashcountline',
            constraint=models.UniqueConstraint(fields=('count', 'value'), name='finance_cashcountline_once'),
        ),
        migrations.AddConstraint(
            model_name='cashcountline',
            constraint=models.CheckConstraint(condition=models.Q(('pieces__gt', 0), ('value__gt', 0)), name='finance_cashcountline_pieces', violation_error_message='Pieces are counted from one on.'),
        ),
        migrations.RunSQL(GUARD, DROP),
    ]

"""Bank reconciliations and their items; reviewed ones stay for good."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

GUARD = """
-- What a reconciliation says when it is handed on: the journal as it is, and the sums of its items.
CREATE FUNCTION finance_reconciliation_fault(one finance_bankreconciliation) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    last_position bigint;
    last_balance numeric;
    given numeric[];
BEGIN
    SELECT entry.position, entry.balance INTO last_position, last_balance
        FROM finance_entry AS entry JOIN finance_bankaccount AS bank ON bank.account_id = entry.account_id
        WHERE bank.id = one.bank_account_id AND entry.date <= one.ends_on
        ORDER BY entry.date DESC, entry.position DESC LIMIT 1;
    IF (one.position, one.book) IS DISTINCT FROM (coalesce(last_position, 0), coalesce(last_balance, 0)) THEN
        RETURN 'book';
    END IF;
    SELECT ARRAY[
            coalesce(sum(amount) FILTER (WHERE kind = 'bank_received'), 0),
            coalesce(sum(amount) FILTER (WHERE kind = 'bank_paid'), 0),
            coalesce(sum(amount) FILTER (WHERE kind = 'we_received'), 0),
            coalesce(sum(amount) FILTER (WHERE kind = 'we_paid'), 0)
        ] INTO given FROM finance_reconciliationitem WHERE reconciliation_id = one.id;
    IF given <> ARRAY[one.bank_received, one.bank_paid, one.we_received, one.we_paid] THEN
        RETURN 'sums';
    END IF;
    RETURN NULL;
END;
$$;

CREATE FUNCTION finance_check_bankreconciliation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose bigint;
    fault text;
BEGIN
    SELECT ledger.school_id INTO whose
        FROM finance_bankaccount AS bank
        JOIN finance_account AS account ON account.id = bank.account_id
        JOIN finance_ledger AS ledger ON ledger.id = account.ledger_id
        WHERE bank.id = NEW.bank_account_id;
    PERFORM finance_ledger_refuse(CASE
        WHEN NEW.school_id <> whose THEN 'finance_bankreconciliation_other_school'
        WHEN extract(day FROM NEW.ends_on + 1) <> 1 THEN 'finance_bankreconciliation_month'
        WHEN TG_OP = 'INSERT' AND NEW.state <> 'draft' THEN 'finance_bankreconciliation_begins_as_draft'
    END);
    IF TG_OP = 'INSERT' THEN
        RETURN NEW;
    END IF;
    PERFORM finance_ledger_refuse(CASE
        WHEN OLD.state = 'reviewed' THEN 'finance_bankreconciliation_done'
        WHEN (OLD.bank_account_id, OLD.ends_on) IS DISTINCT FROM (NEW.bank_account_id, NEW.ends_on)
            THEN 'finance_bankreconciliation_fixed'
        WHEN OLD.state = 'draft' AND NEW.state = 'reviewed' THEN 'finance_bankreconciliation_not_submitted'
        WHEN OLD.state <> 'draft' AND (
                OLD.statement, OLD.book, OLD.position, OLD.bank_received, OLD.bank_paid, OLD.we_received, OLD.we_paid,
                OLD.scan_id, OLD.prepared_by_id, OLD.prepared_at
            ) IS DISTINCT FROM (
                NEW.statement, NEW.book, NEW.position, NEW.bank_received, NEW.bank_paid, NEW.we_received, NEW.we_paid,
                NEW.scan_id, NEW.prepared_by_id, NEW.prepared_at
            ) THEN 'finance_bankreconciliation_not_draft'
    END);
    IF NEW.state <> 'draft' AND NEW.state <> OLD.state THEN
        fault := finance_reconciliation_fault(NEW);
        PERFORM finance_ledger_refuse(CASE
            WHEN fault = 'book' THEN 'finance_bankreconciliation_book'
            WHEN fault = 'sums' THEN 'finance_bankreconciliation_sums'
        END);
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER finance_bankreconciliation_guard
    BEFORE INSERT OR UPDATE ON finance_bankreconciliation
    FOR EACH ROW EXECUTE FUNCTION finance_check_bankreconciliation();
CREATE TRIGGER finance_bankreconciliation_kept
    BEFORE DELETE ON finance_bankreconciliation FOR EACH ROW EXECUTE FUNCTION houqin_append_only();
CREATE TRIGGER finance_bankreconciliation_no_truncate
    BEFORE TRUNCATE ON finance_bankreconciliation FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();

CREATE FUNCTION finance_check_reconciliationitem() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER finance_reconciliationitem_guard
    BEFORE INSERT OR UPDATE OR DELETE ON finance_reconciliationitem
    FOR EACH ROW EXECUTE FUNCTION finance_check_reconciliationitem();
CREATE TRIGGER finance_reconciliationitem_no_truncate
    BEFORE TRUNCATE ON finance_reconciliationitem FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""

DROP = """
DROP TRIGGER finance_reconciliationitem_no_truncate ON finance_reconciliationitem;
DROP TRIGGER finance_reconciliationitem_guard ON finance_reconciliationitem;
DROP FUNCTION finance_check_reconciliationitem();
DROP TRIGGER finance_bankreconciliation_no_truncate ON finance_bankreconciliation;
DROP TRIGGER finance_bankreconciliation_kept ON finance_bankreconciliation;
DROP TRIGGER finance_bankreconciliation_guard ON finance_bankreconciliation;
DROP FUNCTION finance_check_bankreconciliation();
DROP FUNCTION finance_reconciliation_fault(finance_bankreconciliation);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('files', '0001_initial'),
        ('finance', '0020_cash_counts'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('schools', '0002_public_holidays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BankReconciliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ends_on', models.DateField(verbose_name='end of the month')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('submitted', 'waits for review'), ('reviewed', 'reviewed')], default='draft', max_length=9, verbose_name='state')),
                ('statement', models.DecimalField(decimal_places=2, max_digits=16, verbose_name="balance of the bank's statement")),
                ('book', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='balance of the bank journal')),
                ('position', models.BigIntegerField(verbose_name='entries of the journal')),
                ('bank_received', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='received by the bank, not in our books')),
                ('bank_paid', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='paid by the bank, not in our books')),
                ('we_received', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='received in our books, not at the bank')),
                ('we_paid', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='paid in our books, not at the bank')),
                ('prepared_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='prepared at')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed at')),
                ('returned_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was sent back')),
                ('bank_account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reconciliations', to='finance.bankaccount', verbose_name='bank account')),
                ('prepared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prepared by')),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
                ('scan', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile', verbose_name="the bank's statement")),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'verbose_name': 'bank reconciliation',
                'verbose_name_plural': 'bank reconciliations',
            },
        ),
        migrations.CreateModel(
            name='BankReconciliationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('ends_on', models.DateField(verbose_name='end of the month')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('submitted', 'waits for review'), ('reviewed', 'reviewed')], default='draft', max_length=9, verbose_name='state')),
                ('statement', models.DecimalField(decimal_places=2, max_digits=16, verbose_name="balance of the bank's statement")),
                ('book', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='balance of the bank journal')),
                ('position', models.BigIntegerField(verbose_name='entries of the journal')),
                ('bank_received', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='received by the bank, not in our books')),
                ('bank_paid', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='paid by the bank, not in our books')),
                ('we_received', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='received in our books, not at the bank')),
                ('we_paid', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='paid in our books, not at the bank')),
                ('prepared_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='prepared at')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed at')),
                ('returned_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was sent back')),
                ('bank_account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.bankaccount', verbose_name='bank account')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.bankreconciliation')),
                ('prepared_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prepared by')),
                ('reviewed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
                ('scan', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='files.storedfile', verbose_name="the bank's statement")),
                ('school', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ReconciliationItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='line')),
                ('kind', models.CharField(choices=[('bank_received', 'received by the bank, not in our books'), ('bank_paid', 'paid by the bank, not in our books'), ('we_received', 'received in our books, not at the bank'), ('we_paid', 'paid in our books, not at the bank')], max_length=13, verbose_name='kind of item')),
                ('date', models.DateField(verbose_name='date')),
                ('text', models.CharField(max_length=150, verbose_name='what it is')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='amount')),
                ('entry', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.entry', verbose_name='entry of the journal')),
                ('reconciliation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='finance.bankreconciliation', verbose_name='bank reconciliation')),
            ],
            options={
                'verbose_name': 'item of a bank reconciliation',
                'verbose_name_plural': 'items of bank reconciliations',
                'ordering': ['position'],
            },
        ),
        migrations.AddIndex(
            model_name='bankreconciliation',
            index=models.Index(fields=['school', 'ends_on', 'id'], name='finance_reconciliation_school'),
        ),
        migrations.AddIndex(
            model_name='bankreconciliation',
            index=models.Index(fields=['ends_on', 'id'], name='finance_reconciliation_month'),
        ),
        migrations.AddConstraint(
            model_name='bankreconciliation',
            constraint=models.UniqueConstraint(fields=('bank_account', 'ends_on'), name='finance_bankreconciliation_once', violation_error_message='This month of the bank account has its reconciliation already.'),
        ),
        migrations.AddConstraint(
            model_name='bankreconciliation',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_by', models.F('prepared_by')), _negated=True), name='finance_bankreconciliation_two_people', violation_error_message='Nobody reviews what they prepared themselves.'),
        ),
        migrations.AddConstraint(
            model_name='bankreconciliation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__regex', '^(draft|submitted)$'), ('reviewed_at__isnull', True), ('reviewed_by__isnull', True)), models.Q(('state', 'reviewed'), ('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='finance_bankreconciliation_state'),
        ),
        migrations.AddConstraint(
            model_name='bankreconciliation',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'draft'), ('statement', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('book'), '+', models.F('bank_received')), '-', models.F('bank_paid')), '-', models.F('we_received')), '+', models.F('we_paid'))), _connector='OR'), name='finance_bankreconciliation_agrees', violation_error_message='The two adjusted balances differ.'),
        ),
        migrations.AddConstraint(
            model_name='bankreconciliation',
            constraint=models.CheckConstraint(condition=models.Q(('bank_paid__gte', 0), ('bank_received__gte', 0), ('we_paid__gte', 0), ('we_received__gte', 0)), name='finance_bankreconciliation_sums_not_negative'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankreconciliation',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_bankreconciliationevent" ("bank_account_id", "bank_paid", "bank_received", "book", "ends_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "prepared_at", "prepared_by_id", "returned_reason", "reviewed_at", "reviewed_by_id", "scan_id", "school_id", "state", "statement", "we_paid", "we_received") VALUES (NEW."bank_account_id", NEW."bank_paid", NEW."bank_received", NEW."book", NEW."ends_on", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."position", NEW."prepared_at", NEW."prepared_by_id", NEW."returned_reason", NEW."reviewed_at", NEW."reviewed_by_id", NEW."scan_id", NEW."school_id", NEW."state", NEW."statement", NEW."we_paid", NEW."we_received"); RETURN NULL;', hash='ac44c127ff1c2342aca94ae20892771d62b70f4e', operation='INSERT', pgid='pgtrigger_insert_insert_d47f5', table='finance_bankreconciliation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankreconciliation',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "finance_bankreconciliationevent" ("bank_account_id", "bank_paid", "bank_received", "book", "ends_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "prepared_at", "prepared_by_id", "returned_reason", "reviewed_at", "reviewed_by_id", "scan_id", "school_id", "state", "statement", "we_paid", "we_received") VALUES (NEW."bank_account_id", NEW."bank_paid", NEW."bank_received", NEW."book", NEW."ends_on", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."prepared_at", NEW."prepared_by_id", NEW."returned_reason", NEW."reviewed_at", NEW."reviewed_by_id", NEW."scan_id", NEW."school_id", NEW."state", NEW."statement", NEW."we_paid", NEW."we_received"); RETURN NULL;', hash='ac6c3735a731deb1653c23a16a7b3c5606b66a48', operation='UPDATE', pgid='pgtrigger_update_update_0dccd', table='finance_bankreconciliation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankreconciliationevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5c1d22c6e430a4fb891165301d78460fe478dd97', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6d65c', table='finance_bankreconciliationevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='reconciliationitem',
            constraint=models.UniqueConstraint(fields=('reconciliation', 'position'), name='finance_reconciliationitem_position'),
        ),
        migrations.AddConstraint(
            model_name='reconciliationitem',
            constraint=models.UniqueConstraint(fields=('reconciliation', 'entry'), name='finance_reconciliationitem_entry_once'),
        ),
        migrations.AddConstraint(
            model_name='reconciliationitem',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='finance_reconciliationitem_amount'),
        ),
        migrations.AddConstraint(
            model_name='reconciliationitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__regex', '^(bank_received|bank_paid)$'), ('entry__isnull', True)), models.Q(('kind__regex', '^(we_received|we_paid)$'), ('entry__isnull', False)), _connector='OR'), name='finance_reconciliationitem_kind'),
        ),
        migrations.AddConstraint(
            model_name='reconciliationitem',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='finance_reconciliationitem_text'),
        ),
        migrations.RunSQL(GUARD, DROP),
    ]

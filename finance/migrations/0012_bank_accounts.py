"""The register of bank accounts; and what opens and closes an account of bank deposits."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


GUARD = """
-- Below bank deposits an account is open as long as an approved bank account is registered for it (S109).
CREATE FUNCTION finance_check_bank_is_registered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_ledger_refuse(CASE
        WHEN NOT EXISTS (SELECT 1 FROM finance_bankaccount WHERE account_id = NEW.id AND closed_on IS NULL)
            THEN 'finance_account_bank_registered'
    END);
    RETURN NULL;
END;
$$;

CREATE TRIGGER finance_account_bank_guard
    AFTER INSERT OR UPDATE OF closed, is_leaf, code ON finance_account
    FOR EACH ROW WHEN (NEW.code LIKE '1002%' AND NEW.is_leaf AND NOT NEW.closed)
    EXECUTE FUNCTION finance_check_bank_is_registered();

-- Only central schools have bank accounts; a closed one stays as it was, and closes its account in the books.
CREATE FUNCTION finance_check_bank_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account finance_account%ROWTYPE;
    above bigint;
BEGIN
    SELECT * INTO account FROM finance_account WHERE id = NEW.account_id;
    SELECT school.parent_id INTO above
        FROM finance_ledger AS ledger JOIN schools_school AS school ON school.id = ledger.school_id
        WHERE ledger.id = account.ledger_id;
    PERFORM finance_ledger_refuse(CASE
        WHEN above IS NOT NULL THEN 'finance_bankaccount_central'
        WHEN account.code NOT LIKE '1002%' OR NOT account.is_leaf THEN 'finance_bankaccount_below_bank'
        WHEN TG_OP = 'UPDATE' AND (OLD.closed_on IS NOT NULL OR OLD.account_id <> NEW.account_id)
            THEN 'finance_bankaccount_fixed'
        WHEN NEW.closed_on IS NOT NULL AND NOT account.closed THEN 'finance_bankaccount_still_open'
    END);
    RETURN NULL;
END;
$$;

CREATE TRIGGER finance_bankaccount_guard
    AFTER INSERT OR UPDATE ON finance_bankaccount FOR EACH ROW EXECUTE FUNCTION finance_check_bank_account();
CREATE TRIGGER finance_bankaccount_kept
    BEFORE DELETE ON finance_bankaccount FOR EACH ROW EXECUTE FUNCTION houqin_append_only();
CREATE TRIGGER finance_bankaccount_no_truncate
    BEFORE TRUNCATE ON finance_bankaccount FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""

DROP = """
DROP TRIGGER finance_bankaccount_no_truncate ON finance_bankaccount;
DROP TRIGGER finance_bankaccount_kept ON finance_bankaccount;
DROP TRIGGER finance_bankaccount_guard ON finance_bankaccount;
DROP FUNCTION finance_check_bank_account();
DROP TRIGGER finance_account_bank_guard ON finance_account;
DROP FUNCTION finance_check_bank_is_registered();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0011_closed_for_schools'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BankAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('basic', 'basic deposit account'), ('special', 'special deposit account'), ('canteen', 'canteen account')], default='basic', max_length=8, verbose_name='kind of bank account')),
                ('bank', models.CharField(max_length=80, verbose_name='bank and branch')),
                ('number', models.CharField(max_length=30, validators=[django.core.validators.RegexValidator('^[0-9]{8,30}$', 'Write the number with its 8 to 30 digits alone.')], verbose_name='account number')),
                ('approval', models.CharField(max_length=80, verbose_name='approval document')),
                ('approved_on', models.DateField(verbose_name='approved on')),
                ('registered_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='registered at')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
                ('closed_reason', models.CharField(blank=True, max_length=200, verbose_name='why it was closed')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_accounts', to='finance.account', verbose_name='account in the books')),
                ('registered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='registered by')),
            ],
            options={
                'verbose_name': 'bank account',
                'verbose_name_plural': 'bank accounts',
                'ordering': ['account__ledger__school__name_pinyin', 'account__code', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='BankAccountEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('purpose', models.CharField(choices=[('basic', 'basic deposit account'), ('special', 'special deposit account'), ('canteen', 'canteen account')], default='basic', max_length=8, verbose_name='kind of bank account')),
                ('bank', models.CharField(max_length=80, verbose_name='bank and branch')),
                ('number', models.CharField(max_length=30, validators=[django.core.validators.RegexValidator('^[0-9]{8,30}$', 'Write the number with its 8 to 30 digits alone.')], verbose_name='account number')),
                ('approval', models.CharField(max_length=80, verbose_name='approval document')),
                ('approved_on', models.DateField(verbose_name='approved on')),
                ('registered_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='registered at')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
                ('closed_reason', models.CharField(blank=True, max_length=200, verbose_name='why it was closed')),
                ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.account', verbose_name='account in the books')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.bankaccount')),
                ('registered_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='registered by')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='bankaccount',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_on__isnull', True)), fields=('account',), name='finance_bankaccount_one_open', violation_error_message='A bank account is registered for this account already.'),
        ),
        migrations.AddConstraint(
            model_name='bankaccount',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_on__isnull', True)), fields=('number',), name='finance_bankaccount_number', violation_error_message='This number is registered already.'),
        ),
        migrations.AddConstraint(
            model_name='bankaccount',
            constraint=models.CheckConstraint(condition=models.Q(('number__regex', '^[0-9]{8,30}$')), name='finance_bankaccount_digits'),
        ),
        migrations.AddConstraint(
            model_name='bankaccount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approval', ''), _negated=True), models.Q(('bank', ''), _negated=True)), name='finance_bankaccount_approved'),
        ),
        migrations.AddConstraint(
            model_name='bankaccount',
            constraint=models.CheckConstraint(condition=models.Q(('closed_on__isnull', True), models.Q(('closed_on__gte', models.F('approved_on')), models.Q(('closed_reason', ''), _negated=True)), _connector='OR'), name='finance_bankaccount_closed', violation_error_message='It cannot be closed before it was approved.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankaccount',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_bankaccountevent" ("account_id", "approval", "approved_on", "bank", "closed_on", "closed_reason", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "registered_at", "registered_by_id") VALUES (NEW."account_id", NEW."approval", NEW."approved_on", NEW."bank", NEW."closed_on", NEW."closed_reason", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."purpose", NEW."registered_at", NEW."registered_by_id"); RETURN NULL;', hash='44aab7e518d385a46d439d854b39e5f42dfe0c84', operation='INSERT', pgid='pgtrigger_insert_insert_0475e', table='finance_bankaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankaccount',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "finance_bankaccountevent" ("account_id", "approval", "approved_on", "bank", "closed_on", "closed_reason", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "registered_at", "registered_by_id") VALUES (NEW."account_id", NEW."approval", NEW."approved_on", NEW."bank", NEW."closed_on", NEW."closed_reason", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."purpose", NEW."registered_at", NEW."registered_by_id"); RETURN NULL;', hash='d1d675722912e28fa7b957113d520d394931bcc8', operation='UPDATE', pgid='pgtrigger_update_update_8c728', table='finance_bankaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankaccountevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='2bbf991cd3c27863a0c47cc9758caed4838282c1', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_cf337', table='finance_bankaccountevent', when='BEFORE')),
        ),
        migrations.RunSQL(GUARD, DROP),
    ]

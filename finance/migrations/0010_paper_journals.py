"""Paper journals on their way into the books."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0009_voucher_scans'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('schools', '0002_public_holidays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='JournalBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('draft', 'accounts to be chosen'), ('submitted', 'waits for a second person'), ('posted', 'posted'), ('dropped', 'given up')], default='draft', max_length=9, verbose_name='state')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('opening', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='opening balance')),
                ('closing', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='closing balance')),
                ('debit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='debit')),
                ('credit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='credit')),
                ('entries', models.PositiveIntegerField(verbose_name='entries')),
                ('prepared_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='imported at')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed at')),
                ('returned_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was sent back')),
                ('fingerprint', models.CharField(editable=False, max_length=64, verbose_name='fingerprint')),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.account', verbose_name='account of the journal')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('ledger', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.ledger', verbose_name='set of books')),
                ('opening_account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.account', verbose_name='account of the opening balance')),
                ('prepared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='imported by')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'verbose_name': 'paper journal',
                'verbose_name_plural': 'paper journals',
            },
        ),
        migrations.CreateModel(
            name='JournalBatchEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('state', models.CharField(choices=[('draft', 'accounts to be chosen'), ('submitted', 'waits for a second person'), ('posted', 'posted'), ('dropped', 'given up')], default='draft', max_length=9, verbose_name='state')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('opening', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='opening balance')),
                ('closing', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='closing balance')),
                ('debit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='debit')),
                ('credit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='credit')),
                ('entries', models.PositiveIntegerField(verbose_name='entries')),
                ('prepared_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='imported at')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed at')),
                ('returned_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was sent back')),
                ('fingerprint', models.CharField(editable=False, max_length=64, verbose_name='fingerprint')),
                ('account', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.account', verbose_name='account of the journal')),
                ('confirmed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('ledger', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.ledger', verbose_name='set of books')),
                ('opening_account', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.account', verbose_name='account of the opening balance')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.journalbatch')),
                ('prepared_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='imported by')),
                ('school', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='JournalCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=100, verbose_name='on paper')),
                ('lines', models.PositiveIntegerField(verbose_name='lines')),
                ('debit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='debit')),
                ('credit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='credit')),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.account', verbose_name='account in these books')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='counters', to='finance.journalbatch', verbose_name='paper journal')),
                ('budget_account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.account', verbose_name='account of the budget half')),
            ],
            options={
                'verbose_name': 'counter account of a paper journal',
                'verbose_name_plural': 'counter accounts of paper journals',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='JournalRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(verbose_name='line')),
                ('row', models.PositiveIntegerField(verbose_name='row of the file')),
                ('month', models.PositiveSmallIntegerField(verbose_name='month')),
                ('day', models.PositiveSmallIntegerField(verbose_name='day')),
                ('word', models.CharField(choices=[('receipt', 'receipt voucher'), ('payment', 'payment voucher'), ('transfer', 'transfer voucher'), ('general', 'voucher'), ('opening', 'opening balances')], max_length=8, verbose_name='word of the voucher')),
                ('number', models.PositiveIntegerField(verbose_name='voucher number')),
                ('summary', models.CharField(max_length=100, verbose_name='summary')),
                ('debit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='debit')),
                ('credit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='credit')),
                ('balance', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='balance')),
                ('attachments', models.PositiveSmallIntegerField(default=0, verbose_name='attachments')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='finance.journalbatch', verbose_name='paper journal')),
                ('counter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='finance.journalcounter', verbose_name='counter account')),
                ('voucher', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.voucher', verbose_name='voucher')),
            ],
            options={
                'verbose_name': 'line of a paper journal',
                'verbose_name_plural': 'lines of paper journals',
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='JournalTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveIntegerField(verbose_name='row of the file')),
                ('kind', models.CharField(choices=[('brought_forward', 'brought forward'), ('carried_over', 'carried over'), ('day_total', 'total of the day'), ('month_total', 'total of the month'), ('year_total', 'total of the year so far'), ('page_total', 'total of the page'), ('next_year', 'carried to next year'), ('total', 'total')], max_length=15, verbose_name='kind')),
                ('entries', models.PositiveIntegerField(verbose_name='entries')),
                ('month', models.PositiveSmallIntegerField(verbose_name='month')),
                ('debit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='debit')),
                ('credit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='credit')),
                ('balance', models.DecimalField(decimal_places=2, max_digits=16, null=True, verbose_name='balance')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='totals', to='finance.journalbatch', verbose_name='paper journal')),
            ],
            options={
                'verbose_name': 'total of a paper journal',
                'verbose_name_plural': 'totals of paper journals',
                'ordering': ['row'],
            },
        ),
        migrations.AddIndex(
            model_name='journalbatch',
            index=models.Index(fields=['school', 'prepared_at', 'id'], name='finance_journal_school'),
        ),
        migrations.AddIndex(
            model_name='journalbatch',
            index=models.Index(fields=['prepared_at', 'id'], name='finance_journal_newest'),
        ),
        migrations.AddConstraint(
            model_name='journalbatch',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'posted', 'dropped'])), name='finance_journalbatch_state'),
        ),
        migrations.AddConstraint(
            model_name='journalbatch',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('prepared_by')), _negated=True), _connector='OR'), name='finance_journalbatch_two_people', violation_error_message='Nobody confirms what they imported themselves.'),
        ),
        migrations.AddConstraint(
            model_name='journalbatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('state', 'posted')), models.Q(models.Q(('state', 'posted'), _negated=True), ('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), _connector='OR'), name='finance_journalbatch_confirmed'),
        ),
        migrations.AddConstraint(
            model_name='journalbatch',
            constraint=models.CheckConstraint(condition=models.Q(('closing', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('opening'), '+', models.F('debit')), '-', models.F('credit')))), name='finance_journalbatch_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='journalbatch',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'dropped']), ('account__isnull', False), _connector='OR'), name='finance_journalbatch_account'),
        ),
        migrations.AddConstraint(
            model_name='journalbatch',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'dropped'), _negated=True), fields=('ledger', 'fingerprint'), name='finance_journalbatch_once', violation_error_message='This journal is here already.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='journalbatch',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_journalbatchevent" ("account_id", "closing", "confirmed_at", "confirmed_by_id", "credit", "debit", "entries", "fingerprint", "id", "ledger_id", "opening", "opening_account_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_at", "prepared_by_id", "returned_reason", "school_id", "state", "year") VALUES (NEW."account_id", NEW."closing", NEW."confirmed_at", NEW."confirmed_by_id", NEW."credit", NEW."debit", NEW."entries", NEW."fingerprint", NEW."id", NEW."ledger_id", NEW."opening", NEW."opening_account_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."prepared_at", NEW."prepared_by_id", NEW."returned_reason", NEW."school_id", NEW."state", NEW."year"); RETURN NULL;', hash='c0745adb71c75dbef8ecee748e7fb0f01f72b8c7', operation='INSERT', pgid='pgtrigger_insert_insert_f9359', table='finance_journalbatch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='journalbatch',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "finance_journalbatchevent" ("account_id", "closing", "confirmed_at", "confirmed_by_id", "credit", "debit", "entries", "fingerprint", "id", "ledger_id", "opening", "opening_account_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_at", "prepared_by_id", "returned_reason", "school_id", "state", "year") VALUES (NEW."account_id", NEW."closing", NEW."confirmed_at", NEW."confirmed_by_id", NEW."credit", NEW."debit", NEW."entries", NEW."fingerprint", NEW."id", NEW."ledger_id", NEW."opening", NEW."opening_account_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."prepared_at", NEW."prepared_by_id", NEW."returned_reason", NEW."school_id", NEW."state", NEW."year"); RETURN NULL;', hash='e2bf9d0089f2494fa133ee3dd0b20ad1a334f435', operation='UPDATE', pgid='pgtrigger_update_update_b6f6c', table='finance_journalbatch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='journalbatchevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='afb1e6f57182d45b718ebd84bf83969991319335', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_078f9', table='finance_journalbatchevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='journalcounter',
            constraint=models.UniqueConstraint(fields=('batch', 'text'), name='finance_journalcounter_once'),
        ),
        migrations.AddConstraint(
            model_name='journalrow',
            constraint=models.UniqueConstraint(fields=('batch', 'position'), name='finance_journalrow_position'),
        ),
        migrations.AddConstraint(
            model_name='journalrow',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('debit', 0), models.Q(('credit', 0), _negated=True)), models.Q(models.Q(('debit', 0), _negated=True), ('credit', 0)), _connector='OR'), name='finance_journalrow_one_side'),
        ),
        migrations.AddConstraint(
            model_name='journaltotal',
            constraint=models.UniqueConstraint(fields=('batch', 'row'), name='finance_journaltotal_row'),
        ),
    ]

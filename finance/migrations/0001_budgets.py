"""Budget lines, what is reserved of them, why their amounts changed; the items that ship; the rules as triggers."""

from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import houqin.web.search
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from finance.budgets.shipped import load_shipped

CREATE = """
CREATE TRIGGER finance_budgetchange_append_only
    BEFORE UPDATE OR DELETE ON finance_budgetchange
    FOR EACH ROW EXECUTE FUNCTION houqin_append_only();

CREATE TRIGGER finance_budgetchange_no_truncate
    BEFORE TRUNCATE ON finance_budgetchange
    FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();

-- What was reserved is released, never removed.
CREATE TRIGGER finance_reservation_kept
    BEFORE DELETE ON finance_reservation
    FOR EACH ROW EXECUTE FUNCTION houqin_append_only();

CREATE TRIGGER finance_reservation_no_truncate
    BEFORE TRUNCATE ON finance_reservation
    FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();

-- The sums of a line follow its reservations; the line's constraint then refuses what it does not bear.
CREATE FUNCTION finance_count_reservation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    more_held numeric := CASE WHEN NEW.state = 'held' THEN NEW.amount - NEW.spent ELSE 0 END;
    more_spent numeric := NEW.spent;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (OLD.line_id, OLD.subject_kind, OLD.subject_id) <> (NEW.line_id, NEW.subject_kind, NEW.subject_id) THEN
            RAISE EXCEPTION 'a reservation stays with its line and its subject'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
        END IF;
        more_held := more_held - CASE WHEN OLD.state = 'held' THEN OLD.amount - OLD.spent ELSE 0 END;
        more_spent := more_spent - OLD.spent;
    END IF;
    UPDATE finance_budgetline AS line
        SET reserved = line.reserved + more_held, spent = line.spent + more_spent
        WHERE line.id = NEW.line_id;
    RETURN NULL;
END;
$$;

CREATE TRIGGER finance_reservation_counted
    AFTER INSERT OR UPDATE ON finance_reservation
    FOR EACH ROW EXECUTE FUNCTION finance_count_reservation();

-- Nobody else writes these sums: a statement of its own runs one trigger deep, the one above two.
CREATE FUNCTION finance_keep_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 AND (
        TG_OP = 'INSERT' AND (NEW.reserved, NEW.spent) <> (0, 0)
        OR TG_OP = 'UPDATE' AND (NEW.reserved, NEW.spent) <> (OLD.reserved, OLD.spent)
    ) THEN
        RAISE EXCEPTION 'reserved and spent are the sums of the reservations'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER finance_budgetline_sums
    BEFORE INSERT OR UPDATE ON finance_budgetline
    FOR EACH ROW EXECUTE FUNCTION finance_keep_sums();

-- An amount moves only after a row that says from what to what, and why.
CREATE FUNCTION finance_ask_reason() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.amount, NEW.amount) IS DISTINCT FROM (
        SELECT (before, after) FROM finance_budgetchange WHERE line_id = NEW.id ORDER BY id DESC LIMIT 1
    ) THEN
        RAISE EXCEPTION 'the amount of a budget line changes only with a reason'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER finance_budgetline_reason
    BEFORE UPDATE ON finance_budgetline
    FOR EACH ROW WHEN (OLD.amount IS DISTINCT FROM NEW.amount) EXECUTE FUNCTION finance_ask_reason();
"""

DROP = """
DROP TRIGGER finance_budgetline_reason ON finance_budgetline;
DROP TRIGGER finance_budgetline_sums ON finance_budgetline;
DROP TRIGGER finance_reservation_counted ON finance_reservation;
DROP TRIGGER finance_reservation_no_truncate ON finance_reservation;
DROP TRIGGER finance_reservation_kept ON finance_reservation;
DROP TRIGGER finance_budgetchange_no_truncate ON finance_budgetchange;
DROP TRIGGER finance_budgetchange_append_only ON finance_budgetchange;
DROP FUNCTION finance_ask_reason();
DROP FUNCTION finance_keep_sums();
DROP FUNCTION finance_count_reservation();
"""


def load_items(apps: Any, schema_editor: Any) -> None:
    load_shipped(apps.get_model("finance", "ExpenditureItem"))


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('history', '0002_append_only'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('schools', '0002_public_holidays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ExpenditureItem',
            fields=[
                ('position', models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name='place in the chart')),
                ('group', models.CharField(choices=[('salary_welfare', 'salaries and welfare'), ('goods_services', 'goods and services'), ('transfers', 'aid to persons and households'), ('capital', 'capital expenditure')], max_length=16, verbose_name='group')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number in the group')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='expenditure item')),
            ],
            options={
                'verbose_name': 'expenditure item',
                'verbose_name_plural': 'expenditure items',
                'constraints': [models.UniqueConstraint(fields=('group', 'number'), name='finance_expenditureitem_once'), models.CheckConstraint(condition=models.Q(('group__in', ['salary_welfare', 'goods_services', 'transfers', 'capital'])), name='finance_expenditureitem_group')],
            },
        ),
        migrations.CreateModel(
            name='BudgetLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(help_text='The budget year is the calendar year.', validators=[django.core.validators.MinValueValidator(2000), django.core.validators.MaxValueValidator(2100)], verbose_name='year')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.expenditureitem', verbose_name='expenditure item')),
                ('source', models.CharField(choices=[('fiscal', 'appropriation of the own level'), ('business', 'income from services'), ('other_fiscal', 'appropriation of another level'), ('other', 'other funds')], default='fiscal', max_length=12, verbose_name='source of the money')),
                ('detail', models.CharField(blank=True, help_text='Tells lines of the same item apart, like desks and chairs.', max_length=40, verbose_name='for what')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='amount')),
                ('reserved', models.DecimalField(decimal_places=2, default=Decimal('0.00'), editable=False, max_digits=14, verbose_name='reserved')),
                ('spent', models.DecimalField(decimal_places=2, default=Decimal('0.00'), editable=False, max_digits=14, verbose_name='spent')),
                ('left', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('amount'), '-', models.F('reserved')), '-', models.F('spent')), output_field=models.DecimalField(decimal_places=2, max_digits=14, verbose_name='left'))),
                ('entered_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='entered at')),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='closed at')),
                ('rank', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.Value(9999), '-', models.F('year')), '*', models.Value(100)), '+', models.F('item_id')), output_field=models.IntegerField())),
                ('search_text', models.TextField(blank=True, editable=False)),
                ('search_pieces', models.GeneratedField(db_persist=True, expression=houqin.web.search.Pieces('search_text'), output_field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None))),
                ('entered_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'verbose_name': 'budget line',
                'verbose_name_plural': 'budget lines',
            },
        ),
        migrations.CreateModel(
            name='BudgetLineEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('year', models.PositiveSmallIntegerField(help_text='The budget year is the calendar year.', validators=[django.core.validators.MinValueValidator(2000), django.core.validators.MaxValueValidator(2100)], verbose_name='year')),
                ('source', models.CharField(choices=[('fiscal', 'appropriation of the own level'), ('business', 'income from services'), ('other_fiscal', 'appropriation of another level'), ('other', 'other funds')], default='fiscal', max_length=12, verbose_name='source of the money')),
                ('detail', models.CharField(blank=True, help_text='Tells lines of the same item apart, like desks and chairs.', max_length=40, verbose_name='for what')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='amount')),
                ('entered_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='entered at')),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='closed at')),
                ('entered_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.budgetline')),
                ('school', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='schools.school', verbose_name='school')),
                ('item', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.expenditureitem', verbose_name='expenditure item')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(max_length=40, verbose_name='for what kind of thing')),
                ('subject_id', models.PositiveBigIntegerField(verbose_name='for which one')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))], verbose_name='amount')),
                ('spent', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=14, verbose_name='spent')),
                ('state', models.CharField(choices=[('held', 'reserved'), ('released', 'released')], default='held', max_length=8, verbose_name='state')),
                ('reserved_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='reserved at')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released at')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='finance.budgetline', verbose_name='budget line')),
                ('reserved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reserved by')),
            ],
            options={
                'verbose_name': 'reservation',
                'verbose_name_plural': 'reservations',
            },
        ),
        migrations.CreateModel(
            name='ReservationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('subject_kind', models.CharField(max_length=40, verbose_name='for what kind of thing')),
                ('subject_id', models.PositiveBigIntegerField(verbose_name='for which one')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))], verbose_name='amount')),
                ('spent', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=14, verbose_name='spent')),
                ('state', models.CharField(choices=[('held', 'reserved'), ('released', 'released')], default='held', max_length=8, verbose_name='state')),
                ('reserved_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='reserved at')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released at')),
                ('line', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.budgetline', verbose_name='budget line')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.reservation')),
                ('reserved_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reserved by')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='BudgetChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='amount before')),
                ('after', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='amount after')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='changed at')),
                ('changed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='finance.budgetline', verbose_name='budget line')),
            ],
            options={
                'verbose_name': 'budget change',
                'verbose_name_plural': 'budget changes',
                'constraints': [models.CheckConstraint(condition=models.Q(('after__gte', 0), ('before__gte', 0), models.Q(('before', models.F('after')), _negated=True)), name='finance_budgetchange_amounts'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='finance_budgetchange_reason', violation_error_message='Write why the amount changes.')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='budgetlineevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='feec8e84fca8abfd1e705fdaee9e5ad8d1831958', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e521a', table='finance_budgetlineevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='budgetline',
            index=models.Index(fields=['school', 'rank', 'id'], name='finance_line_school_rank'),
        ),
        migrations.AddIndex(
            model_name='budgetline',
            index=models.Index(fields=['rank', 'id'], name='finance_line_rank'),
        ),
        migrations.AddIndex(
            model_name='budgetline',
            index=models.Index(fields=['school', 'left', 'id'], name='finance_line_school_left'),
        ),
        migrations.AddIndex(
            model_name='budgetline',
            index=models.Index(fields=['left', 'id'], name='finance_line_left'),
        ),
        migrations.AddIndex(
            model_name='budgetline',
            index=models.Index(fields=['school', 'amount', 'id'], name='finance_line_school_amount'),
        ),
        migrations.AddIndex(
            model_name='budgetline',
            index=models.Index(fields=['amount', 'id'], name='finance_line_amount'),
        ),
        migrations.AddIndex(
            model_name='budgetline',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search_pieces'], name='finance_line_search'),
        ),
        migrations.AddConstraint(
            model_name='budgetline',
            constraint=models.UniqueConstraint(fields=('school', 'year', 'item', 'source', 'detail'), name='finance_budgetline_once', violation_error_message='The school already has this line. Change its amount, or say for what.'),
        ),
        migrations.AddConstraint(
            model_name='budgetline',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('reserved__gte', 0), ('spent__gte', 0)), name='finance_budgetline_not_negative', violation_error_message='Amounts of a budget line are not below zero.'),
        ),
        migrations.AddConstraint(
            model_name='budgetline',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', django.db.models.expressions.CombinedExpression(models.F('reserved'), '+', models.F('spent')))), name='finance_budgetline_bears', violation_error_message='The line does not bear this: more is spent and reserved than it has.'),
        ),
        migrations.AddConstraint(
            model_name='budgetline',
            constraint=models.CheckConstraint(condition=models.Q(('year__range', (2000, 2100))), name='finance_budgetline_year', violation_error_message='Write the year with four digits.'),
        ),
        migrations.AddConstraint(
            model_name='budgetline',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['fiscal', 'business', 'other_fiscal', 'other'])), name='finance_budgetline_source'),
        ),
        migrations.AddConstraint(
            model_name='budgetline',
            constraint=models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), ('reserved', 0), _connector='OR'), name='finance_budgetline_closed', violation_error_message='A closed line holds nothing for anybody.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='budgetline',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_budgetlineevent" ("amount", "closed_at", "detail", "entered_at", "entered_by_id", "id", "item_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id", "source", "year") VALUES (NEW."amount", NEW."closed_at", NEW."detail", NEW."entered_at", NEW."entered_by_id", NEW."id", NEW."item_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."school_id", NEW."source", NEW."year"); RETURN NULL;', hash='72d8ba1c368ef942b484e8884c8300d44eb10039', operation='INSERT', pgid='pgtrigger_insert_insert_c74d1', table='finance_budgetline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='budgetline',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."closed_at" IS DISTINCT FROM (NEW."closed_at") OR OLD."detail" IS DISTINCT FROM (NEW."detail") OR OLD."entered_at" IS DISTINCT FROM (NEW."entered_at") OR OLD."entered_by_id" IS DISTINCT FROM (NEW."entered_by_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."item_id" IS DISTINCT FROM (NEW."item_id") OR OLD."school_id" IS DISTINCT FROM (NEW."school_id") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."year" IS DISTINCT FROM (NEW."year"))', func='INSERT INTO "finance_budgetlineevent" ("amount", "closed_at", "detail", "entered_at", "entered_by_id", "id", "item_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id", "source", "year") VALUES (NEW."amount", NEW."closed_at", NEW."detail", NEW."entered_at", NEW."entered_by_id", NEW."id", NEW."item_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."school_id", NEW."source", NEW."year"); RETURN NULL;', hash='c49965c5fa4b39b57c02285edbdc58b32d77e27e', operation='UPDATE', pgid='pgtrigger_update_update_5e4b5', table='finance_budgetline', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(fields=['subject_kind', 'subject_id'], name='finance_reservation_subject'),
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(fields=['line', 'reserved_at'], name='finance_reservation_line'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'held')), fields=('subject_kind', 'subject_id'), name='finance_reservation_held_once', violation_error_message='Money is already reserved for this.'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('spent__gte', 0), ('spent__lte', models.F('amount'))), name='finance_reservation_amounts', violation_error_message='At most what is reserved can be spent.'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('released_at__isnull', True), ('state', 'held')), models.Q(('released_at__isnull', False), ('state', 'released')), _connector='OR'), name='finance_reservation_state'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservation',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_reservationevent" ("amount", "id", "line_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "released_at", "reserved_at", "reserved_by_id", "spent", "state", "subject_id", "subject_kind") VALUES (NEW."amount", NEW."id", NEW."line_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."released_at", NEW."reserved_at", NEW."reserved_by_id", NEW."spent", NEW."state", NEW."subject_id", NEW."subject_kind"); RETURN NULL;', hash='ddb4d3f5c5289c3ca9940eb9ac4e5c6409067782', operation='INSERT', pgid='pgtrigger_insert_insert_c7f3a', table='finance_reservation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservation',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "finance_reservationevent" ("amount", "id", "line_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "released_at", "reserved_at", "reserved_by_id", "spent", "state", "subject_id", "subject_kind") VALUES (NEW."amount", NEW."id", NEW."line_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."released_at", NEW."reserved_at", NEW."reserved_by_id", NEW."spent", NEW."state", NEW."subject_id", NEW."subject_kind"); RETURN NULL;', hash='f1e46469764f30b1a19e828b961ff7f010d90b54', operation='UPDATE', pgid='pgtrigger_update_update_c8d2d', table='finance_reservation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservationevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='11179337680741efe1e893f43f4ac5d65c650553', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_baff4', table='finance_reservationevent', when='BEFORE')),
        ),
        migrations.RunSQL(CREATE, DROP),
        migrations.RunPython(load_items, migrations.RunPython.noop),
    ]

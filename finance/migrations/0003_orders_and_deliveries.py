"""Suppliers, orders and deliveries; triggers count what came and keep asker, signers, buyer and receiver apart."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import houqin.web.search
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


CREATE = """
CREATE FUNCTION finance_took_part(request bigint, person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM finance_purchaserequest WHERE id = request AND requester_id = person
    ) OR EXISTS (
        SELECT 1 FROM approvals_signature AS given JOIN approvals_approval AS asked ON asked.id = given.approval_id
        WHERE asked.kind = 'purchase' AND asked.subject_id = request AND given.signer_id = person
    )
$$;

CREATE FUNCTION finance_refuse(broken text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'purchase refused: %', broken
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = broken;
    END IF;
END;
$$;

CREATE FUNCTION finance_check_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked finance_purchaserequest%ROWTYPE;
BEGIN
    SELECT * INTO asked FROM finance_purchaserequest WHERE id = NEW.request_id FOR UPDATE;
    PERFORM finance_refuse(CASE
        WHEN TG_OP = 'INSERT' AND asked.state NOT IN ('approved', 'ordered') THEN 'finance_purchaseorder_approved'
        WHEN asked.school_id <> NEW.school_id THEN 'finance_purchaseorder_school'
        WHEN finance_took_part(NEW.request_id, NEW.buyer_id) THEN 'finance_purchaseorder_apart'
    END);
    RETURN NEW;
END;
$$;

CREATE TRIGGER finance_purchaseorder_guard
    BEFORE INSERT OR UPDATE OF buyer_id, request_id, school_id ON finance_purchaseorder
    FOR EACH ROW EXECUTE FUNCTION finance_check_order();

CREATE FUNCTION finance_check_orderline() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked finance_purchaseline%ROWTYPE;
    came numeric;
BEGIN
    SELECT * INTO asked FROM finance_purchaseline WHERE id = NEW.line_id;
    SELECT coalesce(sum(counted - faulty), 0) INTO came FROM finance_deliveryline WHERE order_line_id = NEW.id;
    PERFORM finance_refuse(CASE
        WHEN asked.request_id <> (SELECT request_id FROM finance_purchaseorder WHERE id = NEW.order_id)
            THEN 'finance_orderline_own_request'
        WHEN NEW.quantity > asked.quantity OR NEW.unit_price > asked.unit_price THEN 'finance_orderline_approved'
        WHEN NEW.accepted <> came THEN 'finance_orderline_counted'
    END);
    RETURN NEW;
END;
$$;

CREATE TRIGGER finance_orderline_guard
    BEFORE INSERT OR UPDATE ON finance_orderline
    FOR EACH ROW EXECUTE FUNCTION finance_check_orderline();

CREATE FUNCTION finance_check_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ordered finance_purchaseorder%ROWTYPE;
BEGIN
    SELECT * INTO ordered FROM finance_purchaseorder WHERE id = NEW.order_id FOR UPDATE;
    PERFORM finance_refuse(CASE
        WHEN ordered.state NOT IN ('placed', 'partly') THEN 'finance_delivery_open'
        WHEN ordered.buyer_id = NEW.received_by_id OR finance_took_part(ordered.request_id, NEW.received_by_id)
            THEN 'finance_delivery_apart'
    END);
    RETURN NEW;
END;
$$;

CREATE TRIGGER finance_delivery_guard
    BEFORE INSERT ON finance_delivery
    FOR EACH ROW EXECUTE FUNCTION finance_check_delivery();

CREATE FUNCTION finance_count_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line finance_orderline%ROWTYPE;
BEGIN
    -- Whoever counts the same line at the same moment waits here, and then sees both deliveries.
    SELECT * INTO line FROM finance_orderline WHERE id = NEW.order_line_id FOR UPDATE;
    PERFORM finance_refuse(CASE
        WHEN line.order_id <> (SELECT order_id FROM finance_delivery WHERE id = NEW.delivery_id)
            THEN 'finance_deliveryline_own_order'
    END);
    UPDATE finance_orderline SET accepted = (
        SELECT sum(counted - faulty) FROM finance_deliveryline WHERE order_line_id = NEW.order_line_id
    ) WHERE id = NEW.order_line_id;
    RETURN NULL;
END;
$$;

CREATE TRIGGER finance_deliveryline_count
    AFTER INSERT ON finance_deliveryline
    FOR EACH ROW EXECUTE FUNCTION finance_count_delivery();
"""

DROP = """
DROP TRIGGER finance_deliveryline_count ON finance_deliveryline;
DROP FUNCTION finance_count_delivery();
DROP TRIGGER finance_delivery_guard ON finance_delivery;
DROP FUNCTION finance_check_delivery();
DROP TRIGGER finance_orderline_guard ON finance_orderline;
DROP FUNCTION finance_check_orderline();
DROP TRIGGER finance_purchaseorder_guard ON finance_purchaseorder;
DROP FUNCTION finance_check_order();
DROP FUNCTION finance_refuse(text);
DROP FUNCTION finance_took_part(bigint, bigint);
"""

APPEND_ONLY = """
CREATE TRIGGER {table}_append_only
    BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION houqin_append_only();
CREATE TRIGGER {table}_no_truncate
    BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""

TABLES = ("finance_delivery", "finance_deliveryline")


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0002_signatures_guarded'),
        ('history', '0002_append_only'),
        ('assets', '0006_repairs_not_to_overlook'),
        ('files', '0001_initial'),
        ('finance', '0002_purchase_requests'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('schools', '0002_public_holidays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PurchaseOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, verbose_name='order number')),
                ('ordered_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='ordered on')),
                ('promised_on', models.DateField(blank=True, null=True, verbose_name='promised for')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='words for the supplier')),
                ('state', models.CharField(choices=[('placed', 'ordered, nothing came yet'), ('partly', 'partly delivered'), ('delivered', 'delivered'), ('closed', 'closed with a shortfall'), ('cancelled', 'cancelled')], default='placed', max_length=10, verbose_name='state')),
                ('total', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='order total')),
                ('end_reason', models.CharField(blank=True, max_length=300, verbose_name='why it ended early')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('search_text', models.TextField(blank=True, editable=False)),
                ('search_pieces', models.GeneratedField(db_persist=True, expression=houqin.web.search.Pieces('search_text'), output_field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None))),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='buyer')),
                ('ordered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='order written by')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='finance.purchaserequest', verbose_name='purchase request')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'verbose_name': 'purchase order',
                'verbose_name_plural': 'purchase orders',
            },
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.DecimalField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))], verbose_name='quantity ordered')),
                ('unit_price', models.DecimalField(decimal_places=2, max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='agreed price')),
                ('accepted', models.DecimalField(decimal_places=2, default=Decimal('0.00'), editable=False, max_digits=10, verbose_name='accepted')),
                ('is_live', models.BooleanField(default=True, editable=False)),
                ('card', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assets.assetcard', verbose_name='asset card')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assets.assetcategory', verbose_name='asset category')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_lines', to='finance.purchaseline', verbose_name='line of the request')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='finance.purchaseorder', verbose_name='order')),
            ],
            options={
                'verbose_name': 'line of an order',
                'verbose_name_plural': 'lines of orders',
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('received_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='received on')),
                ('counted_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='counted at')),
                ('faults', models.CharField(blank=True, max_length=500, verbose_name='faults')),
                ('note_photo', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile', verbose_name='photo of the delivery note')),
                ('received_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='received by')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='finance.purchaseorder', verbose_name='order')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
            },
        ),
        migrations.CreateModel(
            name='Supplier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name="supplier's name")),
                ('contact', models.CharField(blank=True, max_length=40, verbose_name='contact person')),
                ('phone', models.CharField(blank=True, max_length=20, validators=[django.core.validators.RegexValidator('^[0-9+][0-9 \\-]*$', 'A phone number has digits, blanks and dashes.')], verbose_name='phone')),
                ('taxpayer_number', models.CharField(blank=True, max_length=20, validators=[django.core.validators.RegexValidator('^[0-9A-Z]{15,20}$', '15 to 20 digits and capital letters, usually 18.')], verbose_name='taxpayer number')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('is_active', models.BooleanField(default=True, verbose_name='still bought from')),
                ('name_pinyin', models.CharField(blank=True, editable=False, max_length=400)),
                ('search_text', models.TextField(blank=True, editable=False)),
                ('search_pieces', models.GeneratedField(db_persist=True, expression=houqin.web.search.Pieces('search_text'), output_field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None))),
                ('school', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='central school')),
            ],
            options={
                'verbose_name': 'supplier',
                'verbose_name_plural': 'suppliers',
            },
        ),
        migrations.CreateModel(
            name='PurchaseOrderEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.CharField(max_length=20, verbose_name='order number')),
                ('ordered_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='ordered on')),
                ('promised_on', models.DateField(blank=True, null=True, verbose_name='promised for')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='words for the supplier')),
                ('state', models.CharField(choices=[('placed', 'ordered, nothing came yet'), ('partly', 'partly delivered'), ('delivered', 'delivered'), ('closed', 'closed with a shortfall'), ('cancelled', 'cancelled')], default='placed', max_length=10, verbose_name='state')),
                ('total', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='order total')),
                ('end_reason', models.CharField(blank=True, max_length=300, verbose_name='why it ended early')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('buyer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='buyer')),
                ('ordered_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='order written by')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.purchaseorder')),
                ('request', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.purchaserequest', verbose_name='purchase request')),
                ('school', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='schools.school', verbose_name='school')),
                ('supplier', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.supplier', verbose_name='supplier')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='purchaseorder',
            name='supplier',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='finance.supplier', verbose_name='supplier'),
        ),
        migrations.CreateModel(
            name='SupplierEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=100, verbose_name="supplier's name")),
                ('contact', models.CharField(blank=True, max_length=40, verbose_name='contact person')),
                ('phone', models.CharField(blank=True, max_length=20, validators=[django.core.validators.RegexValidator('^[0-9+][0-9 \\-]*$', 'A phone number has digits, blanks and dashes.')], verbose_name='phone')),
                ('taxpayer_number', models.CharField(blank=True, max_length=20, validators=[django.core.validators.RegexValidator('^[0-9A-Z]{15,20}$', '15 to 20 digits and capital letters, usually 18.')], verbose_name='taxpayer number')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('is_active', models.BooleanField(default=True, verbose_name='still bought from')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.supplier')),
                ('school', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='schools.school', verbose_name='central school')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DeliveryLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('counted', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='counted')),
                ('faulty', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=10, verbose_name='of these faulty')),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='finance.delivery', verbose_name='delivery')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='finance.orderline', verbose_name='line of the order')),
            ],
            options={
                'verbose_name': 'line of a delivery',
                'verbose_name_plural': 'lines of deliveries',
                'constraints': [models.UniqueConstraint(fields=('delivery', 'order_line'), name='finance_deliveryline_once'), models.CheckConstraint(condition=models.Q(('counted__gt', 0), ('faulty__gte', 0), ('faulty__lte', models.F('counted'))), name='finance_deliveryline_figures', violation_error_message='No more can be faulty than came.')],
            },
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('line',), name='finance_orderline_once', violation_error_message='This line is ordered already.'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('unit_price__gte', 0)), name='finance_orderline_figures'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('accepted__gte', 0), ('accepted__lte', models.F('quantity'))), name='finance_orderline_not_over', violation_error_message='More than was ordered cannot be accepted.'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['received_by', 'counted_at'], name='finance_delivery_receiver'),
        ),
        migrations.AddIndex(
            model_name='supplier',
            index=models.Index(fields=['school', 'name_pinyin', 'id'], name='finance_supplier_by_name'),
        ),
        migrations.AddIndex(
            model_name='supplier',
            index=models.Index(fields=['name_pinyin', 'id'], name='finance_supplier_all'),
        ),
        migrations.AddIndex(
            model_name='supplier',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search_pieces'], name='finance_supplier_search'),
        ),
        migrations.AddConstraint(
            model_name='supplier',
            constraint=models.UniqueConstraint(fields=('school', 'name'), name='finance_supplier_name', violation_error_message='There is a supplier of this name already.'),
        ),
        migrations.AddConstraint(
            model_name='supplier',
            constraint=models.UniqueConstraint(condition=models.Q(('taxpayer_number', ''), _negated=True), fields=('school', 'taxpayer_number'), name='finance_supplier_taxpayer_number', violation_error_message='Another supplier has this taxpayer number.'),
        ),
        migrations.AddConstraint(
            model_name='supplier',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='finance_supplier_name_given'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='supplier',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_supplierevent" ("contact", "id", "is_active", "name", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "school_id", "taxpayer_number") VALUES (NEW."contact", NEW."id", NEW."is_active", NEW."name", NEW."note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."school_id", NEW."taxpayer_number"); RETURN NULL;', hash='aba056ceb09733bf0e124bc1d9e3f9c633facb1d', operation='INSERT', pgid='pgtrigger_insert_insert_eb6f9', table='finance_supplier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='supplier',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."contact" IS DISTINCT FROM (NEW."contact") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."school_id" IS DISTINCT FROM (NEW."school_id") OR OLD."taxpayer_number" IS DISTINCT FROM (NEW."taxpayer_number"))', func='INSERT INTO "finance_supplierevent" ("contact", "id", "is_active", "name", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "school_id", "taxpayer_number") VALUES (NEW."contact", NEW."id", NEW."is_active", NEW."name", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."school_id", NEW."taxpayer_number"); RETURN NULL;', hash='7c659e35b29a89937db4c2405f799e6936ae6976', operation='UPDATE', pgid='pgtrigger_update_update_36400', table='finance_supplier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purchaseorderevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='32463046a4e2b6d767cb9ff71bddae4e19cff471', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_dfa5e', table='finance_purchaseorderevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='purchaseorder',
            index=models.Index(fields=['school', 'ordered_on', 'id'], name='finance_order_school_date'),
        ),
        migrations.AddIndex(
            model_name='purchaseorder',
            index=models.Index(fields=['ordered_on', 'id'], name='finance_order_date'),
        ),
        migrations.AddIndex(
            model_name='purchaseorder',
            index=models.Index(fields=['school', 'state', 'ordered_on', 'id'], name='finance_order_state'),
        ),
        migrations.AddIndex(
            model_name='purchaseorder',
            index=models.Index(condition=models.Q(('state__in', ['placed', 'partly'])), fields=['school', 'promised_on'], name='finance_order_promised'),
        ),
        migrations.AddIndex(
            model_name='purchaseorder',
            index=models.Index(fields=['buyer', 'ordered_on', 'id'], name='finance_order_buyer'),
        ),
        migrations.AddIndex(
            model_name='purchaseorder',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search_pieces'], name='finance_order_search'),
        ),
        migrations.AddConstraint(
            model_name='purchaseorder',
            constraint=models.UniqueConstraint(fields=('school', 'number'), name='finance_purchaseorder_number'),
        ),
        migrations.AddConstraint(
            model_name='purchaseorder',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['placed', 'partly', 'delivered', 'closed', 'cancelled'])), name='finance_purchaseorder_state'),
        ),
        migrations.AddConstraint(
            model_name='purchaseorder',
            constraint=models.CheckConstraint(condition=models.Q(('total__gte', 0)), name='finance_purchaseorder_total'),
        ),
        migrations.AddConstraint(
            model_name='purchaseorder',
            constraint=models.CheckConstraint(condition=models.Q(('promised_on__isnull', True), ('promised_on__gte', models.F('ordered_on')), _connector='OR'), name='finance_purchaseorder_promised', violation_error_message='The promised day is before the day of the order.'),
        ),
        migrations.AddConstraint(
            model_name='purchaseorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['closed', 'cancelled']), _negated=True), models.Q(('end_reason', ''), _negated=True), _connector='OR'), name='finance_purchaseorder_reason', violation_error_message='Say why the order ends.'),
        ),
        migrations.AddConstraint(
            model_name='purchaseorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state__in', ['placed', 'partly'])), models.Q(('ended_at__isnull', False), ('state__in', ['delivered', 'closed', 'cancelled'])), _connector='OR'), name='finance_purchaseorder_ended'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purchaseorder',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_purchaseorderevent" ("buyer_id", "end_reason", "ended_at", "id", "note", "number", "ordered_by_id", "ordered_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "promised_on", "request_id", "school_id", "state", "supplier_id", "total") VALUES (NEW."buyer_id", NEW."end_reason", NEW."ended_at", NEW."id", NEW."note", NEW."number", NEW."ordered_by_id", NEW."ordered_on", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."promised_on", NEW."request_id", NEW."school_id", NEW."state", NEW."supplier_id", NEW."total"); RETURN NULL;', hash='2c52fe182b0ab37ec34f040079b014ad6f21fb12', operation='INSERT', pgid='pgtrigger_insert_insert_476dc', table='finance_purchaseorder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purchaseorder',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."buyer_id" IS DISTINCT FROM (NEW."buyer_id") OR OLD."end_reason" IS DISTINCT FROM (NEW."end_reason") OR OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."ordered_by_id" IS DISTINCT FROM (NEW."ordered_by_id") OR OLD."ordered_on" IS DISTINCT FROM (NEW."ordered_on") OR OLD."promised_on" IS DISTINCT FROM (NEW."promised_on") OR OLD."request_id" IS DISTINCT FROM (NEW."request_id") OR OLD."school_id" IS DISTINCT FROM (NEW."school_id") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."supplier_id" IS DISTINCT FROM (NEW."supplier_id") OR OLD."total" IS DISTINCT FROM (NEW."total"))', func='INSERT INTO "finance_purchaseorderevent" ("buyer_id", "end_reason", "ended_at", "id", "note", "number", "ordered_by_id", "ordered_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "promised_on", "request_id", "school_id", "state", "supplier_id", "total") VALUES (NEW."buyer_id", NEW."end_reason", NEW."ended_at", NEW."id", NEW."note", NEW."number", NEW."ordered_by_id", NEW."ordered_on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."promised_on", NEW."request_id", NEW."school_id", NEW."state", NEW."supplier_id", NEW."total"); RETURN NULL;', hash='bde8497b42fc920ae5fa283f7b858458f583f7a0', operation='UPDATE', pgid='pgtrigger_update_update_f93fb', table='finance_purchaseorder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='supplierevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3af51176a5f154249297400437bdce56e795d17b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d8347', table='finance_supplierevent', when='BEFORE')),
        ),
        migrations.RunSQL(CREATE, DROP),
        *[
            migrations.RunSQL(
                APPEND_ONLY.format(table=table),
                f"DROP TRIGGER {table}_no_truncate ON {table}; DROP TRIGGER {table}_append_only ON {table};",
            )
            for table in TABLES
        ],
    ]

"""Purchase requests with their lines, quotes and files; their course is only added to."""

import datetime
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.math
import django.utils.timezone
import houqin.web.search
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


CREATE = """
CREATE TRIGGER finance_purchasestep_append_only
    BEFORE UPDATE OR DELETE ON finance_purchasestep
    FOR EACH ROW EXECUTE FUNCTION houqin_append_only();

CREATE TRIGGER finance_purchasestep_no_truncate
    BEFORE TRUNCATE ON finance_purchasestep
    FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""

DROP = """
DROP TRIGGER finance_purchasestep_no_truncate ON finance_purchasestep;
DROP TRIGGER finance_purchasestep_append_only ON finance_purchasestep;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('history', '0002_append_only'),
        ('assets', '0006_repairs_not_to_overlook'),
        ('files', '0001_initial'),
        ('finance', '0001_budgets'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('schools', '0002_public_holidays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PurchaseLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='place in the list')),
                ('name', models.CharField(max_length=60, verbose_name='item')),
                ('specification', models.CharField(blank=True, default='', max_length=100, verbose_name='specification')),
                ('unit', models.CharField(max_length=10, verbose_name='unit')),
                ('quantity', models.DecimalField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))], verbose_name='quantity')),
                ('unit_price', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='estimated unit price')),
                ('amount', models.DecimalField(decimal_places=2, editable=False, max_digits=14, verbose_name='amount')),
                ('market_price', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))], verbose_name='market price')),
                ('market_source', models.CharField(blank=True, default='', max_length=100, verbose_name='where this price is seen')),
                ('reference_price', models.DecimalField(decimal_places=2, editable=False, max_digits=12, null=True, verbose_name='price to compare with')),
                ('over_market_reason', models.CharField(blank=True, default='', max_length=300, verbose_name='why it is dearer')),
                ('last_price', models.DecimalField(decimal_places=2, editable=False, max_digits=12, null=True, verbose_name='last own price')),
                ('last_bought_on', models.DateField(editable=False, null=True, verbose_name='last bought on')),
                ('is_equipment', models.BooleanField(default=False, verbose_name='goes into the register')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assets.assetcategory', verbose_name='asset category')),
            ],
            options={
                'verbose_name': 'line of a purchase',
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='PurchaseRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, verbose_name='number')),
                ('kind', models.CharField(choices=[('office', 'office supplies'), ('pupils', "pupils' supplies"), ('teaching', 'teaching material'), ('repair', 'repair material'), ('equipment', 'furniture and equipment')], max_length=10, verbose_name='kind')),
                ('title', models.CharField(max_length=80, verbose_name='what is bought')),
                ('purpose', models.CharField(blank=True, default='', max_length=500, verbose_name='what for')),
                ('needed_on', models.DateField(blank=True, null=True, verbose_name='needed by')),
                ('emergency_reason', models.CharField(blank=True, default='', max_length=300, verbose_name='why it is urgent')),
                ('idle_reason', models.CharField(blank=True, default='', max_length=200, verbose_name='why the idle ones do not serve')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('submitted', 'waiting for approval'), ('approved', 'approved, to be ordered'), ('returned', 'returned for change'), ('rejected', 'not approved'), ('withdrawn', 'withdrawn'), ('ordered', 'ordered, on its way'), ('delivered', 'delivered'), ('closed', 'closed')], default='draft', max_length=10, verbose_name='state')),
                ('total', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=14, verbose_name='total')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written at')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='submitted at')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='approved at')),
                ('lead_days', models.PositiveSmallIntegerField(default=7, verbose_name='days of notice that the school asks for')),
                ('is_emergency', models.BooleanField(default=False, verbose_name='with less notice than the school asks for')),
                ('is_over_market', models.BooleanField(default=False, verbose_name='dearer than the market')),
                ('needed_key', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('needed_on', models.Value(datetime.date(9999, 12, 31))), output_field=models.DateField())),
                ('search_text', models.TextField(blank=True, editable=False)),
                ('search_pieces', models.GeneratedField(db_persist=True, expression=houqin.web.search.Pieces('search_text'), output_field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None))),
                ('budget_line', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.budgetline', verbose_name='budget line')),
                ('copied_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.purchaserequest', verbose_name='copied from')),
                ('requester', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'verbose_name': 'purchase request',
                'verbose_name_plural': 'purchase requests',
            },
        ),
        migrations.CreateModel(
            name='PurchaseLineEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('position', models.PositiveSmallIntegerField(verbose_name='place in the list')),
                ('name', models.CharField(max_length=60, verbose_name='item')),
                ('specification', models.CharField(blank=True, default='', max_length=100, verbose_name='specification')),
                ('unit', models.CharField(max_length=10, verbose_name='unit')),
                ('quantity', models.DecimalField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))], verbose_name='quantity')),
                ('unit_price', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='estimated unit price')),
                ('amount', models.DecimalField(decimal_places=2, editable=False, max_digits=14, verbose_name='amount')),
                ('market_price', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))], verbose_name='market price')),
                ('market_source', models.CharField(blank=True, default='', max_length=100, verbose_name='where this price is seen')),
                ('reference_price', models.DecimalField(decimal_places=2, editable=False, max_digits=12, null=True, verbose_name='price to compare with')),
                ('over_market_reason', models.CharField(blank=True, default='', max_length=300, verbose_name='why it is dearer')),
                ('last_price', models.DecimalField(decimal_places=2, editable=False, max_digits=12, null=True, verbose_name='last own price')),
                ('last_bought_on', models.DateField(editable=False, null=True, verbose_name='last bought on')),
                ('is_equipment', models.BooleanField(default=False, verbose_name='goes into the register')),
                ('category', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='assets.assetcategory', verbose_name='asset category')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.purchaseline')),
                ('request', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.purchaserequest', verbose_name='purchase request')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='purchaseline',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='finance.purchaserequest', verbose_name='purchase request'),
        ),
        migrations.CreateModel(
            name='PurchaseFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='added at')),
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile', verbose_name='file')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='finance.purchaserequest', verbose_name='purchase request')),
            ],
            options={
                'verbose_name': 'file of a purchase',
                'ordering': ['added_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='PurchaseRequestEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.CharField(max_length=20, verbose_name='number')),
                ('kind', models.CharField(choices=[('office', 'office supplies'), ('pupils', "pupils' supplies"), ('teaching', 'teaching material'), ('repair', 'repair material'), ('equipment', 'furniture and equipment')], max_length=10, verbose_name='kind')),
                ('title', models.CharField(max_length=80, verbose_name='what is bought')),
                ('purpose', models.CharField(blank=True, default='', max_length=500, verbose_name='what for')),
                ('needed_on', models.DateField(blank=True, null=True, verbose_name='needed by')),
                ('emergency_reason', models.CharField(blank=True, default='', max_length=300, verbose_name='why it is urgent')),
                ('idle_reason', models.CharField(blank=True, default='', max_length=200, verbose_name='why the idle ones do not serve')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('submitted', 'waiting for approval'), ('approved', 'approved, to be ordered'), ('returned', 'returned for change'), ('rejected', 'not approved'), ('withdrawn', 'withdrawn'), ('ordered', 'ordered, on its way'), ('delivered', 'delivered'), ('closed', 'closed')], default='draft', max_length=10, verbose_name='state')),
                ('total', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=14, verbose_name='total')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written at')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='submitted at')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='approved at')),
                ('lead_days', models.PositiveSmallIntegerField(default=7, verbose_name='days of notice that the school asks for')),
                ('is_emergency', models.BooleanField(default=False, verbose_name='with less notice than the school asks for')),
                ('is_over_market', models.BooleanField(default=False, verbose_name='dearer than the market')),
                ('needed_key', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('needed_on', models.Value(datetime.date(9999, 12, 31))), output_field=models.DateField())),
                ('budget_line', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.budgetline', verbose_name='budget line')),
                ('copied_from', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.purchaserequest', verbose_name='copied from')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.purchaserequest')),
                ('requester', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
                ('school', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PurchaseSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lead_days', models.PositiveSmallIntegerField(default=7, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)], verbose_name='days between submitting and needing')),
                ('school', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'verbose_name': 'purchase settings',
            },
        ),
        migrations.CreateModel(
            name='PurchaseSettingsEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('lead_days', models.PositiveSmallIntegerField(default=7, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)], verbose_name='days between submitting and needing')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.purchasesettings')),
                ('school', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PurchaseStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(choices=[('create', 'wrote the request'), ('copy', 'copied an earlier request'), ('change', 'changed the request'), ('attach', 'added a file'), ('submit', 'submitted it'), ('resubmit', 'submitted it again'), ('withdraw', 'withdrew it'), ('approve', 'approved it, the money is reserved'), ('return', 'returned it'), ('reject', 'did not approve it'), ('order', 'ordered it'), ('receive', 'received a delivery'), ('cancel_order', 'cancelled the order'), ('close', 'closed it')], max_length=15, verbose_name='step')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='time')),
                ('note', models.CharField(blank=True, default='', max_length=500, verbose_name='words')),
                ('from_state', models.CharField(blank=True, default='', max_length=10)),
                ('to_state', models.CharField(choices=[('draft', 'draft'), ('submitted', 'waiting for approval'), ('approved', 'approved, to be ordered'), ('returned', 'returned for change'), ('rejected', 'not approved'), ('withdrawn', 'withdrawn'), ('ordered', 'ordered, on its way'), ('delivered', 'delivered'), ('closed', 'closed')], max_length=10)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='finance.purchaserequest', verbose_name='purchase request')),
            ],
            options={
                'verbose_name': 'step of a purchase',
            },
        ),
        migrations.CreateModel(
            name='Quote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='place in the list')),
                ('supplier_name', models.CharField(max_length=60, verbose_name='supplier')),
                ('price', models.DecimalField(decimal_places=2, max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))], verbose_name='quoted unit price')),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile', verbose_name='quote as a file')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quotes', to='finance.purchaseline', verbose_name='line of a purchase')),
            ],
            options={
                'verbose_name': 'quote',
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='QuoteEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('position', models.PositiveSmallIntegerField(verbose_name='place in the list')),
                ('supplier_name', models.CharField(max_length=60, verbose_name='supplier')),
                ('price', models.DecimalField(decimal_places=2, max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))], verbose_name='quoted unit price')),
                ('file', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='files.storedfile', verbose_name='quote as a file')),
                ('line', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.purchaseline', verbose_name='line of a purchase')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.quote')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddIndex(
            model_name='purchaserequest',
            index=models.Index(fields=['school', 'created_at', 'id'], name='finance_purchase_list'),
        ),
        migrations.AddIndex(
            model_name='purchaserequest',
            index=models.Index(fields=['created_at', 'id'], name='finance_purchase_list_all'),
        ),
        migrations.AddIndex(
            model_name='purchaserequest',
            index=models.Index(fields=['school', 'state', 'created_at', 'id'], name='finance_purchase_state'),
        ),
        migrations.AddIndex(
            model_name='purchaserequest',
            index=models.Index(fields=['state', 'created_at', 'id'], name='finance_purchase_state_all'),
        ),
        migrations.AddIndex(
            model_name='purchaserequest',
            index=models.Index(fields=['school', 'needed_key', 'id'], name='finance_purchase_needed'),
        ),
        migrations.AddIndex(
            model_name='purchaserequest',
            index=models.Index(fields=['needed_key', 'id'], name='finance_purchase_needed_all'),
        ),
        migrations.AddIndex(
            model_name='purchaserequest',
            index=models.Index(fields=['requester', 'created_at', 'id'], name='finance_purchase_requester'),
        ),
        migrations.AddIndex(
            model_name='purchaserequest',
            index=models.Index(condition=models.Q(('is_emergency', True)), fields=['school', 'created_at'], name='finance_purchase_emergency'),
        ),
        migrations.AddIndex(
            model_name='purchaserequest',
            index=models.Index(condition=models.Q(('is_over_market', True)), fields=['school', 'created_at'], name='finance_purchase_over'),
        ),
        migrations.AddIndex(
            model_name='purchaserequest',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search_pieces'], name='finance_purchase_search'),
        ),
        migrations.AddConstraint(
            model_name='purchaserequest',
            constraint=models.UniqueConstraint(fields=('school', 'number'), name='finance_purchaserequest_number'),
        ),
        migrations.AddConstraint(
            model_name='purchaserequest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'approved', 'returned', 'rejected', 'withdrawn', 'ordered', 'delivered', 'closed'])), name='finance_purchaserequest_state'),
        ),
        migrations.AddConstraint(
            model_name='purchaserequest',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['office', 'pupils', 'teaching', 'repair', 'equipment'])), name='finance_purchaserequest_kind'),
        ),
        migrations.AddConstraint(
            model_name='purchaserequest',
            constraint=models.CheckConstraint(condition=models.Q(('total__gte', 0)), name='finance_purchaserequest_total'),
        ),
        migrations.AddConstraint(
            model_name='purchaserequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['submitted', 'rejected', 'approved', 'ordered', 'delivered', 'closed']), _negated=True), models.Q(('budget_line__isnull', False), ('needed_on__isnull', False), ('submitted_at__isnull', False), ('total__gt', 0), models.Q(('purpose', ''), _negated=True)), _connector='OR'), name='finance_purchaserequest_complete', violation_error_message='Budget line, purpose, day and price are needed before it is submitted.'),
        ),
        migrations.AddConstraint(
            model_name='purchaserequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['approved', 'ordered', 'delivered', 'closed']), _negated=True), ('approved_at__isnull', False), _connector='OR'), name='finance_purchaserequest_approved_at'),
        ),
        migrations.AddConstraint(
            model_name='purchaserequest',
            constraint=models.CheckConstraint(condition=models.Q(('is_emergency', False), models.Q(('emergency_reason', ''), _negated=True), _connector='OR'), name='finance_purchaserequest_emergency', violation_error_message='Say why it is urgent.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purchaserequest',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_purchaserequestevent" ("approved_at", "budget_line_id", "copied_from_id", "created_at", "emergency_reason", "id", "idle_reason", "is_emergency", "is_over_market", "kind", "lead_days", "needed_on", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "requester_id", "school_id", "state", "submitted_at", "title", "total") VALUES (NEW."approved_at", NEW."budget_line_id", NEW."copied_from_id", NEW."created_at", NEW."emergency_reason", NEW."id", NEW."idle_reason", NEW."is_emergency", NEW."is_over_market", NEW."kind", NEW."lead_days", NEW."needed_on", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."purpose", NEW."requester_id", NEW."school_id", NEW."state", NEW."submitted_at", NEW."title", NEW."total"); RETURN NULL;', hash='60fba07090c8a9a283bf1ffc4c07b01c2d278c8b', operation='INSERT', pgid='pgtrigger_insert_insert_8083d', table='finance_purchaserequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purchaserequest',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."approved_at" IS DISTINCT FROM (NEW."approved_at") OR OLD."budget_line_id" IS DISTINCT FROM (NEW."budget_line_id") OR OLD."copied_from_id" IS DISTINCT FROM (NEW."copied_from_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."emergency_reason" IS DISTINCT FROM (NEW."emergency_reason") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."idle_reason" IS DISTINCT FROM (NEW."idle_reason") OR OLD."is_emergency" IS DISTINCT FROM (NEW."is_emergency") OR OLD."is_over_market" IS DISTINCT FROM (NEW."is_over_market") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."lead_days" IS DISTINCT FROM (NEW."lead_days") OR OLD."needed_key" IS DISTINCT FROM (NEW."needed_key") OR OLD."needed_on" IS DISTINCT FROM (NEW."needed_on") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."purpose" IS DISTINCT FROM (NEW."purpose") OR OLD."requester_id" IS DISTINCT FROM (NEW."requester_id") OR OLD."school_id" IS DISTINCT FROM (NEW."school_id") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."submitted_at" IS DISTINCT FROM (NEW."submitted_at") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."total" IS DISTINCT FROM (NEW."total"))', func='INSERT INTO "finance_purchaserequestevent" ("approved_at", "budget_line_id", "copied_from_id", "created_at", "emergency_reason", "id", "idle_reason", "is_emergency", "is_over_market", "kind", "lead_days", "needed_on", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "requester_id", "school_id", "state", "submitted_at", "title", "total") VALUES (NEW."approved_at", NEW."budget_line_id", NEW."copied_from_id", NEW."created_at", NEW."emergency_reason", NEW."id", NEW."idle_reason", NEW."is_emergency", NEW."is_over_market", NEW."kind", NEW."lead_days", NEW."needed_on", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."purpose", NEW."requester_id", NEW."school_id", NEW."state", NEW."submitted_at", NEW."title", NEW."total"); RETURN NULL;', hash='81c783db716eafe4743eb8122ecf87ecb9ac335f', operation='UPDATE', pgid='pgtrigger_update_update_05343', table='finance_purchaserequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purchaselineevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8b8aee77e83e6eec41c7d85b2d09c769f4ede1b8', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_04c08', table='finance_purchaselineevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='purchaseline',
            index=models.Index(fields=['name', 'request'], name='finance_purchaseline_name'),
        ),
        migrations.AddConstraint(
            model_name='purchaseline',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('request', 'position'), name='finance_purchaseline_position'),
        ),
        migrations.AddConstraint(
            model_name='purchaseline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='finance_purchaseline_quantity', violation_error_message='The quantity must be above zero.'),
        ),
        migrations.AddConstraint(
            model_name='purchaseline',
            constraint=models.CheckConstraint(condition=models.Q(('unit_price__gte', 0), models.Q(('market_price__isnull', True), ('market_price__gt', 0), _connector='OR')), name='finance_purchaseline_price', violation_error_message='Amounts cannot be negative.'),
        ),
        migrations.AddConstraint(
            model_name='purchaseline',
            constraint=models.CheckConstraint(condition=models.Q(('amount', django.db.models.functions.math.Round(django.db.models.expressions.CombinedExpression(models.F('quantity'), '*', models.F('unit_price')), precision=2))), name='finance_purchaseline_amount', violation_error_message='The amount is quantity times unit price.'),
        ),
        migrations.AddConstraint(
            model_name='purchaseline',
            constraint=models.CheckConstraint(condition=models.Q(('is_equipment', False), ('quantity', django.db.models.functions.math.Round(models.F('quantity'), precision=0)), _connector='OR'), name='finance_purchaseline_whole', violation_error_message='Things for the register are counted in whole numbers.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purchaseline',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_purchaselineevent" ("amount", "category_id", "id", "is_equipment", "last_bought_on", "last_price", "market_price", "market_source", "name", "over_market_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "quantity", "reference_price", "request_id", "specification", "unit", "unit_price") VALUES (NEW."amount", NEW."category_id", NEW."id", NEW."is_equipment", NEW."last_bought_on", NEW."last_price", NEW."market_price", NEW."market_source", NEW."name", NEW."over_market_reason", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."position", NEW."quantity", NEW."reference_price", NEW."request_id", NEW."specification", NEW."unit", NEW."unit_price"); RETURN NULL;', hash='5786ad74ae06b2f009019a730ca98f651e211255', operation='INSERT', pgid='pgtrigger_insert_insert_3d06e', table='finance_purchaseline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purchaseline',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "finance_purchaselineevent" ("amount", "category_id", "id", "is_equipment", "last_bought_on", "last_price", "market_price", "market_source", "name", "over_market_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "quantity", "reference_price", "request_id", "specification", "unit", "unit_price") VALUES (NEW."amount", NEW."category_id", NEW."id", NEW."is_equipment", NEW."last_bought_on", NEW."last_price", NEW."market_price", NEW."market_source", NEW."name", NEW."over_market_reason", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."quantity", NEW."reference_price", NEW."request_id", NEW."specification", NEW."unit", NEW."unit_price"); RETURN NULL;', hash='7d569d192b736d60c2d9257dd12e01b587733702', operation='UPDATE', pgid='pgtrigger_update_update_d3751', table='finance_purchaseline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purchaserequestevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6cc4fca7bdd753d07ab26713ace5f798a0c3edb4', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_56431', table='finance_purchaserequestevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='purchasesettings',
            constraint=models.CheckConstraint(condition=models.Q(('lead_days__range', (1, 90))), name='finance_purchasesettings_lead'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purchasesettings',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_purchasesettingsevent" ("id", "lead_days", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id") VALUES (NEW."id", NEW."lead_days", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."school_id"); RETURN NULL;', hash='2cc1f971ddbfda95abd5a297f1a69500a0f5bb3c', operation='INSERT', pgid='pgtrigger_insert_insert_a08aa', table='finance_purchasesettings', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purchasesettings',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "finance_purchasesettingsevent" ("id", "lead_days", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id") VALUES (NEW."id", NEW."lead_days", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."school_id"); RETURN NULL;', hash='e5ccea591570f7c7b722ca4456e2d65377505268', operation='UPDATE', pgid='pgtrigger_update_update_542cc', table='finance_purchasesettings', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purchasesettingsevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0c211cf6302b39f4b951dbde1b91acc571562513', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_df344', table='finance_purchasesettingsevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='purchasestep',
            index=models.Index(fields=['request', 'at', 'id'], name='finance_purchasestep_request'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.UniqueConstraint(fields=('line', 'position'), name='finance_quote_position'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.UniqueConstraint(fields=('line', 'supplier_name'), name='finance_quote_supplier', violation_error_message='Each supplier quotes once.'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.CheckConstraint(condition=models.Q(('position__range', (1, 3))), name='finance_quote_three', violation_error_message='At most three quotes are compared.'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.CheckConstraint(condition=models.Q(('price__gt', 0)), name='finance_quote_price'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='quote',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_quoteevent" ("file_id", "id", "line_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "price", "supplier_name") VALUES (NEW."file_id", NEW."id", NEW."line_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."position", NEW."price", NEW."supplier_name"); RETURN NULL;', hash='0f24dd7e943e2e3311390eb0ed00bc8a9cf9582b', operation='INSERT', pgid='pgtrigger_insert_insert_a2f26', table='finance_quote', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='quote',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "finance_quoteevent" ("file_id", "id", "line_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "price", "supplier_name") VALUES (NEW."file_id", NEW."id", NEW."line_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."price", NEW."supplier_name"); RETURN NULL;', hash='0ed8cb6f967026ae073cffe050ae52197cd5190c', operation='UPDATE', pgid='pgtrigger_update_update_c1125', table='finance_quote', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='quoteevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='049f209fe8d148fa820f48b8ff2afc36c7800c54', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_04147', table='finance_quoteevent', when='BEFORE')),
        ),
        migrations.RunSQL(CREATE, DROP),
    ]

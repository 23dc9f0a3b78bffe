"""Sets of books with their charts, vouchers, postings, and lines of bound books."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
import finance.ledger.models.books
import houqin.web.search
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0003_orders_and_deliveries'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('schools', '0002_public_holidays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=16, verbose_name='account code')),
                ('name', models.CharField(max_length=60, verbose_name='account name')),
                ('full_name', models.CharField(max_length=200, verbose_name='full name')),
                ('counter_label', models.CharField(max_length=100, verbose_name='name as a counter account')),
                ('half', models.CharField(choices=[('financial', 'financial accounting'), ('budget', 'budget accounting')], max_length=10, verbose_name='half of the books')),
                ('category', models.CharField(choices=[('asset', 'assets'), ('liability', 'liabilities'), ('net_asset', 'net assets'), ('income', 'income'), ('expense', 'expenses'), ('budget_income', 'budget income'), ('budget_expense', 'budget expenditure'), ('budget_balance', 'budget balance')], max_length=16, verbose_name='class of accounts')),
                ('normal', models.CharField(choices=[('debit', 'debit'), ('credit', 'credit')], max_length=6, verbose_name='normal side')),
                ('use', models.CharField(default='common', max_length=8, verbose_name='use by schools')),
                ('is_leaf', models.BooleanField(default=True, verbose_name='posted to')),
                ('is_money', models.BooleanField(default=False, verbose_name='money')),
                ('never_negative', models.BooleanField(default=False, verbose_name='never below zero')),
                ('bound_book', models.BooleanField(default=False, verbose_name='has a bound book')),
                ('closed', models.BooleanField(default=False, verbose_name='no longer used')),
                ('name_pinyin', models.CharField(blank=True, editable=False, max_length=200)),
                ('search_text', models.TextField(blank=True, editable=False)),
                ('search_pieces', models.GeneratedField(db_persist=True, expression=houqin.web.search.Pieces('search_text'), output_field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None))),
                ('counterpart', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='current account with')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='finance.account', verbose_name='account above')),
            ],
            options={
                'verbose_name': 'account',
                'verbose_name_plural': 'accounts',
            },
            bases=(finance.ledger.models.books.LedgerRow, models.Model),
        ),
        migrations.CreateModel(
            name='Ledger',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('main', 'school'), ('canteen', 'canteen')], default='main', max_length=8, verbose_name='kind of books')),
                ('name', models.CharField(max_length=60, verbose_name='name of the books')),
                ('year_opened', models.SmallIntegerField(verbose_name='first year')),
                ('opened_on', models.DateField(verbose_name='opened on')),
                ('voucher_kinds', models.CharField(choices=[('three', 'receipt, payment and transfer vouchers'), ('general', 'one kind of voucher')], default='three', max_length=8, verbose_name='kinds of vouchers')),
                ('lines_per_page', models.SmallIntegerField(default=20, verbose_name='lines on a page')),
                ('carried_through', models.SmallIntegerField(blank=True, null=True, verbose_name='carried forward through the year')),
                ('chain_position', models.BigIntegerField(default=0, editable=False, verbose_name='postings')),
                ('chain_head', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', editable=False, max_length=64, verbose_name='head of the chain')),
                ('opened_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='books opened by')),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='ledgers', to='schools.school', verbose_name='school')),
            ],
            options={
                'verbose_name': 'set of books',
                'verbose_name_plural': 'sets of books',
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.SmallIntegerField(verbose_name='line')),
                ('position', models.BigIntegerField(verbose_name='place in the account')),
                ('date', models.DateField(verbose_name='date')),
                ('summary', models.CharField(max_length=100, verbose_name='booking summary')),
                ('counter', models.CharField(blank=True, max_length=200, verbose_name='counter accounts')),
                ('debit', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='debit')),
                ('credit', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='credit')),
                ('balance', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='balance')),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='finance.account', verbose_name='account')),
                ('ledger', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.ledger', verbose_name='set of books')),
            ],
            options={
                'verbose_name': 'entry',
                'verbose_name_plural': 'entries',
            },
            bases=(finance.ledger.models.books.LedgerRow, models.Model),
        ),
        migrations.CreateModel(
            name='ChainHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveBigIntegerField(verbose_name='place in the chain')),
                ('hash', models.CharField(max_length=64, verbose_name='hash')),
                ('noted_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='noted at')),
                ('ledger', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='noted_heads', to='finance.ledger', verbose_name='set of books')),
            ],
            options={
                'verbose_name': 'noted head of a chain',
                'verbose_name_plural': 'noted heads of chains',
            },
            bases=(finance.ledger.models.books.LedgerRow, models.Model),
        ),
        migrations.CreateModel(
            name='BookLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.SmallIntegerField(verbose_name='year')),
                ('page', models.IntegerField(verbose_name='page')),
                ('line', models.SmallIntegerField(verbose_name='line')),
                ('kind', models.CharField(choices=[('opening', 'brought from last year'), ('brought_forward', 'brought forward'), ('entry', 'entry'), ('day_total', 'total of the day'), ('month_total', 'total of the month'), ('year_total', 'total of the year so far'), ('carried_over', 'carried over'), ('next_year', 'carried to next year')], max_length=16, verbose_name='kind of line')),
                ('date', models.DateField(verbose_name='date')),
                ('debit', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='debit')),
                ('credit', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='credit')),
                ('balance', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='balance')),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='book_lines', to='finance.account', verbose_name='account')),
                ('entry', models.OneToOneField(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='book_line', to='finance.entry', verbose_name='entry')),
                ('ledger', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.ledger', verbose_name='set of books')),
            ],
            options={
                'verbose_name': 'line of a bound book',
                'verbose_name_plural': 'lines of bound books',
            },
            bases=(finance.ledger.models.books.LedgerRow, models.Model),
        ),
        migrations.CreateModel(
            name='AccountHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.BigIntegerField(default=0, verbose_name='entries')),
                ('balance', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='balance')),
                ('last_date', models.DateField(blank=True, null=True, verbose_name='date of the last entry')),
                ('year', models.SmallIntegerField(default=0)),
                ('page', models.IntegerField(default=0)),
                ('line', models.SmallIntegerField(default=0)),
                ('day_entries', models.IntegerField(default=0)),
                ('month_entries', models.IntegerField(default=0)),
                ('day_debit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16)),
                ('day_credit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16)),
                ('month_debit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16)),
                ('month_credit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16)),
                ('year_debit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16)),
                ('year_credit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16)),
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='head', to='finance.account', verbose_name='account')),
                ('ledger', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='heads', to='finance.ledger', verbose_name='set of books')),
            ],
            options={
                'verbose_name': 'head of an account',
                'verbose_name_plural': 'heads of accounts',
            },
            bases=(finance.ledger.models.books.LedgerRow, models.Model),
        ),
        migrations.CreateModel(
            name='AccountEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=16, verbose_name='account code')),
                ('name', models.CharField(max_length=60, verbose_name='account name')),
                ('full_name', models.CharField(max_length=200, verbose_name='full name')),
                ('counter_label', models.CharField(max_length=100, verbose_name='name as a counter account')),
                ('half', models.CharField(choices=[('financial', 'financial accounting'), ('budget', 'budget accounting')], max_length=10, verbose_name='half of the books')),
                ('category', models.CharField(choices=[('asset', 'assets'), ('liability', 'liabilities'), ('net_asset', 'net assets'), ('income', 'income'), ('expense', 'expenses'), ('budget_income', 'budget income'), ('budget_expense', 'budget expenditure'), ('budget_balance', 'budget balance')], max_length=16, verbose_name='class of accounts')),
                ('normal', models.CharField(choices=[('debit', 'debit'), ('credit', 'credit')], max_length=6, verbose_name='normal side')),
                ('use', models.CharField(default='common', max_length=8, verbose_name='use by schools')),
                ('is_leaf', models.BooleanField(default=True, verbose_name='posted to')),
                ('is_money', models.BooleanField(default=False, verbose_name='money')),
                ('never_negative', models.BooleanField(default=False, verbose_name='never below zero')),
                ('bound_book', models.BooleanField(default=False, verbose_name='has a bound book')),
                ('closed', models.BooleanField(default=False, verbose_name='no longer used')),
                ('counterpart', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='schools.school', verbose_name='current account with')),
                ('parent', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.account', verbose_name='account above')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.account')),
                ('ledger', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.ledger', verbose_name='set of books')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='account',
            name='ledger',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='finance.ledger', verbose_name='set of books'),
        ),
        migrations.CreateModel(
            name='LedgerEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('main', 'school'), ('canteen', 'canteen')], default='main', max_length=8, verbose_name='kind of books')),
                ('name', models.CharField(max_length=60, verbose_name='name of the books')),
                ('year_opened', models.SmallIntegerField(verbose_name='first year')),
                ('opened_on', models.DateField(verbose_name='opened on')),
                ('voucher_kinds', models.CharField(choices=[('three', 'receipt, payment and transfer vouchers'), ('general', 'one kind of voucher')], default='three', max_length=8, verbose_name='kinds of vouchers')),
                ('lines_per_page', models.SmallIntegerField(default=20, verbose_name='lines on a page')),
                ('carried_through', models.SmallIntegerField(blank=True, null=True, verbose_name='carried forward through the year')),
                ('opened_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='books opened by')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.ledger')),
                ('school', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Period',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('month', models.PositiveSmallIntegerField(verbose_name='month')),
                ('state', models.CharField(choices=[('open', 'not closed yet'), ('closed', 'closed for good')], default='open', max_length=6, verbose_name='state')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='month closed at')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
                ('ledger', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='periods', to='finance.ledger', verbose_name='set of books')),
            ],
            options={
                'verbose_name': 'accounting period',
                'verbose_name_plural': 'accounting periods',
            },
            bases=(finance.ledger.models.books.LedgerRow, models.Model),
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.BigIntegerField(verbose_name='place in the chain')),
                ('kind', models.CharField(choices=[('receipt', 'receipt voucher'), ('payment', 'payment voucher'), ('transfer', 'transfer voucher'), ('general', 'voucher'), ('opening', 'opening balances')], max_length=8, verbose_name='kind of voucher')),
                ('year', models.SmallIntegerField(verbose_name='year')),
                ('month', models.SmallIntegerField(verbose_name='month')),
                ('number', models.IntegerField(verbose_name='voucher number')),
                ('date', models.DateField(verbose_name='date')),
                ('attachments', models.SmallIntegerField(verbose_name='attachments')),
                ('posted_at', models.DateTimeField(verbose_name='posted at')),
                ('previous_hash', models.CharField(max_length=64, verbose_name='hash before')),
                ('hash', models.CharField(max_length=64, verbose_name='hash')),
                ('format_version', models.SmallIntegerField(default=1, verbose_name='version of the format')),
                ('corrects', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='finance.posting', verbose_name='corrects')),
                ('ledger', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='finance.ledger', verbose_name='set of books')),
                ('posted_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='posted by')),
                ('prepared_by', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prepared by')),
                ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='finance.posting', verbose_name='writes off')),
                ('reviewed_by', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
            ],
            options={
                'verbose_name': 'posting',
                'verbose_name_plural': 'postings',
            },
            bases=(finance.ledger.models.books.LedgerRow, models.Model),
        ),
        migrations.AddField(
            model_name='entry',
            name='posting',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='finance.posting', verbose_name='posting'),
        ),
        migrations.CreateModel(
            name='Voucher',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('receipt', 'receipt voucher'), ('payment', 'payment voucher'), ('transfer', 'transfer voucher'), ('general', 'voucher'), ('opening', 'opening balances')], max_length=8, verbose_name='kind of voucher')),
                ('date', models.DateField(verbose_name='date')),
                ('attachments', models.PositiveSmallIntegerField(default=0, verbose_name='attachments')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('submitted', 'waits for review'), ('reviewed', 'reviewed'), ('posted', 'posted'), ('voided', 'voided')], default='draft', max_length=9, verbose_name='state')),
                ('summary', models.CharField(blank=True, max_length=100, verbose_name='booking summary')),
                ('total', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='total')),
                ('returned_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was sent back')),
                ('source_kind', models.CharField(blank=True, max_length=40, verbose_name='from what kind of thing')),
                ('source_id', models.BigIntegerField(blank=True, null=True, verbose_name='from which one')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='key of the form')),
                ('search_text', models.TextField(blank=True, editable=False)),
                ('search_pieces', models.GeneratedField(db_persist=True, expression=houqin.web.search.Pieces('search_text'), output_field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None))),
                ('corrects', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.posting', verbose_name='corrects')),
                ('ledger', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='vouchers', to='finance.ledger', verbose_name='set of books')),
                ('prepared_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prepared by')),
                ('reverses', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.posting', verbose_name='writes off')),
                ('reviewed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'verbose_name': 'voucher',
                'verbose_name_plural': 'vouchers',
            },
        ),
        migrations.AddField(
            model_name='posting',
            name='voucher',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='posting', to='finance.voucher', verbose_name='voucher'),
        ),
        migrations.CreateModel(
            name='VoucherEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('receipt', 'receipt voucher'), ('payment', 'payment voucher'), ('transfer', 'transfer voucher'), ('general', 'voucher'), ('opening', 'opening balances')], max_length=8, verbose_name='kind of voucher')),
                ('date', models.DateField(verbose_name='date')),
                ('attachments', models.PositiveSmallIntegerField(default=0, verbose_name='attachments')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('submitted', 'waits for review'), ('reviewed', 'reviewed'), ('posted', 'posted'), ('voided', 'voided')], default='draft', max_length=9, verbose_name='state')),
                ('summary', models.CharField(blank=True, max_length=100, verbose_name='booking summary')),
                ('total', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='total')),
                ('returned_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was sent back')),
                ('source_kind', models.CharField(blank=True, max_length=40, verbose_name='from what kind of thing')),
                ('source_id', models.BigIntegerField(blank=True, null=True, verbose_name='from which one')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, verbose_name='key of the form')),
                ('corrects', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.posting', verbose_name='corrects')),
                ('ledger', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.ledger', verbose_name='set of books')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='finance.voucher')),
                ('prepared_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prepared by')),
                ('reverses', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='finance.posting', verbose_name='writes off')),
                ('reviewed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
                ('school', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='schools.school', verbose_name='school')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='VoucherLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='line')),
                ('summary', models.CharField(max_length=100, verbose_name='booking summary')),
                ('debit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='debit')),
                ('credit', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=16, verbose_name='credit')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.account', verbose_name='account')),
                ('voucher', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='finance.voucher', verbose_name='voucher')),
            ],
            options={
                'verbose_name': 'line of a voucher',
                'verbose_name_plural': 'lines of vouchers',
                'ordering': ['position'],
            },
        ),
        migrations.AddConstraint(
            model_name='ledger',
            constraint=models.UniqueConstraint(fields=('school', 'kind'), name='finance_ledger_once', violation_error_message='This school has a set of books of this kind already.'),
        ),
        migrations.AddConstraint(
            model_name='ledger',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['main', 'canteen'])), name='finance_ledger_kind'),
        ),
        migrations.AddConstraint(
            model_name='ledger',
            constraint=models.CheckConstraint(condition=models.Q(('voucher_kinds__in', ['three', 'general'])), name='finance_ledger_voucher_kinds'),
        ),
        migrations.AddConstraint(
            model_name='ledger',
            constraint=models.CheckConstraint(condition=models.Q(('lines_per_page__gte', 5), ('lines_per_page__lte', 60)), name='finance_ledger_lines', violation_error_message='A page has from 5 to 60 lines.'),
        ),
        migrations.AddConstraint(
            model_name='ledger',
            constraint=models.CheckConstraint(condition=models.Q(('opened_on__year__gte', 2000)), name='finance_ledger_opened_on'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ledger',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_ledgerevent" ("carried_through", "id", "kind", "lines_per_page", "name", "opened_by_id", "opened_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id", "voucher_kinds", "year_opened") VALUES (NEW."carried_through", NEW."id", NEW."kind", NEW."lines_per_page", NEW."name", NEW."opened_by_id", NEW."opened_on", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."school_id", NEW."voucher_kinds", NEW."year_opened"); RETURN NULL;', hash='98ff68b7fa6d34698f9bdd9f35bbf293a792c657', operation='INSERT', pgid='pgtrigger_insert_insert_6b66e', table='finance_ledger', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ledger',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."carried_through" IS DISTINCT FROM (NEW."carried_through") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."lines_per_page" IS DISTINCT FROM (NEW."lines_per_page") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."opened_by_id" IS DISTINCT FROM (NEW."opened_by_id") OR OLD."opened_on" IS DISTINCT FROM (NEW."opened_on") OR OLD."school_id" IS DISTINCT FROM (NEW."school_id") OR OLD."voucher_kinds" IS DISTINCT FROM (NEW."voucher_kinds") OR OLD."year_opened" IS DISTINCT FROM (NEW."year_opened"))', func='INSERT INTO "finance_ledgerevent" ("carried_through", "id", "kind", "lines_per_page", "name", "opened_by_id", "opened_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id", "voucher_kinds", "year_opened") VALUES (NEW."carried_through", NEW."id", NEW."kind", NEW."lines_per_page", NEW."name", NEW."opened_by_id", NEW."opened_on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."school_id", NEW."voucher_kinds", NEW."year_opened"); RETURN NULL;', hash='d30b1c50b8ed91851af61bbeb67a5b7541b1fa3a', operation='UPDATE OF "school_id", "kind", "name", "year_opened", "opened_on", "opened_by_id", "voucher_kinds", "lines_per_page", "carried_through"', pgid='pgtrigger_update_update_0231b', table='finance_ledger', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='chainhead',
            constraint=models.UniqueConstraint(fields=('ledger', 'position'), name='finance_chainhead_once'),
        ),
        migrations.AddConstraint(
            model_name='bookline',
            constraint=models.UniqueConstraint(fields=('account', 'year', 'page', 'line'), name='finance_bookline_place'),
        ),
        migrations.AddConstraint(
            model_name='bookline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('entry__isnull', False), ('kind', 'entry')), ('kind', 'opening'), models.Q(models.Q(('kind', 'entry'), _negated=True), ('entry__isnull', True)), _connector='OR'), name='finance_bookline_entry'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='eb4fe0f9e31d019112837bf799855771b181a2a2', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_05fb0', table='finance_accountevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='account',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search_pieces'], name='finance_account_search'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(fields=('ledger', 'code'), name='finance_account_code', violation_error_message='There is an account of this code already.'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(condition=models.Q(('counterpart__isnull', False)), fields=('ledger', 'counterpart'), name='finance_account_counterpart'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('half__in', ['financial', 'budget'])), name='finance_account_half'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('normal__in', ['debit', 'credit'])), name='finance_account_normal'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('bound_book', False), ('is_money', True), _connector='OR'), name='finance_account_bound'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^[0-9]{4,16}$')), name='finance_account_digits'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='account',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_accountevent" ("bound_book", "category", "closed", "code", "counter_label", "counterpart_id", "full_name", "half", "id", "is_leaf", "is_money", "ledger_id", "name", "never_negative", "normal", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "use") VALUES (NEW."bound_book", NEW."category", NEW."closed", NEW."code", NEW."counter_label", NEW."counterpart_id", NEW."full_name", NEW."half", NEW."id", NEW."is_leaf", NEW."is_money", NEW."ledger_id", NEW."name", NEW."never_negative", NEW."normal", NEW."parent_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."use"); RETURN NULL;', hash='54a33ce2f8b6f608689509cbb6151cdcd295b9e3', operation='INSERT', pgid='pgtrigger_insert_insert_f26c4', table='finance_account', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='account',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."bound_book" IS DISTINCT FROM (NEW."bound_book") OR OLD."category" IS DISTINCT FROM (NEW."category") OR OLD."closed" IS DISTINCT FROM (NEW."closed") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."counter_label" IS DISTINCT FROM (NEW."counter_label") OR OLD."counterpart_id" IS DISTINCT FROM (NEW."counterpart_id") OR OLD."full_name" IS DISTINCT FROM (NEW."full_name") OR OLD."half" IS DISTINCT FROM (NEW."half") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_leaf" IS DISTINCT FROM (NEW."is_leaf") OR OLD."is_money" IS DISTINCT FROM (NEW."is_money") OR OLD."ledger_id" IS DISTINCT FROM (NEW."ledger_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."never_negative" IS DISTINCT FROM (NEW."never_negative") OR OLD."normal" IS DISTINCT FROM (NEW."normal") OR OLD."parent_id" IS DISTINCT FROM (NEW."parent_id") OR OLD."use" IS DISTINCT FROM (NEW."use"))', func='INSERT INTO "finance_accountevent" ("bound_book", "category", "closed", "code", "counter_label", "counterpart_id", "full_name", "half", "id", "is_leaf", "is_money", "ledger_id", "name", "never_negative", "normal", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "use") VALUES (NEW."bound_book", NEW."category", NEW."closed", NEW."code", NEW."counter_label", NEW."counterpart_id", NEW."full_name", NEW."half", NEW."id", NEW."is_leaf", NEW."is_money", NEW."ledger_id", NEW."name", NEW."never_negative", NEW."normal", NEW."parent_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."use"); RETURN NULL;', hash='c5329f014f9be5d5e9878f152e01db4337e3cd59', operation='UPDATE', pgid='pgtrigger_update_update_3bee8', table='finance_account', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ledgerevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f7a553b4e4fe0e55e03655efe4a03678ab7b8221', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_254a3', table='finance_ledgerevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='period',
            constraint=models.UniqueConstraint(fields=('ledger', 'year', 'month'), name='finance_period_once'),
        ),
        migrations.AddConstraint(
            model_name='period',
            constraint=models.CheckConstraint(condition=models.Q(('month__gte', 1), ('month__lte', 12)), name='finance_period_month'),
        ),
        migrations.AddConstraint(
            model_name='period',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True), ('state', 'open')), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('state', 'closed')), _connector='OR'), name='finance_period_state'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['account', 'date', 'position'], name='finance_entry_by_date'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(fields=('posting', 'line'), name='finance_entry_line'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(fields=('account', 'position'), name='finance_entry_position'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('debit', 0), models.Q(('credit', 0), _negated=True)), models.Q(models.Q(('debit', 0), _negated=True), ('credit', 0)), _connector='OR'), name='finance_entry_one_side'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(fields=['school', 'date', 'id'], name='finance_voucher_school_date'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(fields=['date', 'id'], name='finance_voucher_date'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(condition=models.Q(('state__in', ['draft', 'submitted', 'reviewed'])), fields=['school', 'state', 'date', 'id'], name='finance_voucher_waiting'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(condition=models.Q(('state__in', ['draft', 'submitted', 'reviewed'])), fields=['ledger', 'date'], name='finance_voucher_unposted'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search_pieces'], name='finance_voucher_search'),
        ),
        migrations.AddConstraint(
            model_name='voucher',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_by', models.F('prepared_by')), _negated=True), name='finance_voucher_two_people', violation_error_message='Nobody reviews what they prepared themselves.'),
        ),
        migrations.AddConstraint(
            model_name='voucher',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['receipt', 'payment', 'transfer', 'general', 'opening'])), name='finance_voucher_kind'),
        ),
        migrations.AddConstraint(
            model_name='voucher',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reviewed_by__isnull', True), ('state__in', ['draft', 'submitted', 'voided'])), models.Q(('reviewed_by__isnull', False), ('state__in', ['reviewed', 'posted'])), _connector='OR'), name='finance_voucher_state'),
        ),
        migrations.AddConstraint(
            model_name='voucher',
            constraint=models.CheckConstraint(condition=models.Q(('reverses__isnull', True), ('corrects__isnull', True), _connector='OR'), name='finance_voucher_one_purpose'),
        ),
        migrations.AddConstraint(
            model_name='voucher',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('source_kind', ''), _negated=True), models.Q(('source_kind', 'import'), _negated=True), models.Q(('state', 'voided'), _negated=True)), fields=('source_kind', 'source_id'), name='finance_voucher_source_once', violation_error_message='There is a voucher for this already.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='voucher',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "finance_voucherevent" ("attachments", "corrects_id", "date", "id", "key", "kind", "ledger_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_by_id", "returned_reason", "reverses_id", "reviewed_by_id", "school_id", "source_id", "source_kind", "state", "summary", "total") VALUES (NEW."attachments", NEW."corrects_id", NEW."date", NEW."id", NEW."key", NEW."kind", NEW."ledger_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."prepared_by_id", NEW."returned_reason", NEW."reverses_id", NEW."reviewed_by_id", NEW."school_id", NEW."source_id", NEW."source_kind", NEW."state", NEW."summary", NEW."total"); RETURN NULL;', hash='ed13f88d99014d594b6ea160b4042e4d0ddf8620', operation='INSERT', pgid='pgtrigger_insert_insert_5dc99', table='finance_voucher', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='voucher',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.state <> 'posted' AND OLD.* IS DISTINCT FROM NEW.*)", func='INSERT INTO "finance_voucherevent" ("attachments", "corrects_id", "date", "id", "key", "kind", "ledger_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_by_id", "returned_reason", "reverses_id", "reviewed_by_id", "school_id", "source_id", "source_kind", "state", "summary", "total") VALUES (NEW."attachments", NEW."corrects_id", NEW."date", NEW."id", NEW."key", NEW."kind", NEW."ledger_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."prepared_by_id", NEW."returned_reason", NEW."reverses_id", NEW."reviewed_by_id", NEW."school_id", NEW."source_id", NEW."source_kind", NEW."state", NEW."summary", NEW."total"); RETURN NULL;', hash='cdfc91f02da3d2144d3b53824218599df0c479cd', operation='UPDATE', pgid='pgtrigger_update_update_d752f', table='finance_voucher', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.UniqueConstraint(fields=('ledger', 'position'), name='finance_posting_position'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.UniqueConstraint(fields=('ledger', 'year', 'month', 'kind', 'number'), name='finance_posting_number'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='voucherevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5b51936507efb31347716c963a7e7dd74ef3f561', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_9ee69', table='finance_voucherevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='voucherline',
            constraint=models.UniqueConstraint(fields=('voucher', 'position'), name='finance_voucherline_position'),
        ),
        migrations.AddConstraint(
            model_name='voucherline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('debit', 0), models.Q(('credit', 0), _negated=True)), models.Q(models.Q(('debit', 0), _negated=True), ('credit', 0)), _connector='OR'), name='finance_voucherline_one_side', violation_error_message='Write an amount on one side of each line.'),
        ),
    ]

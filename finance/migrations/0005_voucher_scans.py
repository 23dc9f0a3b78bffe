"""Scans of what vouchers rest on; and the table for the sums of closed months, which 0006 fills and guards."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import finance.ledger.models.books
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('files', '0001_initial'),
        ('finance', '0004_ledger_posting'),
    ]

    operations = [
        migrations.CreateModel(
            name='VoucherScan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='added at')),
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile', verbose_name='file')),
                ('voucher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='finance.voucher', verbose_name='voucher')),
            ],
            options={
                'verbose_name': 'scan of a voucher',
                'verbose_name_plural': 'scans of vouchers',
                'ordering': ['added_at', 'id'],
            },
        ),
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
    ]

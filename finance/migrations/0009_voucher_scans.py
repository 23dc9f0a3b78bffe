"""Scans of what vouchers rest on."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('files', '0001_initial'),
        ('finance', '0008_closed_months'),
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
    ]

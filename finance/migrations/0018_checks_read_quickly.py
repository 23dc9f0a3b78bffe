"""Checks of rows that posting changes say the same in a form that PostgreSQL reads quickly."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0017_journals_posted_by_workers'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='ledger',
            name='finance_ledger_kind',
        ),
        migrations.RemoveConstraint(
            model_name='ledger',
            name='finance_ledger_voucher_kinds',
        ),
        migrations.RemoveConstraint(
            model_name='voucher',
            name='finance_voucher_kind',
        ),
        migrations.RemoveConstraint(
            model_name='voucher',
            name='finance_voucher_state',
        ),
        migrations.AddConstraint(
            model_name='ledger',
            constraint=models.CheckConstraint(condition=models.Q(('kind__regex', '^(main|canteen)$')), name='finance_ledger_kind'),
        ),
        migrations.AddConstraint(
            model_name='ledger',
            constraint=models.CheckConstraint(condition=models.Q(('voucher_kinds__regex', '^(three|general)$')), name='finance_ledger_voucher_kinds'),
        ),
        migrations.AddConstraint(
            model_name='voucher',
            constraint=models.CheckConstraint(condition=models.Q(('kind__regex', '^(receipt|payment|transfer|general|opening)$')), name='finance_voucher_kind'),
        ),
        migrations.AddConstraint(
            model_name='voucher',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__regex', '^(draft|submitted|voided)$'), ('reviewed_by__isnull', True)), models.Q(('state__regex', '^(reviewed|posted)$'), ('reviewed_by__isnull', False)), _connector='OR'), name='finance_voucher_state'),
        ),
    ]

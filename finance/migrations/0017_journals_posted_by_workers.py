"""Paper journals are posted by workers."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0016_banks_close_after_their_entries'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='JournalJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='confirmed at')),
                ('language', models.CharField(default='zh-hans', max_length=10, verbose_name='language')),
                ('state', models.CharField(choices=[('posting', 'being posted'), ('posted', 'posted'), ('refused', 'refused')], default='posting', max_length=7, verbose_name='state')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='why it was refused')),
                ('rows_total', models.PositiveIntegerField(verbose_name='rows')),
                ('rows_done', models.PositiveIntegerField(default=0, verbose_name='rows done')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('lease', models.UUIDField(editable=False, null=True)),
                ('heartbeat', models.DateTimeField(editable=False, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('batch', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='job', to='finance.journalbatch', verbose_name='paper journal')),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
            ],
            options={
                'verbose_name': 'posting of a paper journal',
                'verbose_name_plural': 'postings of paper journals',
                'indexes': [models.Index(condition=models.Q(('state', 'posting')), fields=['heartbeat'], name='finance_journaljob_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['posting', 'posted', 'refused'])), name='finance_journaljob_state'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'posting')), models.Q(models.Q(('state', 'posting'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='finance_journaljob_ended'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('state', 'refused'), _negated=True), ('reason', '')), _connector='OR'), name='finance_journaljob_refused_says_why'), models.CheckConstraint(condition=models.Q(('rows_done__lte', models.F('rows_total'))), name='finance_journaljob_rows_done')],
            },
        ),
    ]

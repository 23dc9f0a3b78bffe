"""One index finds words within a school, and others tell what is open, late or repaired before without reading rows."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assets', '0006_repairs_not_to_overlook'),
        ('files', '0001_initial'),
        ('schools', '0002_public_holidays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BtreeGinExtension(),
        migrations.RemoveIndex(
            model_name='assetcard',
            name='assets_card_search',
        ),
        migrations.RemoveIndex(
            model_name='repairrequest',
            name='assets_repair_due',
        ),
        migrations.RemoveIndex(
            model_name='repairrequest',
            name='assets_repair_place',
        ),
        migrations.RemoveIndex(
            model_name='repairrequest',
            name='assets_repair_search',
        ),
        migrations.AlterField(
            model_name='assetcard',
            name='school',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='asset_cards', to='schools.school', verbose_name='school'),
        ),
        migrations.AlterField(
            model_name='repairrequest',
            name='school',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='school'),
        ),
        migrations.AddIndex(
            model_name='assetcard',
            index=django.contrib.postgres.indexes.GinIndex(fields=['school', 'search_pieces'], name='assets_card_search'),
        ),
        migrations.AddIndex(
            model_name='repairrequest',
            index=models.Index(condition=models.Q(('is_open', True)), fields=['school', 'due_at'], include=('state',), name='assets_repair_due'),
        ),
        migrations.AddIndex(
            model_name='repairrequest',
            index=models.Index(fields=['place', 'kind', 'reported_at'], include=('school',), name='assets_repair_place'),
        ),
        migrations.AddIndex(
            model_name='repairrequest',
            index=django.contrib.postgres.indexes.GinIndex(fields=['school', 'search_pieces'], name='assets_repair_search'),
        ),
    ]

"""Ship the asset categories and the thresholds."""

from typing import Any

from django.db import migrations

from assets.register.shipped import load_shipped


def load(apps: Any, schema_editor: Any) -> None:
    load_shipped(apps.get_model("assets", "AssetCategory"), apps.get_model("assets", "AssetThreshold"))


class Migration(migrations.Migration):
    dependencies = [("assets", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]

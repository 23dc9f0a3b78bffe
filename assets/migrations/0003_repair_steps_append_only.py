"""The steps of a repair are only added to, so that its times can be trusted."""

from django.db import migrations

CREATE = """
CREATE TRIGGER assets_repairstep_append_only
    BEFORE UPDATE OR DELETE ON assets_repairstep
    FOR EACH ROW EXECUTE FUNCTION houqin_append_only();

CREATE TRIGGER assets_repairstep_no_truncate
    BEFORE TRUNCATE ON assets_repairstep
    FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""

DROP = """
DROP TRIGGER assets_repairstep_no_truncate ON assets_repairstep;
DROP TRIGGER assets_repairstep_append_only ON assets_repairstep;
"""


class Migration(migrations.Migration):
    dependencies = [("assets", "0002_asset_categories"), ("history", "0002_append_only")]

    operations = [migrations.RunSQL(CREATE, DROP)]

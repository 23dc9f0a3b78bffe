"""The pieces of a text by which search finds it, and the extensions that constraints stand on."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

CREATE = """
CREATE FUNCTION houqin_pieces(source text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT piece), '{}')
    FROM (
        SELECT substr(word, place, size) AS piece
        FROM regexp_split_to_table(lower(source), '\\s+') AS word,
             generate_series(1, length(word)) AS place,
             generate_series(1, 2) AS size
        WHERE place + size - 1 <= length(word)
    ) AS pieces
$$;
"""


class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = []

    operations = [
        BtreeGistExtension(),
        migrations.RunSQL(CREATE, "DROP FUNCTION houqin_pieces(text)"),
    ]

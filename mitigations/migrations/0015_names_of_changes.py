from typing import Any

from django.db import migrations

# A comparison names its cell by row key and column, whatever the column is.
RENAMED = """
UPDATE mitigations_eracupload
SET changes = replace(replace(changes::text, '"unit_id": ', '"column": '), '"unit": ', '"title": ')::jsonb
WHERE changes <> '[]'
"""


def rename(apps: Any, schema_editor: Any) -> None:
    """AO by AO, since row-level security shows nothing where none is open."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM tenancy_awardingorganisation WHERE slug IS NOT NULL")
        for (ao_id,) in cursor.fetchall():
            cursor.execute("SELECT set_config('app.ao', %s, true)", [str(ao_id)])
            cursor.execute(RENAMED)
        cursor.execute("SELECT set_config('app.ao', '', true)")


class Migration(migrations.Migration):
    """What waits to be applied is read by the names that comparisons of every workbook use."""

    dependencies = [("mitigations", "0014_component_tags_tenancy")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]

from typing import Any

from django.db import migrations

# The newest run that found other numbers for one of the centre's rows is the one under which all of them hold.
FILLED = """
INSERT INTO qtag_comparedcentre (ao_id, centre_id, run_id, input_digest)
SELECT ao_id, centre_id, max(run_id), max(input_digest) FROM qtag_senserow GROUP BY ao_id, centre_id
"""


def fill(apps: Any, schema_editor: Any) -> None:
    """AO by AO, since row-level security shows nothing where none is open."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM tenancy_awardingorganisation WHERE slug IS NOT NULL")
        for (ao_id,) in cursor.fetchall():
            cursor.execute("SELECT set_config('app.ao', %s, true)", [str(ao_id)])
            cursor.execute(FILLED)
        cursor.execute("SELECT set_config('app.ao', '', true)")


class Migration(migrations.Migration):
    """Centres that have rows stand under the run that found them; nothing has to be compared anew."""

    dependencies = [("qtag", "0028_compared_centre_tenancy")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

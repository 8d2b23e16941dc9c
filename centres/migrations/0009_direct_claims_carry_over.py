from typing import Any

from django.db import migrations

# A status that held for the whole centre becomes one for each qualification that its learners are registered for.
STATUSES = """
INSERT INTO centres_directclaimsstatus (ao_id, centre_id, qualification_id, state, state_since, version)
SELECT DISTINCT c.ao_id, c.id, r.qualification_id, c.direct_claims, now(), 1
FROM centres_centre c JOIN centres_registration r ON r.centre_id = c.id
WHERE c.direct_claims IN ('granted', 'frozen', 'removed')
"""
EVENTS = """
INSERT INTO workflow_statusevent
    (ao_id, target_type, target_id, transition, source, target, process, reason, data, at)
SELECT ao_id, 'centres.directclaimsstatus', id, 'carry_over', '', state, 'migration', '', '{}', now()
FROM centres_directclaimsstatus
"""


def carry_over(apps: Any, schema_editor: Any) -> None:
    """AO by AO, since row-level security shows nothing where none is open."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM tenancy_awardingorganisation WHERE slug IS NOT NULL")
        for (ao_id,) in cursor.fetchall():
            cursor.execute("SELECT set_config('app.ao', %s, true)", [str(ao_id)])
            cursor.execute(STATUSES)
            cursor.execute(EVENTS)
        cursor.execute("SELECT set_config('app.ao', '', true)")


class Migration(migrations.Migration):
    """What an AO had said about a whole centre is kept, with a word in the history on where it comes from."""

    dependencies = [("centres", "0008_direct_claims_tenancy"), ("workflow", "0002_tenancy")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]

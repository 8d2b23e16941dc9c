from django.db import migrations

from awarding.tenancy.operations import InEachAO

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


class Migration(migrations.Migration):
    """What an AO had said about a whole centre is kept, with a word in the history on where it comes from."""

    dependencies = [("centres", "0008_direct_claims_tenancy"), ("workflow", "0002_tenancy")]

    operations = [InEachAO(STATUSES, EVENTS)]

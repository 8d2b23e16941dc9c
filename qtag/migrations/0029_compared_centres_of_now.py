from django.db import migrations

from awarding.tenancy.operations import InEachAO

# The newest run that found other numbers for one of the centre's rows is the one under which all of them hold.
FILLED = """
INSERT INTO qtag_comparedcentre (ao_id, centre_id, run_id, input_digest)
SELECT ao_id, centre_id, max(run_id), max(input_digest) FROM qtag_senserow GROUP BY ao_id, centre_id
"""


class Migration(migrations.Migration):
    """Centres that have rows stand under the run that found them; nothing has to be compared anew."""

    dependencies = [("qtag", "0028_compared_centre_tenancy")]

    operations = [InEachAO(FILLED)]

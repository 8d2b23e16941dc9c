from django.db import migrations

from awarding.tenancy.operations import InEachAO

# A comparison names its cell by row key and column, whatever the column is.
RENAMED = """
UPDATE mitigations_eracupload
SET changes = replace(replace(changes::text, '"unit_id": ', '"column": '), '"unit": ', '"title": ')::jsonb
WHERE changes <> '[]'
"""


class Migration(migrations.Migration):
    """What waits to be applied is read by the names that comparisons of every workbook use."""

    dependencies = [("mitigations", "0014_component_tags_tenancy")]

    operations = [InEachAO(RENAMED)]

from django.db import migrations

from awarding.tenancy.operations import TenantTables

TABLES = (
    "PastResults",
    "PastGroupResults",
    "LearnerCharacteristic",
    "SeriesChoice",
    "ComparisonTerms",
    "CentreChange",
    "QualificationChange",
    "SenseSettings",
    "SenseRun",
    "SenseRow",
    "DifferenceReason",
)


class Migration(migrations.Migration):
    """Row-level security of earlier results and of the sense check."""

    dependencies = [("qtag", "0006_history_and_sense_check")]

    operations = [TenantTables(*TABLES)]

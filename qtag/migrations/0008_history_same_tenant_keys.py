from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys


class Migration(migrations.Migration):
    """References of earlier results and of the sense check, held within one AO by the database."""

    dependencies = [
        ("qtag", "0007_history_tenancy"),
        ("jobs", "0003_same_tenant_keys"),
        ("catalogue", "0005_combination_tenancy"),
        ("centres", "0012_prior_tenancy"),
    ]

    operations = [
        SameTenantKeys(
            "PastResults",
            "PastGroupResults",
            "LearnerCharacteristic",
            "ComparisonTerms",
            "CentreChange",
            "QualificationChange",
            "SenseRun",
            "SenseRow",
            "DifferenceReason",
        )
    ]

from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys


class Migration(migrations.Migration):
    """References between rows of one AO, held by the database."""

    dependencies = [
        ("qa_sampling", "0002_tenancy"),
        ("files", "0002_tenancy"),
        ("mitigations", "0002_tenancy"),
    ]

    operations = [SameTenantKeys("Allocation", "SamplePick", "EvidenceFile")]

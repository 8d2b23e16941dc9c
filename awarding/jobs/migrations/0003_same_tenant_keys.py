from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys


class Migration(migrations.Migration):
    """References between rows of one AO, held by the database."""

    dependencies = [
        ("jobs", "0002_tenancy"),
        ("files", "0002_tenancy"),
        ("centres", "0003_tenancy"),
    ]

    operations = [SameTenantKeys("Job")]

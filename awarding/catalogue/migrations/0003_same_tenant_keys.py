from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys


class Migration(migrations.Migration):
    """References between rows of one AO, held by the database."""

    dependencies = [
        ("catalogue", "0002_tenancy"),
    ]

    operations = [SameTenantKeys("Grade", "Qualification", "UnitGroup", "QualificationUnit", "QualificationChange")]

from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys, TenantTables


class Migration(migrations.Migration):
    """Row-level security and same-tenant references of the rules of combination and the families of sizes."""

    dependencies = [("catalogue", "0004_combination")]

    operations = [
        TenantTables("QualificationFamily", "OtherGroup", "BarredSet", "BarredUnit", "LevelCredits"),
        SameTenantKeys("OtherGroup", "BarredSet", "BarredUnit", "LevelCredits"),
        SameTenantKeys("UnitGroup", fields=("inside",)),
        SameTenantKeys("Qualification", fields=("family",)),
    ]

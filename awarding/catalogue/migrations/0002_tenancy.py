from django.db import migrations

from awarding.tenancy.operations import AppendOnly, PublicTenantTables, TenantTables


class Migration(migrations.Migration):
    """Row-level security, and tables that only grow."""

    dependencies = [("catalogue", "0001_initial")]

    operations = [
        PublicTenantTables("Qualification"),
        TenantTables("GradeScale", "Grade", "Unit", "UnitGroup", "QualificationUnit", "QualificationChange"),
        AppendOnly("QualificationChange"),
    ]

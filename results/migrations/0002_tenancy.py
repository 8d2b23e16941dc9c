from django.db import migrations

from awarding.tenancy.operations import AppendOnly, TenantTables


class Migration(migrations.Migration):
    """Row-level security, and tables that only grow."""

    dependencies = [("results", "0001_initial")]

    operations = [
        TenantTables("UnitResult", "QualificationResult", "Certificate"),
        AppendOnly("UnitResult", "QualificationResult"),
    ]

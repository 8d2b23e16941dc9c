from django.db import migrations

from awarding.tenancy.operations import AppendOnly, TenantTables


class Migration(migrations.Migration):
    """Row-level security, and tables that only grow."""

    dependencies = [("frameworks", "0001_initial")]

    operations = [
        AppendOnly("FrameworkVersion"),
        TenantTables("Adoption"),
    ]

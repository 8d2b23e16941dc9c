from django.db import migrations

from awarding.tenancy.operations import AppendOnly, TenantTables


class Migration(migrations.Migration):
    """Row-level security, and tables that only grow."""

    dependencies = [("workflow", "0001_initial")]

    operations = [
        TenantTables("StatusEvent"),
        AppendOnly("StatusEvent"),
    ]

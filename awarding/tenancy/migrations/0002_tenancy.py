from django.db import migrations

from awarding.tenancy.operations import TenantTables


class Migration(migrations.Migration):
    """Row-level security, and tables that only grow."""

    dependencies = [("tenancy", "0001_initial")]

    operations = [
        TenantTables("NumberSequence"),
    ]

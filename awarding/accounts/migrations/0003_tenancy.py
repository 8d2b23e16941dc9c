from django.db import migrations

from awarding.tenancy.operations import PersonalTenantTables, TenantTables


class Migration(migrations.Migration):
    """Row-level security, and tables that only grow."""

    dependencies = [("accounts", "0002_initial")]

    operations = [
        PersonalTenantTables("Membership"),
        TenantTables("Invitation"),
    ]

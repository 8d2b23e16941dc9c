from django.db import migrations

from awarding.tenancy.operations import PersonalTenantTables


class Migration(migrations.Migration):
    """Row-level security, and tables that only grow."""

    dependencies = [("notices", "0001_initial")]

    operations = [
        PersonalTenantTables("Notice"),
    ]

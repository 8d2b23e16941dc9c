from django.db import migrations

from awarding.tenancy.operations import TenantTables


class Migration(migrations.Migration):
    """Row-level security of reminder plans."""

    dependencies = [("qtag", "0004_reminder_plan")]

    operations = [TenantTables("ReminderPlan")]

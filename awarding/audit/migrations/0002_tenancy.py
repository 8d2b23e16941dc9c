from django.db import migrations

from awarding.tenancy.operations import AppendOnly, AuditTables


class Migration(migrations.Migration):
    """Row-level security, and tables that only grow."""

    dependencies = [("audit", "0001_initial")]

    operations = [
        AuditTables("AuditRecord"),
        AppendOnly("AuditRecord"),
    ]

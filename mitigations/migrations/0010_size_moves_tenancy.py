from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys, TenantTables


class Migration(migrations.Migration):
    """Row-level security and same-tenant references of moves between sizes."""

    dependencies = [("mitigations", "0009_size_moves")]

    operations = [TenantTables("SizeMove"), SameTenantKeys("SizeMove")]

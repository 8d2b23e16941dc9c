from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys, TenantTables


class Migration(migrations.Migration):
    """Row-level security and same-tenant references of requests for component grades."""

    dependencies = [("mitigations", "0013_component_tags")]

    operations = [TenantTables("ComponentTag"), SameTenantKeys("ComponentTag")]

from django.db import migrations

from awarding.tenancy.operations import AppendOnly, SameTenantKeys, TenantTables


class Migration(migrations.Migration):
    """Row-level security, same-tenant references, and monitorings that only grow in number."""

    dependencies = [("centres", "0007_direct_claims"), ("catalogue", "0002_tenancy")]

    operations = [
        TenantTables("DirectClaimsStatus", "DirectClaimsMonitoring"),
        SameTenantKeys("DirectClaimsStatus", "DirectClaimsMonitoring"),
        AppendOnly("DirectClaimsMonitoring"),
    ]

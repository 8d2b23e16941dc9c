from django.db import migrations

from awarding.tenancy.operations import AppendOnly, SameTenantKeys, TenantTables


class Migration(migrations.Migration):
    """Row-level security, same-tenant references, and records that only grow in number."""

    dependencies = [("mitigations", "0011_centre_verification")]

    operations = [
        TenantTables("VerifierRecord", "InternalSignOff", "HoldLimit"),
        SameTenantKeys("VerifierRecord", "InternalSignOff"),
        AppendOnly("VerifierRecord", "InternalSignOff"),
    ]

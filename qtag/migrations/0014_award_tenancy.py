from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys, TenantTables


class Migration(migrations.Migration):
    """Row-level security and same-tenant keys of awards."""

    dependencies = [("qtag", "0013_award"), ("centres", "0003_tenancy")]

    operations = [TenantTables("Award"), SameTenantKeys("Award")]

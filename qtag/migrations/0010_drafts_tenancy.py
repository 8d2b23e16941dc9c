from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys, TenantTables


class Migration(migrations.Migration):
    """Row-level security of drafts, and references held within one AO by the database."""

    dependencies = [("qtag", "0009_drafts_of_reasons")]

    operations = [TenantTables("DifferenceDraft"), SameTenantKeys("DifferenceDraft")]

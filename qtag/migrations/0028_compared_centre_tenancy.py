from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys, TenantTables


class Migration(migrations.Migration):
    """Row-level security of the new table, and its references held within one AO."""

    dependencies = [("qtag", "0027_compared_centre"), ("centres", "0012_prior_tenancy")]

    operations = [TenantTables("ComparedCentre"), SameTenantKeys("ComparedCentre")]

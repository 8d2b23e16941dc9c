from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys, TenantTables


class Migration(migrations.Migration):
    """Row-level security of uploads of learners' groups; their references are held within one AO."""

    dependencies = [("qtag", "0018_characteristic_uploads")]

    operations = [TenantTables("CharacteristicUpload"), SameTenantKeys("CharacteristicUpload")]

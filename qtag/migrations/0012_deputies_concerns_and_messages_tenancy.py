from django.db import migrations

from awarding.tenancy.operations import AppendOnly, SameTenantKeys, TenantTables

MODELS = ("DeclarationConcern", "ExternalEntry", "LaterUnit", "ProgressMessage")


class Migration(migrations.Migration):
    """Row-level security of the new tables, and their references held within one AO."""

    dependencies = [
        ("qtag", "0011_deputies_concerns_and_messages"),
        ("catalogue", "0005_combination_tenancy"),
        ("centres", "0012_prior_tenancy"),
        ("frameworks", "0002_tenancy"),
    ]

    operations = [TenantTables(*MODELS), SameTenantKeys(*MODELS), AppendOnly("ProgressMessage")]

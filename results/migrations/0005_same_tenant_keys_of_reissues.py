from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys


class Migration(migrations.Migration):
    """A certificate replaces one of its own AO."""

    dependencies = [("results", "0004_release_and_reissue")]

    operations = [SameTenantKeys("Certificate", fields=("replaces",))]

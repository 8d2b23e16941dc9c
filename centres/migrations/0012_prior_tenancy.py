from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys, TenantTables


class Migration(migrations.Migration):
    """Row-level security and same-tenant references of what learners bring."""

    dependencies = [("centres", "0011_prior_achievements"), ("catalogue", "0005_combination_tenancy")]

    operations = [TenantTables("PriorAchievement"), SameTenantKeys("PriorAchievement")]

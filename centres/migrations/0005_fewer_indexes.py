import django.db.models.deletion
from django.db import migrations

import awarding.tenancy.models


def key(to: str, name: str, **more: bool) -> awarding.tenancy.models.TenantForeignKey:
    return awarding.tenancy.models.TenantForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=name, to=to, **more
    )


class Migration(migrations.Migration):
    """Indexes that another one serves: every row of an import paid for them."""

    dependencies = [("centres", "0004_same_tenant_keys")]

    operations = [
        migrations.RemoveIndex(model_name="registration", name="centres_reg_cohort__94e849_idx"),
        migrations.AlterField("learner", "centre", key("centres.centre", "learners", db_index=False)),
        migrations.AlterField("registration", "centre", key("centres.centre", "registrations", db_index=False)),
        migrations.AlterField("registration", "learner", key("centres.learner", "registrations", db_index=False)),
    ]

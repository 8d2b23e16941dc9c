import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import awarding.tenancy.models


class Migration(migrations.Migration):
    dependencies = [("results", "0003_same_tenant_keys")]

    operations = [
        migrations.AddField(
            model_name="certificate",
            name="fault",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="certificate",
            name="replaces",
            field=awarding.tenancy.models.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replacements",
                to="results.certificate",
            ),
        ),
        migrations.AddField(
            model_name="qualificationresult",
            name="centre_release_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="unitresult",
            name="centre_release_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
    ]

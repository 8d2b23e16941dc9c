from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("qtag", "0021_evidence_hold_tenancy"),
    ]

    operations = [
        migrations.AddField(
            model_name="award",
            name="accepted_digest",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("qtag", "0022_retention_of_characteristics"),
    ]

    operations = [
        migrations.AddField(
            model_name="award",
            name="accepted_digest",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]

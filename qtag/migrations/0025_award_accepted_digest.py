from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("qtag", "0024_one_life_of_uploads"),
    ]

    operations = [
        migrations.AddField(
            model_name="award",
            name="accepted_digest",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]

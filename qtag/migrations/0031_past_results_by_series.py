from django.db import migrations, models


class Migration(migrations.Migration):
    """Which series are loaded is found without reading every row."""

    dependencies = [
        ('catalogue', '0005_combination_tenancy'),
        ('centres', '0012_prior_tenancy'),
        ('qtag', '0030_narrower_sense_rows'),
        ('tenancy', '0002_tenancy'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='pastresults',
            index=models.Index(fields=['ao', 'series', 'principle'], name='past_results_by_series'),
        ),
    ]

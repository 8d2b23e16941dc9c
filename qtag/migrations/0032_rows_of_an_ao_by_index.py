from django.db import migrations, models


class Migration(migrations.Migration):
    """Whether an AO has any of these rows is not answered by reading everybody's: their key for references went."""

    dependencies = [
        ('catalogue', '0005_combination_tenancy'),
        ('centres', '0012_prior_tenancy'),
        ('qtag', '0031_past_results_by_series'),
        ('tenancy', '0002_tenancy'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='learnercharacteristic',
            index=models.Index(fields=['ao'], name='characteristics_of_ao'),
        ),
        migrations.AddIndex(
            model_name='pastgroupresults',
            index=models.Index(fields=['ao'], name='past_group_results_of_ao'),
        ),
    ]

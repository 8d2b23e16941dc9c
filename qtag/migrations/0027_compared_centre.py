import django.db.models.deletion
from django.db import migrations, models

import awarding.tenancy.models


class Migration(migrations.Migration):
    """What is one for all rows of a centre gets a place of its own."""

    dependencies = [
        ('centres', '0012_prior_tenancy'),
        ('qtag', '0026_told_of_banked_results'),
        ('tenancy', '0002_tenancy'),
    ]

    operations = [
        migrations.CreateModel(
            name='ComparedCentre',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('input_digest', models.CharField(max_length=32)),
                ('ao', awarding.tenancy.models.OwnerKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.awardingorganisation', verbose_name='awarding organisation')),
                ('centre', awarding.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='centres.centre')),
                ('run', awarding.tenancy.models.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='qtag.senserun')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('centre',), name='a_centre_is_compared_once')],
            },
        ),
    ]

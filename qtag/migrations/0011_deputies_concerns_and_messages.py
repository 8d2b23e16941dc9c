import datetime as dt

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import awarding.tenancy.models


class Migration(migrations.Migration):
    """Deputies are named, then decided on: one of before counts as ended and is named anew. What else the AO sees."""

    dependencies = [
        ('catalogue', '0005_combination_tenancy'),
        ('centres', '0012_prior_tenancy'),
        ('frameworks', '0002_tenancy'),
        ('qtag', '0010_drafts_tenancy'),
        ('tenancy', '0002_tenancy'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField("deputy", "accepted_by", "named_by"),
        migrations.RenameField("deputy", "accepted_at", "named_at"),
        migrations.RemoveField("deputy", "ended_at"),
        migrations.AddField("deputy", "state", models.CharField(max_length=30, default="ended"), preserve_default=False),
        migrations.AddField("deputy", "state_since", models.DateTimeField(default=django.utils.timezone.now)),
        migrations.AddField("deputy", "version", models.PositiveIntegerField(default=1)),
        migrations.AddField(
            "deputy", "last_day", models.DateField(verbose_name="signs until the end of", default=dt.date(2021, 8, 31)),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "deputy",
            models.UniqueConstraint(
                fields=["centre", "person"], condition=models.Q(("state__in", ["named", "accepted"])), name="named_deputy_once"
            ),
        ),
        migrations.AddField(
            model_name='reducedunit',
            name='is_late',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='DeclarationConcern',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=30)),
                ('state_since', models.DateTimeField(default=django.utils.timezone.now)),
                ('version', models.PositiveIntegerField(default=1)),
                ('due_on', models.DateField()),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('adoption', awarding.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='frameworks.adoption')),
                ('ao', awarding.tenancy.models.OwnerKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.awardingorganisation', verbose_name='awarding organisation')),
                ('centre', awarding.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='centres.centre')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('centre', 'adoption'), name='one_concern_per_declaration')],
            },
        ),
        migrations.CreateModel(
            name='ExternalEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entered_on', models.DateField(verbose_name='entered on')),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ao', awarding.tenancy.models.OwnerKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.awardingorganisation', verbose_name='awarding organisation')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('registration', awarding.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='external_entries', to='centres.registration')),
                ('unit', awarding.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.unit')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('registration', 'unit'), name='one_external_entry_per_unit')],
            },
        ),
        migrations.CreateModel(
            name='LaterUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('basis', models.CharField(choices=[('reduced', 'Z flag'), ('entry', 'External entry')], max_length=8, verbose_name='rests on')),
                ('put_forward_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ao', awarding.tenancy.models.OwnerKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.awardingorganisation', verbose_name='awarding organisation')),
                ('put_forward_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('registration', awarding.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='later_units', to='centres.registration')),
                ('unit', awarding.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.unit')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('registration', 'unit'), name='a_unit_put_forward_once')],
            },
        ),
        migrations.CreateModel(
            name='ProgressMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=32)),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('body', models.TextField(verbose_name='message')),
                ('filters', models.JSONField(default=dict)),
                ('roles', models.JSONField(default=list)),
                ('centres', models.JSONField(default=list)),
                ('people', models.PositiveIntegerField(default=0)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('adoption', awarding.tenancy.models.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='frameworks.adoption')),
                ('ao', awarding.tenancy.models.OwnerKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.awardingorganisation', verbose_name='awarding organisation')),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('ao', 'token'), name='a_progress_message_once')],
            },
        ),
    ]

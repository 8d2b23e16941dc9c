from django.db import migrations

from awarding.tenancy.operations import AppendOnly, AppendOnlyBesides, SameTenantKeys, TenantTables


class Migration(migrations.Migration):
    """Results from Q-TAGs belong to their AO; of a result only the instants of its release may be moved."""

    dependencies = [
        ("results", "0006_results_from_qtags"),
        ("qtag", "0014_award_tenancy"),
        ("frameworks", "0002_tenancy"),
    ]

    operations = [
        TenantTables("ResultWithdrawal", "QtagRelease"),
        SameTenantKeys("ResultWithdrawal", "QtagRelease"),
        SameTenantKeys("QualificationResult", fields=("submission",)),
        AppendOnly("ResultWithdrawal"),
        AppendOnlyBesides("QualificationResult", "release_at", "centre_release_at"),
    ]

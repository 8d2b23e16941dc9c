from django.db import migrations

from awarding.tenancy.operations import AppendOnly, SameTenantKeys, TenantTables

TABLES = ("PanelSettings", "PanelCase", "PanelOpinion", "PanelCondition")


class Migration(migrations.Migration):
    """Row-level security and same-tenant keys for the panel's cases; an opinion is never changed."""

    dependencies = [
        ("mitigations", "0004_panel_cases"),
        ("files", "0002_tenancy"),
    ]

    operations = [
        TenantTables(*TABLES),
        AppendOnly("PanelOpinion"),
        SameTenantKeys(*TABLES),
        SameTenantKeys("PanelDecision", fields=("case",)),
    ]

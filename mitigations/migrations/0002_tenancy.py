from django.db import migrations

from awarding.tenancy.operations import AppendOnly, TenantTables


class Migration(migrations.Migration):
    """Row-level security, and tables that only grow."""

    dependencies = [("mitigations", "0001_initial")]

    operations = [
        TenantTables(
            "Outcome",
            "Claim",
            "ClaimLearner",
            "ClaimUnit",
            "ClaimCell",
            "EvidenceEntry",
            "EracDocument",
            "EracUpload",
            "PanelDecision",
        ),
        AppendOnly("PanelDecision"),
    ]

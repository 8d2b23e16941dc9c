from django.db import migrations

from awarding.tenancy.operations import AppendOnly, TenantTables


class Migration(migrations.Migration):
    """Row-level security, and tables that only grow."""

    dependencies = [("qtag", "0001_initial")]

    operations = [
        TenantTables(
            "QualificationTerms",
            "LicenceUnit",
            "Submission",
            "StepRecord",
            "Agreement",
            "Judgement",
            "GradeChange",
            "EvidenceRecord",
            "Circumstance",
            "BankedUnit",
            "ReducedUnit",
            "Deputy",
            "Declaration",
            "DeclarationPart",
        ),
        AppendOnly("StepRecord", "Agreement", "GradeChange", "Circumstance", "Declaration"),
    ]

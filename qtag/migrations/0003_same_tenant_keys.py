from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys


class Migration(migrations.Migration):
    """References between rows of one AO, held by the database."""

    dependencies = [
        ("qtag", "0002_tenancy"),
        ("catalogue", "0002_tenancy"),
        ("files", "0002_tenancy"),
        ("frameworks", "0002_tenancy"),
        ("centres", "0003_tenancy"),
    ]

    operations = [
        SameTenantKeys(
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
        )
    ]

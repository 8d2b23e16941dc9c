from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys


class Migration(migrations.Migration):
    """References between rows of one AO, held by the database."""

    dependencies = [
        ("centres", "0003_tenancy"),
        ("catalogue", "0002_tenancy"),
        ("files", "0002_tenancy"),
        ("jobs", "0002_tenancy"),
    ]

    operations = [
        SameTenantKeys("DeclaredInterest", "Learner", "Cohort", "CohortStaff", "Registration", "RegistrationUpload")
    ]

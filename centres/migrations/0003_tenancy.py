from django.db import migrations

from awarding.tenancy.operations import TenantTables


class Migration(migrations.Migration):
    """Row-level security, and tables that only grow."""

    dependencies = [("centres", "0002_initial")]

    operations = [
        TenantTables(
            "Centre", "DeclaredInterest", "Learner", "Cohort", "CohortStaff", "Registration", "RegistrationUpload"
        ),
    ]

from django.db import migrations

from awarding.tenancy.operations import SameTenantKeys, TenantTables


class Migration(migrations.Migration):
    """Row-level security of workbooks and evidence files; their references are held within one AO."""

    dependencies = [("qtag", "0015_workbooks_and_files"), ("files", "0003_erased")]

    operations = [
        TenantTables("EvidenceFile", "GradeSheet", "GradeUpload"),
        SameTenantKeys("EvidenceFile", "GradeSheet", "GradeUpload"),
    ]

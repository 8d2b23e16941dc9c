from django.db import migrations

from awarding.tenancy.operations import WiderKeys


class Migration(migrations.Migration):
    """One check less for each row that is written: a row's centre and qualification are the AO's, and so the row is."""

    dependencies = [("qtag", "0022_retention_of_characteristics")]

    operations = [WiderKeys("SenseRow", implied=("ao",)), WiderKeys("PastResults", implied=("ao",))]

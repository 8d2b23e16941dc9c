from django.db import migrations

import qtag.models.written
from awarding.tenancy.operations import NotReferredTo


class Migration(migrations.Migration):
    """A row of the check costs a key and an index less, and its figures are stored as they are written.

    A whole run writes hundreds of thousands of them; earlier results come in millions.
    """

    dependencies = [("qtag", "0029_compared_centres_of_now")]

    operations = [
        migrations.RemoveField(model_name="senserow", name="input_digest"),
        migrations.RemoveField(model_name="senserow", name="run"),
        migrations.AlterField(
            model_name="senserow", name="figures", field=qtag.models.written.WrittenJSONField(default=dict)
        ),
        NotReferredTo("SenseRow", "PastResults", "PastGroupResults", "LearnerCharacteristic"),
    ]

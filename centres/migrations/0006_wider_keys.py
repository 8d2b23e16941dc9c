from django.db import migrations, models
from django.db.models import Q

from awarding.tenancy.operations import WiderKeys


class Migration(migrations.Migration):
    """Three keys hold what seven held for every row of an import, and more: a registration's learner and cohort are of its
    own centre, the cohort of its own qualification. One index of ULNs serves what two did.
    """

    dependencies = [("centres", "0005_fewer_indexes")]

    operations = [
        migrations.RemoveConstraint("learner", "a_uln_once_per_centre"),
        migrations.RemoveIndex("learner", "centres_lea_ao_id_838d06_idx"),
        migrations.AddConstraint(
            "learner",
            models.UniqueConstraint(
                fields=["ao", "uln", "centre"], condition=~Q(uln="9999999999"), name="a_uln_once_per_centre"
            ),
        ),
        WiderKeys(
            "Registration",
            learner=("centre",),
            cohort=("centre", "qualification"),
            implied=("centre", "qualification", "ao"),
        ),
        WiderKeys("Learner", implied=("ao",)),
    ]

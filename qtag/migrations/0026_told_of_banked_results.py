from django.db import migrations, models


class Migration(migrations.Migration):
    """Which banked results a learner was told of. Of those told before nothing is known, and nothing is asked."""

    dependencies = [("qtag", "0025_award_accepted_digest")]

    operations = [migrations.AddField("judgement", "told_banked", models.JSONField(blank=True, null=True))]

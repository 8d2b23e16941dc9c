from django.db import migrations


class Migration(migrations.Migration):
    """Direct claims are held per qualification."""

    dependencies = [("centres", "0009_direct_claims_carry_over")]

    operations = [migrations.RemoveField("centre", "direct_claims")]

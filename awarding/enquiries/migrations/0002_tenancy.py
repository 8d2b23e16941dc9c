from django.db import migrations

from awarding.tenancy.operations import AppendOnly, SameTenantKeys, TenantTables

MODELS = (
    "Topic",
    "EnquirySettings",
    "RoutingRule",
    "Enquiry",
    "EnquiryMessage",
    "PublishedAnswer",
    "HelpSession",
    "SignUp",
)


class Migration(migrations.Migration):
    """Row-level security, references held by the database, and messages that stay as they were written."""

    dependencies = [
        ("enquiries", "0001_initial"),
        ("catalogue", "0002_tenancy"),
        ("centres", "0003_tenancy"),
    ]

    operations = [TenantTables(*MODELS), SameTenantKeys(*MODELS), AppendOnly("EnquiryMessage")]

"""Which enquiries of the demonstration show something on their pages."""

from __future__ import annotations

from typing import Any

from awarding.enquiries.models import Enquiry, HelpSession, PublishedAnswer, RoutingRule, Topic
from mitigations.models import Claim
from tests.matrix.routes import Route
from tests.system.first import first, first_centre

QUERIES = {"enquiries:ask": "?about={erac_number}"}


def things(route: Route) -> dict[str, Any]:
    numbers = Claim.objects.filter(centre=first_centre()).order_by("id").values_list("number", flat=True)
    return {
        "enquiry_id": first(Enquiry.objects.filter(state="asked")),
        "answer_id": first(PublishedAnswer.objects.filter(withdrawn_at=None)),
        "session_id": first(HelpSession.objects.all()),
        "topic_id": first(Topic.objects.all()),
        "rule_row_id": first(RoutingRule.objects.all()),
        "erac_number": numbers.first(),
    }

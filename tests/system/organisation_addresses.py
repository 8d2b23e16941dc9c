"""Which people, messages, jobs and results of the demonstration show something on their pages."""

from __future__ import annotations

from typing import Any

from awarding.accounts.models import Invitation, Membership
from awarding.accounts.roles import Role
from awarding.jobs.models import Job
from awarding.notices.models import Notice
from results.models import Certificate, QualificationResult
from tests.matrix.routes import Route
from tests.system.first import first


def things(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {
        "code": "erf_2020",
        "rule_id": "CLM-01",
        "invitation_id": first(Invitation.objects.all()),
        "membership_id": first(Membership.objects.filter(role=Role.TEACHER)),
        "notice_id": first(Notice.objects.all()),
        "job_id": first(Job.objects.exclude(result_file=None) if route.name == "jobs:result" else Job.objects.all()),
        "result_id": first(QualificationResult.objects.all()),
        "certificate_id": first(Certificate.objects.filter(state="active")),
    }
    certificate = Certificate.objects.filter(state="active").order_by("id").first()
    if certificate and "check" in route.name:
        found |= {"number": certificate.number, "code": certificate.check_code}
    return found

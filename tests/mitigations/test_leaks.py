"""What is not released is nowhere to be seen for a centre."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from awarding.accounts.roles import PERMISSIONS, Role
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.models import StatusEvent
from mitigations.models import Claim, PanelCase, PanelSettings
from mitigations.services.panel import Said, decide_claim, give_second_opinion
from mitigations.services.release import release_case
from tests.factories import make_standing
from tests.factories.sign_in import sign_in
from tests.matrix.test_routes import url_of, walkable
from tests.matrix.world import build_tenant

pytestmark = pytest.mark.django_db
SECRET = "Zzreasons of the panel"
CENTRE_EYES = (Role.QUALITY_CONTACT, Role.TEACHER)
# Where claims are spoken of; the rest of the portal knows nothing of them.
PLACES = {"mitigations", "api", "centres", "results", "qa_sampling", "notices", "my_work", "ao_home"}
# What changes from one request to the next without anybody having done anything.
CHANGING = re.compile(
    r'csrf[\w-]*"? (?:value|content)="[^"]*"|"X-CSRFToken": ?"[^"]*"|data-[\w-]*(?:seconds|token)[\w-]*="[^"]*"'
)


def seen_by(role, tenant):
    """{route: (status, text)} of everything that this role can ask for by GET."""
    client = Client()
    sign_in(client, tenant.people[role])
    client.get("/")
    found = {}
    for route in walkable(tenant):
        wanted = route.audience.permissions
        if route.name.partition(":")[0] not in PLACES or (wanted and not any(p in PERMISSIONS[role] for p in wanted)):
            continue
        response = client.get(url_of(route, tenant))
        body = b"".join(response.streaming_content) if response.streaming else response.content
        kind = response.headers.get("Content-Type", "")
        text = CHANGING.sub("", body.decode(errors="replace")) if kind.startswith(("text/", "application/json")) else ""
        found[route.name] = (response.status_code, text)
    return found


def test_clm_09_nothing_of_a_decision_that_is_not_released_shows_to_its_centre():
    """Every address, as three roles of the centre, before and after the panel decided: the same to the letter."""
    tenant = build_tenant("home", "Zzhome")
    with open_scope(tenant.ao):
        PanelSettings.objects.create(releases_apart=True, second_opinion_share=100, draw_seed="s")
        members = [make_standing(tenant.ao, Role.PANEL_MEMBER) for _ in range(2)]
        queued = (
            Claim.objects.filter(centre=tenant.centre, state="queued", cases=None).order_by("queued_at", "id").first()
        )
        tenant.parameters["claim_id"] = queued.pk
        tenant.parameters["row_key"] = queued.learners.first().row_key
        events = StatusEvent.objects.filter(target_type="mitigations.claim", target_id=queued.pk).count()
    before = {role: seen_by(role, tenant) for role in CENTRE_EYES}
    people = [tenant.people[role].pk for role in CENTRE_EYES]
    with open_scope(tenant.ao):
        told = Notice.objects.filter(person__in=people).count()
        Claim.objects.filter(pk=queued.pk).update(opened_by=members[0].person)
        said = Said("insufficient", SECRET, "Zznext step", tenant_day())
        decide_claim(
            actor=members[0], claim=queued, verdict=said.verdict, reasons=SECRET, expected_version=queued.version,
            next_step=said.next_step, next_step_due=said.next_step_due,
        )  # fmt: skip
    drawn = {role: seen_by(role, tenant) for role in CENTRE_EYES}
    with open_scope(tenant.ao):
        case = PanelCase.objects.get(claim=queued)
        assert case.state == "second"
        give_second_opinion(actor=members[1], case=case, expected_version=case.version, said=said)
    decided = {role: seen_by(role, tenant) for role in CENTRE_EYES}
    for role in CENTRE_EYES:
        for after in (drawn, decided):
            assert [name for name, seen in after[role].items() if seen != before[role][name]] == [], role
    with open_scope(tenant.ao):
        assert PanelCase.objects.get(claim=queued).state == "decided"
        assert Notice.objects.filter(person__in=people).count() == told
        assert StatusEvent.objects.filter(target_type="mitigations.claim", target_id=queued.pk).count() == events
        release_case(actor=members[0], case=PanelCase.objects.get(claim=queued))
        assert Notice.objects.filter(person__in=people, body__contains=SECRET).exists()
    after = seen_by(Role.QUALITY_CONTACT, tenant)
    assert (
        SECRET in after["mitigations:claim"][1]
        and after["mitigations:claim"] != before[Role.QUALITY_CONTACT]["mitigations:claim"]
    )
    assert "returned" in after["api:claim-list"][1]


def tenant_day():
    from django.utils import timezone

    return timezone.localdate()

"""Raising and deciding cases of learners outside the dates or without a registration."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from awarding.notices.services import notify_roles
from awarding.tenancy.scope import current_ao
from awarding.tenancy.services import mint_number
from awarding.workflow.services import GuardedError, apply_transition, write_event
from centres.models import Centre, Learner, Registration
from mitigations.models import ClaimLearner, ImpactCase
from mitigations.queries.impact import with_reason
from mitigations.queries.impact_cases import find_registration, open_case_of
from mitigations.rules.impact_case import case_findings
from mitigations.services.telling import tell_moved
from mitigations.workflow import IMPACT_CASE

# What a case's history calls its number's kind: AIM-IC-2026-000004.
NUMBER_KIND = "IC"


@transaction.atomic
def raise_case(
    *, actor: Standing, adoption: Adoption, registration: Registration, kind: str, why: str, evidence: str
) -> ImpactCase:  # fmt: skip
    """A case about a registered learner outside the dates (MIT-08), with the eRAC that they stand on, if any.

    Raises GuardedError where the learner is impacted already, was withdrawn, or has a case under way.
    """
    actor.require(Permission.IMPACT_ANSWER, registration.centre_id)
    # The learner's lock makes a second click wait, and then find the first one's case.
    Learner.objects.select_for_update(of=("self",)).get(pk=registration.learner_id)
    document = adopted_document(adoption)
    rows = with_reason(Registration.objects.select_related("learner", "qualification"), document)
    fresh = rows.get(pk=registration.pk)
    known = open_case_of(fresh, document.id)
    found = case_findings(where=fresh.learner.full_name, impact=fresh.impact, open_number=known.number if known else "")
    if found:
        raise GuardedError(found)
    row = (
        ClaimLearner.objects.filter(registration=fresh).exclude(claim__state="withdrawn").order_by("-claim_id").first()
    )
    return _begin(
        actor, adoption, kind=kind, why=why, evidence=evidence, centre_id=fresh.centre_id,
        qualification=fresh.qualification, registration=fresh, claim_id=row.claim_id if row else None,
        learner_name=fresh.learner.full_name, uln=fresh.learner.uln,
    )  # fmt: skip


@transaction.atomic
def raise_unregistered_case(
    *, actor: Standing, adoption: Adoption, centre: Centre, qualification: Qualification, learner_name: str, uln: str,
    why: str, evidence: str,
) -> ImpactCase:  # fmt: skip
    """A case about a learner whom nobody registered (MIT-07). It can be accepted once they are registered, not before.

    Somebody who turns out to be registered gets an ordinary case. Raises GuardedError as `raise_case`.
    """
    actor.require(Permission.IMPACT_ANSWER, centre.pk)
    known = find_registration(centre.pk, qualification.pk, uln=uln, name=learner_name)
    if known is not None:
        return raise_case(
            actor=actor, adoption=adoption, registration=known, kind=ImpactCase.Kind.OVERRAN, why=why, evidence=evidence
        )
    return _begin(
        actor, adoption, kind=ImpactCase.Kind.UNREGISTERED, why=why, evidence=evidence, centre_id=centre.pk,
        qualification=qualification, learner_name=learner_name.strip(), uln=uln,
    )  # fmt: skip


def _begin(actor: Standing, adoption: Adoption, **fields: Any) -> ImpactCase:
    ao, year = current_ao(), timezone.localdate().year
    prefix = ao.claim_prefix or (ao.slug or "").upper()[:8]
    number = f"{prefix}-{NUMBER_KIND}-{year}-{mint_number(f'impact-case-{year}'):06d}"
    case = ImpactCase.objects.create(
        number=number, adoption=adoption, framework_code=adoption.framework.code, state=IMPACT_CASE.initial,
        raised_by=actor.person, **fields,
    )  # fmt: skip
    write_event(case, "raise", "", actor=actor, reason=case.why, data={"kind": case.kind})
    notify_roles(
        roles={Role.AO_ADMIN}, centre_id=None, key=f"impact-case-{case.pk}", target=case, url=case_url(case),
        subject=_("%(number)s: a learner outside the dates") % {"number": number}, body=case.why, besides=actor.person,
    )  # fmt: skip
    return case


@transaction.atomic
def move_case(
    *, actor: Standing, case: ImpactCase, move: str, reason: str = "", due_on: dt.date | None = None,
    expected_version: int | None = None,
) -> ImpactCase:  # fmt: skip
    """One move of the case's table: take, ask, answer, recall, accept, refuse, reopen, withdraw (MIT-08).

    Who takes a case on owns it. Before it is accepted the registration of a learner who had none is looked for; without
    one GuardedError tells how to register (MIT-07). Raises as `apply_transition`.
    """
    actor.require(IMPACT_CASE.transition(move).permission or Permission.IMPACT_MANAGE, case.centre_id)
    if move in ("answer", "accept"):
        _find_missing_registration(case)
    changes: dict[str, Any] = {"due_on": due_on if move == "ask" else None}
    # Who goes on with it owns it: the one who asked may have left.
    if move in ("take", "recall", "reopen"):
        changes["owner"] = actor.person
    moved = apply_transition(
        IMPACT_CASE, case, move, actor=actor, reason=reason, expected_version=expected_version, changes=changes
    )
    title = f"{moved.number}: {IMPACT_CASE.event_label(move)}"
    tell_moved(
        actor=actor, workflow=IMPACT_CASE, subject=moved, move=move, title=title, body=reason, url=case_url(moved)
    )  # fmt: skip
    return moved


def _find_missing_registration(case: ImpactCase) -> None:
    """Ties a case of somebody unregistered to their registration, as soon as there is one."""
    if case.registration_id is not None:
        return
    known = find_registration(case.centre_id, case.qualification_id, uln=case.uln, name=case.learner_name)
    if known is not None and open_case_of(known, case.framework_code) is None:
        ImpactCase.objects.filter(pk=case.pk, registration=None).update(registration=known)


def case_url(case: ImpactCase) -> str:
    """The address of a case's page."""
    return reverse("mitigations:impact_case", kwargs={"ao": case.ao.slug, "case_id": case.pk})

"""Raising and judging the concern that a head of centre's declaration was missing on its day (HOC-03)."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.roles import Role
from awarding.accounts.standing import Process, Standing
from awarding.frameworks.models import Adoption
from awarding.notices.services import notify_roles
from awarding.tenancy.scope import current_ao
from awarding.workflow.services import apply_transition, write_beginnings
from centres.models import Centre
from qtag.models import DeclarationConcern
from qtag.queries.concerns import missing_on_the_day, missing_since
from qtag.workflow import DECLARATION_CONCERN

CLOCK = Process("check of deadlines")


@transaction.atomic
def raise_concerns(adoption: Adoption, today: date) -> int:
    """One concern for each centre that submitted and has not signed by its day (HOC-03); never a second one.

    Who had signed by then, and is to sign again because the AO reopened something, is none. Answers how many are new.
    However often it runs, and however late, each centre has one for each adoption.
    """
    due = missing_since(adoption, today)
    if due is None:
        return 0
    known = set(DeclarationConcern.objects.filter(adoption=adoption).values_list("centre_id", flat=True))
    rows = [
        DeclarationConcern(centre=centre, adoption=adoption, due_on=due, state=DECLARATION_CONCERN.initial)
        for centre in Centre.objects.filter(pk__in=missing_on_the_day(adoption, due).values("centre_id")).order_by("pk")
        if centre.pk not in known
    ]
    made = DeclarationConcern.objects.bulk_create(rows)
    write_beginnings(made, "raise", actor=CLOCK, data={"due": due.isoformat()})
    return len(made)


@transaction.atomic
def judge_concern(
    *, actor: Standing, concern: DeclarationConcern, move: str, reason: str, expected_version: int | None
) -> DeclarationConcern:
    """The AO decides, with a reason, whether a missing declaration is malpractice; or opens its decision again (HOC-03)."""
    moved = apply_transition(
        DECLARATION_CONCERN, concern, move, actor=actor, reason=reason, expected_version=expected_version
    )
    roles: set[Role] = set(DECLARATION_CONCERN.transition(move).notifies)
    if roles:
        url = reverse("qtag:concern", kwargs={"ao": current_ao().slug, "concern_id": moved.pk})
        notify_roles(
            roles=roles, centre_id=None, key=f"declaration-concern-{moved.pk}-{moved.version}", url=url, target=moved,
            subject=_("Missing declaration: %(what)s") % {"what": DECLARATION_CONCERN.event_label(move)},
            body=_("%(centre)s, due on %(day)s.") % {"centre": moved.centre, "day": moved.due_on.strftime("%d %B %Y")},
            besides=actor.person,
        )  # fmt: skip
    return moved

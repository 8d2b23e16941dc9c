"""Rules of combination that say more than so many units, sizes of a qualification, units that learners bring."""

from __future__ import annotations

import datetime as dt

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.catalogue.services.combination import save_family, save_rules
from awarding.catalogue.services.loading import load_units
from awarding.catalogue.services.qualification import edit_qualification
from awarding.catalogue.services.units import GroupDraft, UnitDraft
from centres.models import Registration
from centres.services.prior import record_prior
from demonstration.awards import UNIT_CREDITS, Award, find_qualification, units_of
from mitigations.services.size_moves import decide_size_move, request_size_move

# The share that one awarding organisation's form names.
TRANSFER_LIMIT = 70
CONSTRUCTION, FIRST_AID = "60316937", "60307523"
SMALLER = {
    CONSTRUCTION: Award(
        "60316913", "AIM Qualifications Level 1 Award in Skills for Working in Construction and Building Industries",
        "Level 1", "Vocationally-Related Qualification", "Building and construction", "A",
    ),
    FIRST_AID: Award(
        "60334009", "NCFE CACHE Level 3 Award in Emergency Paediatric First Aid", "Level 3", "Occupational Qualification",
        "Health and social care", "A",
    ),
}  # fmt: skip


def seed_rules(admin: Standing, qualifications: dict[str, Qualification]) -> None:
    """A limit on transfer everywhere; a level minimum; a barred pair; a smaller size of one award. Needs the scope."""
    for qan, qualification in qualifications.items():
        units = units_of(qualification)
        if not units:
            continue
        is_access = qualification.title.startswith("Access to HE")
        barred = [[unit.reference for unit in units[-2:]]] if qan == CONSTRUCTION else []
        save_rules(
            actor=admin, qualification=qualification, levels=[(3, 45)] if is_access else [], barred=barred,
            transfer_limit=TRANSFER_LIMIT,
        )  # fmt: skip
        if qan in SMALLER:
            small = _smaller_size(admin, qualification, SMALLER[qan])
            save_family(actor=admin, name=f"{qualification.title.partition(' in ')[2]}", sizes=[small, qualification])


def _smaller_size(admin: Standing, larger: Qualification, award: Award) -> Qualification:
    """The award of the larger one's first two units."""
    units = units_of(larger)[:2]
    small = edit_qualification(
        actor=admin, qualification=find_qualification(award), category=award.category, unit_scale=larger.unit_scale,
        scale=larger.scale, min_credits=UNIT_CREDITS * len(units),
    )  # fmt: skip
    group = GroupDraft("Mandatory units", is_mandatory=True)
    drafts = [(UnitDraft(u.reference, u.title, u.level, u.credits, u.guided_hours), group.name) for u in units]
    load_units(actor=admin, qualification=small, groups=[group], units=drafts)
    return small


def seed_prior(contact: Standing, learners: list[Registration]) -> None:
    """One learner who brings a unit, and one who brings more than may count. Needs the scope."""
    for registration, count in zip(learners, (1, 3), strict=False):
        for number, unit in enumerate(units_of(registration.qualification)[:count]):
            record_prior(
                actor=contact, registration=registration, unit=unit, kind="CT" if number % 2 == 0 else "RPL",
                source="Another awarding organisation (demonstration)" if number % 2 == 0 else "Three years as a volunteer",
                evidence="Certificate seen and copied; kept with the learner’s file.", achieved_on=dt.date(2018, 7, 13),
            )  # fmt: skip


def seed_size_moves(admin: Standing, contact: Standing, learners: list[Registration]) -> None:
    """One request that waits for the AO and one that was declined. Needs the scope."""
    reasons = ("The learner starts work in September and cannot stay.", "Two units are behind because of the closures.")
    for number, (registration, reason) in enumerate(zip(learners, reasons, strict=False)):
        target = registration.qualification.family.sizes.order_by("size").first()  # type: ignore[union-attr]
        if target is None:
            continue
        move = request_size_move(actor=contact, registration=registration, target=target, reason=reason)
        if number and move.state == "requested":
            decide_size_move(
                actor=admin, move=move, transition="decline",
                reason="Claim the Certificate with its mitigation: that is what the mitigation is there for.",
            )  # fmt: skip

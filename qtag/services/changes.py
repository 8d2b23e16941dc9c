"""What the AO records so that like is compared with like: changes of centres and qualifications, series, settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Qualification
from centres.models import Centre
from qtag.models import CentreChange, ComparisonTerms, QualificationChange, SenseSettings, SeriesChoice
from qtag.queries.sense_runs import method_settings
from qtag.rules.series import is_series

SETTINGS = (
    "promised_false_discovery", "fewest_learners", "too_few", "full_confidence", "smallest_difference",
    "difference_sought", "fewest_shown", "characteristics_months", "signing_waits",
)  # fmt: skip


class ChangeError(ValueError):
    """Why a change cannot be recorded; `str()` is fit for the page."""


@transaction.atomic
def record_centre_change(
    *, actor: Standing, kind: str, from_centre: Centre, to_centre: Centre | None, effective_on: dt.date, reason: str,
    share: int = 100, qualifications: Sequence[Qualification] = (),
) -> CentreChange:  # fmt: skip
    """Records whose history counts for whom from a day on (SNS-04). Raises PermissionMissingError, ChangeError."""
    actor.require(Permission.SENSE_MANAGE)
    _refuse_without_reason(reason)
    if (to_centre is None) != (kind == CentreChange.Kind.STATUS):
        raise ChangeError(_("Name the other centre of a merger or a split; a change of status has none."))
    if to_centre is not None and to_centre.pk == from_centre.pk:
        raise ChangeError(_("A centre cannot merge with itself. Name the other one."))
    if not 1 <= share <= 100:
        raise ChangeError(_("The share is a percentage from 1 to 100."))
    Centre.objects.select_for_update(of=("self",), no_key=True).get(pk=from_centre.pk)
    ids = sorted({one.pk for one in qualifications})
    _refuse_too_much(from_centre, effective_on, share, ids)
    if to_centre is not None and _leads_back(from_centre.pk, to_centre.pk, effective_on):
        raise ChangeError(
            _("On that day history already moves from the other centre to this one. Withdraw that first.")
        )
    change: CentreChange = CentreChange.objects.create(
        kind=kind, from_centre=from_centre, to_centre=to_centre, effective_on=effective_on, reason=reason.strip(),
        share=share, qualification_ids=ids, recorded_by=actor.person,
    )  # fmt: skip
    data = {"kind": kind, "to": to_centre.pk if to_centre else None, "on": str(effective_on), "share": share}
    record("centre_change.recorded", actor=actor, target=from_centre, data=data | {"qualifications": ids})
    return change


@transaction.atomic
def record_qualification_change(
    *, actor: Standing, kind: str, from_qualification: Qualification, to_qualification: Qualification | None,
    effective_on: dt.date, reason: str,
) -> QualificationChange:  # fmt: skip
    """Records that a qualification ended (SNS-05) or goes on under another number (SNS-04). Raises ChangeError."""
    actor.require(Permission.SENSE_MANAGE)
    _refuse_without_reason(reason)
    if (to_qualification is None) != (kind == QualificationChange.Kind.DISCONTINUED):
        raise ChangeError(_("Name the number under which it goes on; one that is no longer offered has none."))
    if to_qualification is not None and to_qualification.pk == from_qualification.pk:
        raise ChangeError(_("A qualification cannot go on under its own number. Name the other one."))
    Qualification.objects.select_for_update(of=("self",), no_key=True).get(pk=from_qualification.pk)
    if QualificationChange.objects.filter(from_qualification=from_qualification, kind=kind, withdrawn_at=None).exists():
        raise ChangeError(_("This is recorded already. Withdraw what is there before you record it anew."))
    change: QualificationChange = QualificationChange.objects.create(
        kind=kind, from_qualification=from_qualification, to_qualification=to_qualification, effective_on=effective_on,
        reason=reason.strip(), recorded_by=actor.person,
    )  # fmt: skip
    to = to_qualification.pk if to_qualification else None
    data = {"kind": kind, "to": to, "on": str(effective_on)}
    record("qualification_change.recorded", actor=actor, target=from_qualification, data=data)
    return change


@transaction.atomic
def withdraw_change(
    *, actor: Standing, change: CentreChange | QualificationChange, reason: str
) -> CentreChange | QualificationChange:
    """Takes back what was recorded by mistake; it stays as history. Doing it twice does it once. Raises ChangeError."""
    actor.require(Permission.SENSE_MANAGE)
    _refuse_without_reason(reason)
    change = type(change).objects.select_for_update(of=("self",)).get(pk=change.pk)
    if change.withdrawn_at is None:
        change.withdrawn_at, change.withdrawn_by, change.withdrawn_reason = timezone.now(), actor.person, reason.strip()
        change.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        noun = "centre_change" if isinstance(change, CentreChange) else "qualification_change"
        record(f"{noun}.withdrawn", actor=actor, target=change, data={"reason": change.withdrawn_reason})
    return change


@transaction.atomic
def choose_series(*, actor: Standing, series: str, role: str, weeks: int = 52) -> SeriesChoice:
    """Says what a series is to the check (SNS-03). One series can be this year's. Raises ChangeError."""
    actor.require(Permission.SENSE_MANAGE)
    if not is_series(series):
        raise ChangeError(_("A series is a year and a season, such as 2019-summer."))
    if role not in SeriesChoice.Role.values or not 1 <= weeks <= 520:
        raise ChangeError(_("Choose what the series is, and how many weeks its period was (1 to 520)."))
    others = SeriesChoice.objects.select_for_update(of=("self",)).filter(role=SeriesChoice.Role.THIS_YEAR)
    if role == SeriesChoice.Role.THIS_YEAR and others.exclude(series=series).exists():
        raise ChangeError(_("Another series is this year's. Say first what that one is now."))
    values = {"role": role, "weeks": weeks, "chosen_by": actor.person, "chosen_at": timezone.now()}
    choice, _made = SeriesChoice.objects.update_or_create(ao=actor.ao, series=series, defaults=values)
    record("series.chosen", actor=actor, target=choice, data={"series": series, "role": role, "weeks": weeks})
    return choice


@transaction.atomic
def set_comparison_terms(
    *, actor: Standing, qualification: Qualification, compared_by: str, suite: str = ""
) -> ComparisonTerms:
    """Says how a qualification is compared and to which suite it belongs (SNS-02, SNS-06). Raises ChangeError."""
    actor.require(Permission.SENSE_MANAGE)
    if compared_by not in ComparisonTerms.By.values:
        raise ChangeError(_("Choose by grades, by volume, or leave it to the scale."))
    values: dict[str, Any] = {"compared_by": compared_by, "suite": " ".join(suite.split())}
    changed = values | {"updated_by": actor.person, "updated_at": timezone.now()}
    terms, _made = ComparisonTerms.objects.update_or_create(qualification=qualification, defaults=changed)
    record("comparison_terms.set", actor=actor, target=qualification, data=values)
    return terms


@transaction.atomic
def save_sense_settings(*, actor: Standing, **values: float) -> SenseSettings:
    """The AO's settings of the check. Rows are computed anew by the next run, which is a whole one. Raises SenseCheckError."""
    actor.require(Permission.SENSE_MANAGE)
    unknown = set(values) - set(SETTINGS)
    if unknown:
        raise ChangeError(", ".join(sorted(unknown)))
    stored = SenseSettings.objects.select_for_update(of=("self",)).first() or SenseSettings()
    before = {name: getattr(stored, name) for name in SETTINGS}
    for name, value in values.items():
        setattr(stored, name, value)
    stored.full_clean(exclude=["updated_by"])
    method_settings(stored)
    stored.updated_by, stored.updated_at = actor.person, timezone.now()
    stored.save()
    after = {name: getattr(stored, name) for name in SETTINGS}
    changes = {name: [before[name], after[name]] for name in SETTINGS if before[name] != after[name]}
    record("sense_settings.saved", actor=actor, target=stored, data=changes)
    return stored


def _refuse_without_reason(reason: str) -> None:
    if not reason.strip():
        raise ChangeError(_("Say why, in a sentence that somebody else will understand in a year."))


def _refuse_too_much(centre: Centre, day: dt.date, share: int, ids: list[int]) -> None:
    """Of what a centre had before one day, no more than everything can leave."""
    there = CentreChange.objects.filter(from_centre=centre, effective_on=day, withdrawn_at=None)
    overlapping = [
        one for one in there if not ids or not one.qualification_ids or set(ids) & set(one.qualification_ids)
    ]
    total = share + sum(one.share for one in overlapping)
    if total > 100:
        raise ChangeError(
            _(
                "%(share)s%% of this centre's history leaves on that day already; together that would be more than all of it."
            )
            % {"share": total - share}
        )


def _leads_back(origin: int, to: int, day: dt.date) -> bool:
    """Whether history already moves the other way on the same day, which would hand it round in a circle."""
    there = CentreChange.objects.filter(Q(from_centre=to, to_centre=origin), effective_on=day, withdrawn_at=None)
    return there.exists()

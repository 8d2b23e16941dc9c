"""Writing checklist templates, one version at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Qualification
from awarding.frameworks.document import FrameworkDocument
from awarding.workflow.services import ReasonMissingError, StalePageError
from mitigations.models import ChecklistTemplate, TemplateUnit
from mitigations.queries.templates import open_template, qualification_units, template_units


class TemplateError(ValueError):
    """The template asks for what the framework does not have or permit; `part` names the field that is wrong."""

    def __init__(self, part: str, message: str) -> None:
        self.part = part
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class UnitInput:
    """What a template says of one unit by itself; `expected` None: the same as of every unit."""

    expected: tuple[str, ...] | None = None
    guidance: str = ""

    @property
    def says_something(self) -> bool:
        return self.expected is not None or bool(self.guidance)


@dataclass(frozen=True)
class TemplateInput:
    """A template as somebody wrote it: codes of evidence types, and units by the catalogue's id."""

    guidance: str = ""
    expected: tuple[str, ...] = ()
    standing_alone: tuple[str, ...] = ()
    units: Mapping[int, UnitInput] = field(default_factory=dict)

    @property
    def own_units(self) -> dict[int, UnitInput]:
        return {unit_id: said for unit_id, said in self.units.items() if said.says_something}


@transaction.atomic
def save_template(
    *, actor: Standing, qualification: Qualification, document: FrameworkDocument, said: TemplateInput, reason: str,
    expected_number: int,
) -> ChecklistTemplate:  # fmt: skip
    """A new version of the qualification's template under the framework; claims under way keep theirs (CLM-05).

    The same content again changes nothing and answers the version in force. `expected_number` is the version that the
    page showed, 0 for none. Raises TemplateError for what the framework does not have or permit, ReasonMissingError for
    a change without a reason, StalePageError when somebody saved first.
    """
    actor.require(Permission.CHECKLISTS_SET)
    held = _locked(qualification, document.id)
    _check(document, qualification, said)
    if held is not None and _content(held) == said:
        return held
    if expected_number != (held.number if held else 0):
        raise StalePageError(_stale())
    if held is not None and not reason.strip():
        raise ReasonMissingError(_("Say why the template changes: whoever looks at an older claim reads it."))
    last = ChecklistTemplate.objects.filter(qualification=qualification, framework_code=document.id)
    number = (last.values_list("number", flat=True).order_by("-number").first() or 0) + 1
    _supersede(held)
    template = ChecklistTemplate.objects.create(
        qualification=qualification, framework_code=document.id, number=number, guidance=said.guidance,
        expected=list(said.expected), standing_alone=list(said.standing_alone), reason=reason.strip(), made_by=actor.person,
    )  # fmt: skip
    TemplateUnit.objects.bulk_create(
        TemplateUnit(
            template=template, unit_id=unit_id, guidance=unit.guidance,
            expected=None if unit.expected is None else list(unit.expected),
        )
        for unit_id, unit in said.own_units.items()
    )  # fmt: skip
    facts = {"qan": qualification.qan, "framework": document.id, "number": number, "reason": reason.strip()}
    record("checklist_template.saved", actor=actor, target=template, data=facts)
    return template


@transaction.atomic
def withdraw_template(
    *, actor: Standing, qualification: Qualification, framework_code: str, reason: str, expected_number: int
) -> None:
    """From now on claims of the qualification are started without a template. Raises as `save_template` does."""
    actor.require(Permission.CHECKLISTS_SET)
    held = _locked(qualification, framework_code)
    if held is None or held.number != expected_number:
        raise StalePageError(_stale())
    if not reason.strip():
        raise ReasonMissingError(_("Say why the template is withdrawn."))
    _supersede(held)
    facts = {"qan": qualification.qan, "framework": framework_code, "number": held.number, "reason": reason.strip()}
    record("checklist_template.withdrawn", actor=actor, target=held, data=facts)


def _locked(qualification: Qualification, framework_code: str) -> ChecklistTemplate | None:
    """The version in force, with its qualification locked against a second writer."""
    Qualification.objects.select_for_update(of=("self",), no_key=True).get(pk=qualification.pk)
    return open_template(qualification.pk, framework_code)


def _stale() -> str:
    return _("Someone else changed this template since you opened the page. Nothing of yours was saved. Look again.")


def _supersede(held: ChecklistTemplate | None) -> None:
    if held is not None:
        held.superseded_at = timezone.now()
        held.save(update_fields=["superseded_at"])


def _content(template: ChecklistTemplate) -> TemplateInput:
    units = {
        unit_id: UnitInput(None if row.expected is None else tuple(row.expected), row.guidance)
        for unit_id, row in template_units(template).items()
    }
    return TemplateInput(template.guidance, tuple(template.expected), tuple(template.standing_alone), units)


def _check(document: FrameworkDocument, qualification: Qualification, said: TemplateInput) -> None:
    _check_expected(document, "expected", said.expected)
    permitted = [code for code, kind in document.evidence_types.items() if kind.may_stand_alone]
    for code in said.standing_alone:
        if code not in permitted:
            words = {"kind": _label(document, code), "framework": document.short_title}
            raise TemplateError("standing_alone", _("%(framework)s does not let “%(kind)s” stand alone.") % words)
    if permitted and not said.standing_alone:
        raise TemplateError(
            "standing_alone", _("Leave at least one kind of evidence that may stand alone; otherwise none would do.")
        )
    units = {unit.pk for unit in qualification_units(qualification)}
    for unit_id, unit in said.own_units.items():
        if unit_id not in units:
            raise TemplateError("units", _("A unit is no longer part of the qualification. Load the page again."))
        _check_expected(document, "units", unit.expected or ())


def _check_expected(document: FrameworkDocument, part: str, codes: Sequence[str]) -> None:
    for code in codes:
        kind = document.evidence_types.get(code)
        if kind is None or not kind.is_evidence:
            words = {"kind": _label(document, code), "framework": document.short_title}
            raise TemplateError(part, _("“%(kind)s” is no evidence under %(framework)s.") % words)


def _label(document: FrameworkDocument, code: str) -> str:
    return _(document.evidence_types[code].label) if code in document.evidence_types else code[:40]

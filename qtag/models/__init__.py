"""Q-TAGs: what the AO says of a qualification, the judgements, their evidence, the declaration that binds them."""

from qtag.models.achievement import BankedUnit, ReducedUnit
from qtag.models.deadline import ReminderPlan
from qtag.models.declaration import Declaration, DeclarationPart, Deputy
from qtag.models.evidence import Circumstance, EvidenceRecord
from qtag.models.judgement import GradeChange, Judgement
from qtag.models.submission import Agreement, StepRecord, Submission
from qtag.models.terms import LicenceUnit, QualificationTerms

__all__ = [
    "Agreement",
    "BankedUnit",
    "Circumstance",
    "Declaration",
    "DeclarationPart",
    "Deputy",
    "EvidenceRecord",
    "GradeChange",
    "Judgement",
    "LicenceUnit",
    "QualificationTerms",
    "ReducedUnit",
    "ReminderPlan",
    "StepRecord",
    "Submission",
]

"""Q-TAGs: what the AO says of a qualification, the judgements, their evidence, the declaration that binds them;
earlier results and what the sense check found beside them."""

from qtag.models.achievement import BankedUnit, ReducedUnit
from qtag.models.deadline import ReminderPlan
from qtag.models.declaration import Declaration, DeclarationPart, Deputy
from qtag.models.difference import DifferenceDraft, DifferenceReason
from qtag.models.evidence import Circumstance, EvidenceRecord
from qtag.models.history import (
    CentreChange,
    ComparisonTerms,
    LearnerCharacteristic,
    PastGroupResults,
    PastResults,
    Principle,
    QualificationChange,
    SeriesChoice,
)
from qtag.models.judgement import GradeChange, Judgement
from qtag.models.sense_run import SenseRow, SenseRun, SenseSettings
from qtag.models.submission import Agreement, StepRecord, Submission
from qtag.models.terms import LicenceUnit, QualificationTerms

__all__ = [
    "Agreement",
    "BankedUnit",
    "CentreChange",
    "Circumstance",
    "ComparisonTerms",
    "Declaration",
    "DeclarationPart",
    "Deputy",
    "DifferenceDraft",
    "DifferenceReason",
    "EvidenceRecord",
    "GradeChange",
    "Judgement",
    "LearnerCharacteristic",
    "LicenceUnit",
    "PastGroupResults",
    "PastResults",
    "Principle",
    "QualificationChange",
    "QualificationTerms",
    "ReducedUnit",
    "ReminderPlan",
    "SenseRow",
    "SenseRun",
    "SenseSettings",
    "SeriesChoice",
    "StepRecord",
    "Submission",
]

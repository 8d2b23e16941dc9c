"""Q-TAGs: what the AO says of a qualification, the judgements, their evidence, the declaration that binds them;
earlier results and what the sense check found beside them."""

from qtag.models.achievement import BankedUnit, ExternalEntry, LaterUnit, ReducedUnit
from qtag.models.award import Award
from qtag.models.characteristics import CharacteristicUpload
from qtag.models.deadline import ReminderPlan
from qtag.models.declaration import Declaration, DeclarationConcern, DeclarationPart, Deputy
from qtag.models.difference import DifferenceDraft, DifferenceReason
from qtag.models.evidence import Circumstance, EvidenceFile, EvidenceRecord
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
from qtag.models.hold import EvidenceHold
from qtag.models.judgement import GradeChange, Judgement
from qtag.models.message import ProgressMessage
from qtag.models.sense_run import ComparedCentre, SenseRow, SenseRun, SenseSettings
from qtag.models.sheet import GradeSheet, GradeUpload
from qtag.models.submission import Agreement, StepRecord, Submission
from qtag.models.terms import LicenceUnit, QualificationTerms

__all__ = [
    "Agreement",
    "Award",
    "BankedUnit",
    "CentreChange",
    "CharacteristicUpload",
    "Circumstance",
    "ComparedCentre",
    "ComparisonTerms",
    "Declaration",
    "DeclarationConcern",
    "DeclarationPart",
    "Deputy",
    "DifferenceDraft",
    "DifferenceReason",
    "EvidenceFile",
    "EvidenceHold",
    "EvidenceRecord",
    "ExternalEntry",
    "GradeChange",
    "GradeSheet",
    "GradeUpload",
    "Judgement",
    "LaterUnit",
    "LearnerCharacteristic",
    "LicenceUnit",
    "PastGroupResults",
    "PastResults",
    "Principle",
    "ProgressMessage",
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

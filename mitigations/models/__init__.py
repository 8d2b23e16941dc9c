"""Outcomes by QAN, eRAC claims, evidence checklists and panel decisions."""

from mitigations.models.appeal import Appeal, AppealFile, AppealRound, AppealStage
from mitigations.models.centre_notice import CentreNotice, NoticeLine, NoticeRound
from mitigations.models.checklist import BulkAnswer, ChecklistSheet, ChecklistUpload, EvidenceEntry
from mitigations.models.claim import Claim, ClaimCell, ClaimLearner, ClaimUnit
from mitigations.models.component_tag import ComponentTag
from mitigations.models.delay import AssessmentDate, DelayQuestion
from mitigations.models.dispute import OutcomeDispute
from mitigations.models.document import EracDocument, EracUpload
from mitigations.models.impact_case import ImpactCase
from mitigations.models.outcome import Outcome
from mitigations.models.panel import PanelCase, PanelCondition, PanelDecision, PanelOpinion, PanelSettings
from mitigations.models.size_move import SizeMove
from mitigations.models.template import ChecklistTemplate, TemplateUnit
from mitigations.models.verification import HoldLimit, InternalSignOff, VerifierRecord

__all__ = [
    "Appeal",
    "AppealFile",
    "AppealRound",
    "AppealStage",
    "AssessmentDate",
    "BulkAnswer",
    "CentreNotice",
    "ChecklistSheet",
    "ChecklistTemplate",
    "ChecklistUpload",
    "Claim",
    "ClaimCell",
    "ClaimLearner",
    "ClaimUnit",
    "ComponentTag",
    "DelayQuestion",
    "EracDocument",
    "HoldLimit",
    "InternalSignOff",
    "VerifierRecord",
    "EracUpload",
    "EvidenceEntry",
    "ImpactCase",
    "NoticeLine",
    "NoticeRound",
    "Outcome",
    "OutcomeDispute",
    "PanelCase",
    "PanelCondition",
    "PanelDecision",
    "PanelOpinion",
    "PanelSettings",
    "SizeMove",
    "TemplateUnit",
]

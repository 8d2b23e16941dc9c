"""Outcomes by QAN, eRAC claims, evidence checklists and panel decisions."""

from mitigations.models.checklist import EvidenceEntry
from mitigations.models.claim import Claim, ClaimCell, ClaimLearner, ClaimUnit
from mitigations.models.document import EracDocument, EracUpload
from mitigations.models.outcome import Outcome
from mitigations.models.panel import PanelDecision

__all__ = [
    "Claim",
    "ClaimCell",
    "ClaimLearner",
    "ClaimUnit",
    "EracDocument",
    "EracUpload",
    "EvidenceEntry",
    "Outcome",
    "PanelDecision",
]

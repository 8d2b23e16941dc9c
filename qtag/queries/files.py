"""Files of evidence, for those who see the judgement (QTG-17)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from awarding.accounts.standing import Standing
from qtag.models import EvidenceFile, EvidenceRecord
from qtag.queries.visibility import visible_judgements


def visible_pieces(standing: Standing) -> QuerySet[EvidenceRecord]:
    """The pieces of the judgements that this person sees."""
    seen = visible_judgements(standing).values("pk")
    return EvidenceRecord.objects.filter(judgement__in=seen).select_related("shows_grade", "recorded_by")


def visible_files(standing: Standing) -> QuerySet[EvidenceFile]:
    """Their files, set aside and deleted ones among them."""
    seen = visible_judgements(standing).values("pk")
    rows = EvidenceFile.objects.filter(piece__judgement__in=seen)
    return rows.select_related("file", "piece", "uploaded_by", "set_aside_by").order_by("id")


def files_of(pieces: Iterable[EvidenceRecord]) -> dict[int, list[EvidenceFile]]:
    """By piece id, its files in the order in which they were attached. One query."""
    found: dict[int, list[EvidenceFile]] = defaultdict(list)
    rows = EvidenceFile.objects.filter(piece__in=[piece.pk for piece in pieces])
    for row in rows.select_related("file", "uploaded_by").order_by("id"):
        found[row.piece_id].append(row)
    return dict(found)

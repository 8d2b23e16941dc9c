"""Reads of published answers."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from awarding.catalogue.models import Qualification
from awarding.enquiries.models import PublishedAnswer
from awarding.identifiers import bare_qan

_MOST_WORDS = 8
MOST_MATCHES = 6


def published_answers(*, text: str = "", topic_id: int | None = None, qan: str = "") -> QuerySet[PublishedAnswer]:
    """The answers in force that hold every word of `text`, newest first (HLP-02)."""
    rows = PublishedAnswer.objects.filter(withdrawn_at=None).select_related("topic", "qualification")
    for word in text.replace("\x00", "").split()[:_MOST_WORDS]:
        rows = rows.filter(
            Q(question__icontains=word)
            | Q(answer__icontains=word)
            | Q(qualification__qan=word.replace("/", "").upper()[:8])
        )
    if topic_id is not None:
        rows = rows.filter(topic_id=topic_id)
    if qan:
        rows = rows.filter(Q(qualification__qan=bare_qan(qan)))
    return rows


def matching_answers(*, topic_id: int | None, qualification: Qualification | None) -> list[PublishedAnswer]:
    """What may answer a question before it is asked: on the qualification, or general on the topic. One query.

    Without a topic the qualification's own, then general ones of no topic.
    """
    general = Q(qualification=None, topic_id=topic_id)
    own = Q(qualification=qualification) if qualification is not None else Q(pk__in=[])
    if topic_id is not None:
        own &= Q(topic_id=topic_id) | Q(topic=None)
    rows = PublishedAnswer.objects.filter(general | own, withdrawn_at=None).select_related("topic", "qualification")
    return list(rows.order_by("qualification_id", "-dated_on", "-id")[:MOST_MATCHES])

"""Reads of the AO's settings: topics, rules, days."""

from __future__ import annotations

from django.db.models import QuerySet

from awarding.enquiries.models import EnquirySettings, RoutingRule, Topic


def enquiry_settings() -> EnquirySettings:
    """The AO's settings; unsaved defaults where it has set none."""
    return EnquirySettings.objects.first() or EnquirySettings()


def offered_topics() -> QuerySet[Topic]:
    """The topics that can be chosen, in their order."""
    return Topic.objects.filter(is_offered=True)


def routing_rules() -> QuerySet[RoutingRule]:
    """The rules in the order in which they are tried."""
    return RoutingRule.objects.select_related("topic", "person").order_by("position", "id")

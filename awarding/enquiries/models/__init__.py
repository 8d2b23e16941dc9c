"""Enquiries and how they find somebody; published answers; clinics and demonstrations."""

from awarding.enquiries.models.answer import PublishedAnswer
from awarding.enquiries.models.enquiry import Enquiry, EnquiryMessage
from awarding.enquiries.models.routing import EnquirySettings, RoutingRule, Topic
from awarding.enquiries.models.session import HelpSession, SignUp

__all__ = [
    "Enquiry",
    "EnquiryMessage",
    "EnquirySettings",
    "HelpSession",
    "PublishedAnswer",
    "RoutingRule",
    "SignUp",
    "Topic",
]

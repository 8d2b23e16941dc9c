"""What a framework says of asking for component grades, of what carries on, and of internal verification, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.sections import Section, Table
from awarding.frameworks.wording import told, when


def component_tags(document: FrameworkDocument) -> Section:
    """Grades by teachers for single components: when, with what, and what the request tells."""
    heading, tags = _("Grades by teachers for single components"), document.component_tags
    if tags is None:
        return Section(heading)
    data = document.data["component_tags"]
    outcome = document.outcomes.get(tags.outcome)
    facts = {
        "outcome": _(outcome.label) if outcome else tags.outcome,
        "first": when(document.window(tags.window).opens),
        "last": when(document.window(tags.window).closes),
    }
    words = [
        _("“%(outcome)s” is asked for from %(first)s to %(last)s and counts once the organisation has agreed.") % facts,
        told(data),
    ]
    words += [_("Each component needs some evidence that the learner produced.")] * tags.needs_learner_evidence
    rows = tuple((_(row["label"]), _(row["asks"]), told(row)) for row in data["tells"])
    columns = (_("What"), _("What to write"), _("Source"))
    return Section(heading, tuple(words), Table(_("What a request tells"), columns, rows))


def carried_on(document: FrameworkDocument) -> Section:
    """Outcomes agreed under the framework before that stay valid."""
    data = document.data.get("carries_on")
    if not data:
        return Section(_("What carries on"))
    names = [_(document.outcomes[code].label) if code in document.outcomes else code for code in data["outcomes"]]
    words = _("Agreed under the framework before and still valid: %(what)s.") % {"what": ", ".join(names)}
    return Section(_("What carries on"), (words, told(data)))


def internal_verification(document: FrameworkDocument) -> Section:
    """Whether the centre's internal verifier signs a claim off."""
    words = _("The portal does not ask the centre’s internal verifier to sign a claim off.")
    if document.internal_verification == "before_submission":
        words = _("The centre’s internal verifier signs each claim off before it is submitted.")
    data = document.data.get("internal_verification")
    return Section(_("Internal verification"), (words, told(data)) if data else (words,))

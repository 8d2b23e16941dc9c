"""Why a learner may not, or not yet, have a Q-TAG: by code, the rule, what is said, and what would change it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from awarding.findings.finding import Finding, Severity, Text

Reason = tuple[str, Text, Text]

REASONS: dict[str, Reason] = {
    "out_of_scope": (
        "QTG-04",
        _("It is out of scope: %(why)s"),
        _("Results come the way its own framework says; ask the awarding organisation if you think this is wrong."),
    ),
    "all_licence": (
        "QTG-05",
        _("Every unit is linked to a licence to practise."),
        _("All of its units are assessed in the ordinary way; claim the qualification when they are."),
    ),
    "agreement": (
        "QTG-20",
        _("It first needs an agreement with: %(who)s."),
        _("Agree with them and have the awarding organisation record it."),
    ),
    "no_category": (
        "QTG-01",
        _("The awarding organisation has not said which category it is in."),
        _("Ask the awarding organisation to set the category."),
    ),
    "category": (
        "QTG-01",
        _("Category %(category)s has no Q-TAGs."),
        _("Assess its learners, adapt the assessment, or delay it."),
    ),
    "not_agreed": (
        "QTG-01",
        _("In category %(category)s Q-TAGs are agreed one qualification at a time, and no agreement is recorded."),
        _("Agree it with the awarding organisation, which then records it."),
    ),
    "last_resort": (
        "QTG-01",
        _("In category %(category)s a Q-TAG is a last resort, and that has not been recorded."),
        _("The quality contact confirms the statements and says why nothing else was possible."),
    ),
    "apprenticeship": (
        "QTG-04",
        _("The qualification is taken inside an apprenticeship."),
        _("It is assessed as the apprenticeship asks."),
    ),
    "not_said": (
        "QTG-02",
        _("Nobody has said whether the learner finishes this summer."),
        _("Say whether they finish, top up, or go on."),
    ),
    "mid_flight": (
        "QTG-02",
        _("The learner goes on after this summer."),
        _("Use reduced assessment: set the Z flag on the units that were due and not fully assessed."),
    ),
    "outside_window": (
        "QTG-03",
        _("Due or ready on %(day)s, outside %(opens)s to %(closes)s."),
        _("Correct the date if it is wrong; otherwise the ordinary way to a result applies."),
    ),
    "absent": (
        "QTG-06",
        _("The learner was absent for the whole taught course."),
        _("No grade can be judged. Withdraw the learner or carry the registration on."),
    ),
    "no_evidence": (
        "QTG-06",
        _("No evidence is recorded."),
        _("Record at least one piece of the learner's own work."),
    ),
    "licence_unit": (
        "QTG-05",
        _("“%(unit)s” is linked to a licence to practise and is not passed."),
        _("Assess the unit in full and bank its result."),
    ),
}


def stop(code: str, where: Text, **facts: object) -> Finding:
    """The blocking finding of one reason; `facts` fill the words."""
    rule, what, fix = REASONS[code]
    return Finding(rule, Severity.BLOCKS, where, what % facts if facts else what, fix, code)

"""What adopting another version of a framework, or other settings of it, means for Q-TAGs that are begun (QTG-10)."""

from __future__ import annotations

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.frameworks.consequences import ROWS_SHOWN, Consequence, Proposal, Row, consequence_source
from awarding.tenancy.scope import current_ao
from qtag.models import Submission
from qtag.rules.eligibility import OUTCOME


@consequence_source
def submissions_begun(proposal: Proposal) -> list[Consequence]:
    """What is begun under the adoption in force or one that it replaced, and what becomes of it. Two queries."""
    if proposal.adoption is None:
        return []
    begun = Submission.objects.filter(adoption__framework__code=proposal.after.id)
    listed = (
        begun.select_related("centre", "qualification")
        .annotate(learners=Count("judgements"), sent=Count("judgements", filter=Q(judgements__state="submitted")))
        .order_by("centre__name", "qualification__title", "id")[:ROWS_SHOWN]
    )
    rows = tuple(_row(one, one.sent, one.learners) for one in listed)
    return [Consequence(_("Q-TAG submissions that are begun"), begun.count(), _meaning(proposal), rows)]


def _row(submission: Submission, sent: int, learners: int) -> Row:
    words = ngettext("%(sent)d of %(n)d learner submitted", "%(sent)d of %(n)d learners submitted", learners)
    url = reverse("qtag:progress_submission", kwargs={"ao": current_ao().slug, "submission_id": submission.pk})
    return Row(str(submission), words % {"sent": sent, "n": learners}, url)


def _meaning(proposal: Proposal) -> str:
    stay = _(
        "They stay under the version and the settings that they were begun under: their learners are judged, submitted, "
        "signed for and given results as before, and nobody begins again."
    )
    if OUTCOME not in proposal.after.outcomes:
        return f"{stay} {_('New ones can no longer be begun: what you would adopt has no Q-TAGs.')}"
    days = _(
        "Only the days are the new ones for them, too: opening, close and declaration. Where the close moves, its reminders "
        "are sent anew."
    )
    new = _(
        "Learners whose Q-TAG is begun after you adopt come under the new version; their declaration and the release of their "
        "results are apart from those of before."
    )
    return f"{stay} {days} {new}"

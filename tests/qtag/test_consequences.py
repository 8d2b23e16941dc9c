"""What adopting a framework anew means for Q-TAGs that are begun, said before it is done, and what it then does."""

from __future__ import annotations

import copy

from awarding.accounts.roles import Role
from awarding.frameworks.consequences import Consequence, Proposal, consequences_of
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.queries import adopted_document
from awarding.tenancy.scope import open_scope
from qtag.consequences import submissions_begun
from qtag.models import Submission
from qtag.rules.eligibility import OUTCOME
from tests.factories import make_centre, make_standing
from tests.factories.qtags import make_moves, make_submission
from tests.qtag.conftest import Scene, agreed, calendar, scene  # noqa: F401 - fixtures
from tests.qtag.test_not_begun import readopt

HEADING = "Q-TAG submissions that are begun"


def said(proposal: Proposal) -> Consequence | None:
    return next((row for row in consequences_of(proposal) if str(row.heading) == HEADING), None)


def test_whoever_adopts_anew_reads_what_becomes_of_what_is_begun(agreed):  # noqa: F811
    """QTG-10: how many, how far each is, and that only the days move; adopting then leaves them where they were begun."""
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
        code = agreed.submission.adoption.framework.code
    client = agreed.client(Role.AO_ADMIN)
    asked = {"step": "preview", "expected": str(agreed.submission.adoption_id)}
    page = client.post(agreed.url(f"frameworks/{code}/adopt/"), asked).content.decode()
    assert f"{HEADING}: 1" in page and "3 of 3 learners submitted" in page
    assert f'href="{agreed.url(f"qtags/progress/{agreed.submission.pk}/")}"' in page
    assert "They stay under the version" in page and "Only the days are the new ones for them, too" in page
    readopt(agreed)
    with open_scope(agreed.ao):
        assert Submission.objects.get().adoption_id == agreed.submission.adoption_id
    # What was begun under an adoption that another replaced is told of with the next one, too.
    assert f"{HEADING}: 1" in client.post(agreed.url(f"frameworks/{code}/adopt/"), asked).content.decode()


def test_a_version_without_q_tags_says_that_none_is_begun_any_more(scene, django_assert_num_queries):  # noqa: F811
    """QTG-01: and an AO that has not adopted the framework has nothing begun under it. As many queries for many as for one."""
    with open_scope(scene.ao):
        adoption = scene.submission.adoption
        before = adopted_document(adoption)
        data = copy.deepcopy(before.as_json())
        data["outcomes"] = [row for row in data["outcomes"] if row["code"] != OUTCOME]
        after = FrameworkDocument.from_stored(data)
        without = said(Proposal(after, before, adoption))
        assert without is not None and "New ones can no longer be begun" in without.meaning
        assert "Only the days" not in without.meaning
        assert said(Proposal(before)) is None
        for centres in (0, 3):
            for number in range(centres):
                centre = make_centre(f"Centre {number}")
                make_submission(centre, make_standing(scene.ao, Role.QUALITY_CONTACT, centre), learners=1)
            with django_assert_num_queries(2):
                submissions_begun(Proposal(before, before, adoption))

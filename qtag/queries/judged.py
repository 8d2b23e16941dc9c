"""This year's Q-TAGs, counted by grade and by whether anybody still has to judge (SNS-01)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from awarding.tenancy.columns import read_columns
from qtag.queries.sense_gate import missing_judgements
from qtag.sense_check.counts import Integers

#: Still to be judged; judged; submitted; known that there will be no grade.
WAITING, RECORDED, SUBMITTED, DECIDED = range(4)
# Who is still to be judged is what the pages' gate says, over every centre at once. The newest submission of a registration
# counts. Whose grade never left its teacher's hands and who is not waited for was withdrawn, and gets none.
_JUDGED = """
    SELECT l.centre_id::int8, l.qualification_id::int8, l.grade::int8, l.state::int8, count(*)::int8 FROM (
        SELECT DISTINCT ON (j.registration_id) s.centre_id, s.qualification_id, coalesce(j.grade_id, 0) AS grade,
            CASE
                WHEN j.id IN ({missing}) THEN 0
                WHEN j.state = 'open' THEN 3
                WHEN j.grade_id IS NOT NULL AND j.state = 'submitted' THEN 2
                WHEN j.grade_id IS NOT NULL THEN 1
                ELSE 3
            END AS state
        FROM qtag_submission s JOIN qtag_judgement j ON j.submission_id = s.id
        WHERE {reached}
        ORDER BY j.registration_id, s.id DESC
    ) l GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """Learners of submissions, counted: all arrays (rows,). `grade` is a grade's id, 0 for none; `state` as above."""

    centre: Integers
    qualification: Integers
    grade: Integers
    state: Integers
    count: Integers


def judged_counts(centres: Sequence[int] | None = None) -> Judged:
    """This year's Q-TAGs of all centres or of these, by grade and by how far they are. One query."""
    missing, params = missing_judgements().values("pk").query.sql_with_params()
    reached = "true"
    if centres is not None:
        reached, params = "s.centre_id = ANY(%s::bigint[])", (*params, list(centres))
    return Judged(*read_columns(_JUDGED.format(missing=missing, reached=reached), params, 5))

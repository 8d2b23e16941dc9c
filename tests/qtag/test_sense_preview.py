"""What a threshold would flag before it is saved is what it flags once it is (SNS-07)."""

from __future__ import annotations

from typing import Any

import pytest

from awarding.tenancy.scope import open_scope
from qtag.models import SenseRow, SenseSettings
from qtag.queries.sense_preview import preview_of
from qtag.queries.sense_runs import method_settings
from qtag.services.sense_run import run_sense_check
from tests.factories import make_ao
from tests.factories.history import GRADES, make_past, set_past
from tests.qtag.test_sense_run import NIGHT


@pytest.mark.django_db
def test_sns_07_the_preview_counts_what_the_next_whole_run_flags() -> None:
    """SNS-07: groups that moved from hardly to wholly; stricter and looser thresholds, each previewed, then saved and run."""
    ao = make_ao("aim")
    with open_scope(ao):
        past = make_past(ao, centres=16, grades=(GRADES, GRADES), learners=240)
        for place in range(8):
            counts = {"P": 120 - 16 * place, "M": 90, "D": 30 + 16 * place}
            set_past(past.centres[place], past.qualifications[0], "2021-summer", counts)
    run_sense_check(actor=NIGHT, ao=ao, whole=True)
    counts = []
    for changed in (
        {"promised_false_discovery": 0.3}, {"promised_false_discovery": 0.001}, {"smallest_difference": 0.25},
        {"difference_sought": 1.0}, {"fewest_learners": 100},
    ):  # fmt: skip
        asked: dict[str, Any] = changed
        with open_scope(ao):
            SenseSettings.objects.all().delete()
        run_sense_check(actor=NIGHT, ao=ao)
        with open_scope(ao):
            today = flagged()
            preview = preview_of(method_settings(SenseSettings(**asked)))
            named = [{(row.centre_id, row.key) for row in rows} for rows in (preview.coming, preview.going)]
            SenseSettings.objects.create(**asked)
        run_sense_check(actor=NIGHT, ao=ao)
        with open_scope(ao):
            after = flagged()
        assert (preview.today, preview.flagged) == (len(today), len(after))
        assert named == [after - today, today - after]
        counts.append((len(today), len(after)))
    # Not always the same few: looser finds more, stricter fewer.
    assert counts[0][1] > counts[0][0] > counts[2][1] > counts[1][1]


def flagged() -> set[tuple[int, str]]:
    return set(SenseRow.objects.filter(verdict="flagged", by_volume=False).values_list("centre_id", "key"))

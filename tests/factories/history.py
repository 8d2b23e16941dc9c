"""Earlier results for tests: made-up AOs whose centres have a past, and this year's results loaded beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from awarding.catalogue.models import Qualification
from awarding.tenancy.models import AwardingOrganisation
from centres.models import Centre
from qtag.models import PastResults, SeriesChoice
from tests.factories.awards import make_qualification
from tests.factories.organisation import make_centre

GRADES = ("U", "P", "M", "D")
SERIES = ("2018-summer", "2019-summer", "2020-summer", "2021-summer")


@dataclass(frozen=True)
class Past:
    ao: AwardingOrganisation
    centres: list[Centre]
    qualifications: list[Qualification]


def make_past(
    ao: AwardingOrganisation, *, centres: int = 12, grades: Sequence[tuple[str, ...]] = (GRADES, GRADES, ("Fail", "Pass")),
    series: Sequence[str] = SERIES, seed: int = 1, learners: int = 40,
) -> Past:  # fmt: skip
    """Centres with results of every series, drawn from one seed; the last series is this year's, judged elsewhere.

    2020 rests on calculated grades. The scope of `ao` must be open.
    """
    random = np.random.default_rng(seed)
    made = Past(
        ao, [make_centre(f"Centre {number}") for number in range(centres)],
        [make_qualification(grades=scale) for scale in grades],
    )  # fmt: skip
    for number, qualification in enumerate(made.qualifications):
        # No grade of the lowest rank is an achievement.
        qualification.scale.grades.filter(rank=min(qualification.scale.grades.values_list("rank", flat=True))).update(
            is_achieved=False
        )
        assert len(grades[number]) == qualification.scale.grades.count()
    rows = [
        PastResults(
            centre=centre, qualification=qualification, series=name,
            principle="calculated" if name.startswith("2020") else "exam", grade=grade, count=count,
        )
        for centre in made.centres
        for number, qualification in enumerate(made.qualifications)
        for name in series
        for grade, count in zip(
            grades[number], random.multinomial(learners, _shares(len(grades[number]))).tolist(), strict=True
        )
    ]  # fmt: skip
    PastResults.objects.bulk_create(rows)
    if "2021-summer" in series:
        SeriesChoice.objects.create(series="2021-summer", role=SeriesChoice.Role.THIS_YEAR)
    return made


def set_past(
    centre: Centre, qualification: Qualification, series: str, counts: dict[str, int], principle: str = "exam"
) -> None:
    """These counts in the place of what is loaded of one series."""
    PastResults.objects.filter(centre=centre, qualification=qualification, series=series).delete()
    PastResults.objects.bulk_create(
        PastResults(
            centre=centre, qualification=qualification, series=series, principle=principle, grade=grade, count=count
        )
        for grade, count in counts.items()
    )


def _shares(grades: int) -> list[float]:
    weights = np.arange(1, grades + 1) ** 0.5
    return list(weights / weights.sum())

"""Qualifications, frameworks, learners and registrations for tests."""

from __future__ import annotations

import datetime as dt
import itertools
from functools import cache

from awarding.catalogue.models import Grade, GradeScale, Qualification, QualificationUnit, Unit, UnitGroup
from awarding.frameworks.loading import FrameworkDocument, load_framework_files
from awarding.frameworks.models import Adoption, FrameworkVersion
from centres.models import Centre, Cohort, Learner, Registration

_count = itertools.count(1)


def make_qan(n: int) -> str:
    """A QAN with a right check character."""
    digits = f"{5_000_000 + n:07d}"
    check = sum(w * int(d) for w, d in zip((8, 7, 6, 5, 4, 3, 2), digits, strict=True)) % 11
    return digits + ("X" if check == 10 else str(check))


def make_uln(n: int) -> str:
    """A valid ULN, distinct for each n (about one in eleven numbers has no check digit and is skipped)."""
    number = 100_000_000 + n * 13
    while True:
        digits = f"{number:09d}"
        rest = sum((10 - i) * int(d) for i, d in enumerate(digits)) % 11
        if rest:
            return digits + str(10 - rest)
        number += 1


def make_scale(name: str, codes: list[str], points: list[int] | None = None) -> GradeScale:
    scale = GradeScale.objects.create(name=name)
    for rank, code in enumerate(codes):
        Grade.objects.create(
            scale=scale,
            code=code,
            label=code,
            rank=rank,
            is_achieved=code != "U",
            points=points[rank] if points else None,
        )
    return scale


def make_qualification(
    *, units: int = 3, grades: tuple[str, ...] = ("Pass",), title: str = "", **fields: object
) -> Qualification:
    """A qualification with `units` mandatory units of 10 credits and the given unit grades (lowest first)."""
    n = next(_count)
    scale = make_scale(f"Scale {n}", list(grades))
    values: dict[str, object] = {
        "qan": make_qan(n), "title": title or f"Level 2 Certificate in Testing {n}", "level": "Level 2",
        "type": "Vocationally-Related Qualification", "sector": "Science", "category": "B1", "min_credits": units * 10,
    }  # fmt: skip
    qualification = Qualification.objects.create(unit_scale=scale, scale=scale, **(values | fields))
    group = UnitGroup.objects.create(
        qualification=qualification, name="Mandatory", is_mandatory=True, min_units=units, min_credits=units * 10
    )
    for position in range(units):
        unit = Unit.objects.create(
            reference=f"T/{n:03d}/{position:04d}", title=f"Unit {position + 1}", level="Level 2", credits=10
        )
        QualificationUnit.objects.create(qualification=qualification, unit=unit, group=group, position=position)
    return qualification


def make_registration(
    centre: Centre,
    qualification: Qualification,
    *,
    cohort: Cohort | None = None,
    given: str = "",
    ends_on: dt.date | None = None,
) -> Registration:
    n = next(_count)
    cohort = cohort or Cohort.objects.get_or_create(centre=centre, qualification=qualification, name="2019-20")[0]
    learner = Learner.objects.create(
        centre=centre, uln=make_uln(n), given_names=given or f"Given{n}", family_name="Synthetic",
        name_key=f"synthetic given{n:05d}", date_of_birth=dt.date(2002, 5, 4), is_synthetic=True,
    )  # fmt: skip
    return Registration.objects.create(
        centre=centre, learner=learner, qualification=qualification, cohort=cohort, registered_on=dt.date(2019, 10, 1),
        starts_on=dt.date(2019, 9, 9), ends_on=ends_on or dt.date(2020, 6, 30),
    )  # fmt: skip


# Tests run in a later year than the frameworks of 2020: applications stay open, as an AO may keep them.
OPEN_WINDOW = {"dates.application_closes": "2035-12-31"}


@cache
def framework_documents() -> list[FrameworkDocument]:
    """The documents of the framework files, which no test changes: read once in a process, as reading takes a quarter second."""
    return load_framework_files()


def adopt_framework(code: str = "erf_2020", overrides: dict[str, object] | None = None) -> Adoption:
    """The framework file's version, stored and adopted by the open AO; with its applications open unless told otherwise."""
    from awarding.frameworks.services import store_frameworks

    store_frameworks(framework_documents())
    version = FrameworkVersion.objects.filter(code=code).order_by("-number").first()
    assert version is not None
    if overrides is None:
        decides = {row["path"] for row in version.document.get("ao_decides", ())}
        overrides = {path: day for path, day in OPEN_WINDOW.items() if path in decides}
    return Adoption.objects.create(framework=version, overrides=overrides)

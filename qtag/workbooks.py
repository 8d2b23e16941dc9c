"""The tables of earlier results: their columns and the templates handed out."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.identifiers import parse_uln
from awarding.spreadsheets.columns import CellError, Column
from awarding.spreadsheets.template import upload_template
from centres.workbooks import read_qan
from qtag.rules.series import is_series

PRINCIPLES: Final = (
    ("exam", gettext_lazy("Assessed as usual")),
    ("calculated", gettext_lazy("Calculated, as in 2020")),
)


def read_series(value: Any) -> str:
    """A series as a cell holds it: 2019-summer, "Summer 2019". Raises CellError."""
    words = str(value).strip().lower().replace("-", " ").replace("/", " ").split()
    if len(words) == 2:
        season, year = (words[1], words[0]) if words[0].isdigit() else (words[0], words[1])
        if is_series(f"{year}-{season}"):
            return f"{year}-{season}"
    raise CellError(
        "not_a_series",
        _("“%(value)s” is not a series.") % {"value": str(value)[:40]},
        _("Write the year and the season, for example 2019-summer. Seasons are winter, spring, summer and autumn."),
    )


_WHERE: Final = (
    Column(
        "centre", gettext_lazy("Centre number"), max_length=20, width=14,
        synonyms=("Centre", "Centre no", "Centre code"), help=gettext_lazy("Your own number of the centre."), example="C0042",
    ),
    Column(
        "qan", gettext_lazy("QAN"), parse=read_qan, numeric=True, max_length=40, width=14,
        synonyms=("Qualification number", "Qualification accreditation number", "QN", "Qualification"),
        help=gettext_lazy("The qualification's number, with or without slashes."), example="601/7159/5",
    ),
    Column(
        "series", gettext_lazy("Series"), parse=read_series, max_length=30, width=14, synonyms=("Session", "Exam series"),
        help=gettext_lazy("The year and the season."), example="2019-summer",
    ),
    Column(
        "principle", gettext_lazy("Principle"), kind="choice", required=False, blank=True, choices=PRINCIPLES, width=20,
        choice_synonyms=(("examined", "exam"), ("assessed", "exam"), ("centre assessed", "calculated")),
        help=gettext_lazy("Empty: assessed as usual. Results of 2020 are calculated."), example="Assessed as usual",
    ),
)  # fmt: skip
_GRADE: Final = Column(
    "grade", gettext_lazy("Grade"), max_length=8, width=10, synonyms=("Result", "Outcome"),
    help=gettext_lazy("A grade of the qualification's own scale."), example="M",
)  # fmt: skip
_COUNT: Final = Column(
    "count", gettext_lazy("Learners"), kind="integer", smallest=0, largest=1_000_000, width=10,
    synonyms=("Count", "Number", "Number of learners", "Candidates"),
    help=gettext_lazy("How many learners had this grade. 0 says that the period is known and nobody had it."), example="12",
)  # fmt: skip
RESULTS: Final = (*_WHERE, _GRADE, _COUNT)
GROUP_RESULTS: Final = (
    *_WHERE,
    Column(
        "characteristic", gettext_lazy("Characteristic"), max_length=60, width=18, synonyms=("Group type",),
        help=gettext_lazy("Such as disability, sex or disadvantage."), example="Disability",
    ),
    Column(
        "value", gettext_lazy("Group"), max_length=60, width=18, synonyms=("Value", "Group value"),
        help=gettext_lazy("Which group of the characteristic."), example="Yes",
    ),
    _GRADE,
    _COUNT,
)  # fmt: skip
CHARACTERISTICS: Final = (
    Column(
        "uln", gettext_lazy("ULN"), parse=parse_uln, numeric=True, max_length=40, width=14,
        synonyms=("Unique learner number", "ULN number", "Learner ULN"), example="1000102504",
    ),
    *GROUP_RESULTS[4:6],
)  # fmt: skip
RESULTS_TEMPLATE: Final = "earlier-results"
GROUP_RESULTS_TEMPLATE: Final = "earlier-results-of-groups"


def characteristics_template() -> bytes:
    """The workbook in which a centre says which groups its learners belong to (SNS-08)."""
    return upload_template(
        CHARACTERISTICS, title=_("Groups of learners"), sheet=_("Learners"),
        notes=[
            _("One row for each learner and characteristic."),
            _("A learner has one group of each characteristic. A later file replaces what an earlier one said."),
            _("Use the names that stand in earlier results, so that this year is set beside them; capitals do not matter."),
        ],
    )  # fmt: skip


def results_template(*, groups: bool = False) -> bytes:
    """The workbook that an AO fills in with earlier results."""
    return upload_template(
        GROUP_RESULTS if groups else RESULTS,
        title=_("Earlier results of groups") if groups else _("Earlier results"),
        sheet=_("Results"),
        notes=[
            _("One row for each centre, qualification, series and grade: how many learners had it."),
            _(
                "Loading the same file twice changes nothing. A row with another number replaces the number that is there."
            ),
            _("Merged, split or renamed: load results as they were. The portal applies the changes that you record."),
        ],
    )

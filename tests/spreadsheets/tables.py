"""The table that the tests of reading use: its columns, two good rows, and what comes of them."""

import datetime

from awarding.identifiers import parse_uln
from awarding.spreadsheets.columns import Column
from awarding.spreadsheets.limits import Limits
from awarding.spreadsheets.reader import read_table

COLUMNS = [
    Column("uln", "ULN", parse=parse_uln, numeric=True, synonyms=("Unique learner number",)),
    Column("family_name", "Family name", synonyms=("Surname", "Last name"), max_length=100),
    Column("born", "Date of birth", kind="date", synonyms=("DOB", "Birth date")),
    Column("hours", "Hours", kind="integer", required=False, blank=True, smallest=0, largest=2000),
    Column(
        "grade",
        "Grade",
        kind="choice",
        required=False,
        blank=True,
        choices=(("P", "Pass"), ("D", "Distinction"), ("D*", "Distinction*")),
        choice_synonyms=(("Pss", "P"),),
    ),
]
HEADER = ["ULN", "Family name", "Date of birth", "Hours", "Grade"]
BORN = datetime.date(2003, 1, 31)
ULN, ULN_2 = "1000102504", "4444599390"
GOOD = [[ULN, "Ó Briain", BORN, 12, "Pass"], [ULN_2, "Nguyễn", BORN, None, "D*"]]


def read(data, columns=COLUMNS, **limits):
    return read_table(data, columns=columns, limits=Limits(**limits))


def faults(table):
    return [(fault.cell, fault.code) for fault in table.faults]


def values(table):
    return [row.as_dict() for row in table.rows]


EXPECTED = [
    {"uln": ULN, "family_name": "Ó Briain", "born": BORN, "hours": 12, "grade": "P"},
    {"uln": ULN_2, "family_name": "Nguyễn", "born": BORN, "hours": None, "grade": "D*"},
]

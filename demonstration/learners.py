"""Synthetic learners in cohorts: invented names of many scripts, numbers that check, the same from the same seed."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass

from awarding.catalogue.models import Qualification
from awarding.identifiers.uln import uln_check_digit
from awarding.spreadsheets.faults import FaultList
from awarding.spreadsheets.reader import Row, Table
from centres.models import Centre
from centres.services.registrations import import_registrations
from centres.workbooks import COLUMNS
from demonstration.people import SEED

# Names that a certificate can show with the fonts of a plain server.
NAMES = (
    ("Amelia", "Thornby"), ("Oluwaseun", "Adeyinka"), ("Siân", "Llwyd"), ("Mateusz", "Jabłonek"), ("Aoife", "O’Shaughan"),
    ("Zoë Maria", "St John-Vale"), ("Kiran", "Sahotra"), ("Nguyễn Thị", "Hạnh"), ("Björn", "Åkerlund"), ("Renée", "Duchêne"),
    ("Tariq", "al-Nasiri"), ("Ffion", "ap Rhydderch"), ("Luca", "D’Amaro"), ("Mei", "Huangfu"), ("Imogen", "Castlemere"),
    ("João", "Figueiral"), ("Keziah", "Boatengmaa"), ("Dylan", "Harkwright"), ("Ingrid", "Þórsdóttir"), ("Çağla", "Yıldırmaz"),
    ("Rowan", "Fenwicke"), ("Marisol", "Peñalba"), ("Jude", "Oakenshaw"), ("Hristo", "Velichkov"), ("Saoirse", "Nic Dhomhnall"),
    ("Theo", "Brackenbury"), ("Anjali", "Deshmukhan"), ("Pádraig", "Mac Eoghain"), ("Lowri", "Pencoed"), ("Samir", "Ben Haddad"),
)  # fmt: skip
# Written in other scripts: they appear in lists, grids and workbooks.
SCRIPTS = (
    ("Αλέξανδρος", "Θεοδωρίδης"), ("Оксана", "Ковальчук"), ("美咲", "高橋"), ("ليلى", "الحسيني"), ("गौरव", "शर्माजी"),
    ("נועה", "אבגדוב"), ("수민", "한가람"), ("ਹਰਪ੍ਰੀਤ", "ਸੰਧੂਵਾਲ"),
)  # fmt: skip
COHORT = "2019-20 {} (synthetic)"


@dataclass(frozen=True)
class CohortPlan:
    """A group of learners to be registered for one qualification.

    `is_plain`: only names in Latin script; `early`: how many of them were to finish before the closures of March 2020.
    """

    name: str
    qualification: Qualification
    learners: int
    is_plain: bool = False
    early: int = 0


class LearnerSource:
    """Hands out learners, no two alike, always the same ones for a seed. `space` keeps the numbers of two sources apart."""

    def __init__(self, seed: int, space: int) -> None:
        self.random = random.Random(f"{seed}:{space}")  # noqa: S311 - invented people, not secrets
        self.next_uln = 700_000_000 + space * 1_000_000
        self.used: set[tuple[str, str]] = set()

    def uln(self) -> str:
        while True:
            self.next_uln += self.random.randrange(3, 40)
            digits = str(self.next_uln)
            check = uln_check_digit(digits)
            if check is not None:
                return digits + check

    def name(self, is_plain: bool) -> tuple[str, str]:
        """A pair that was not given out yet: given names of one row with the family name of another."""
        while True:
            if not is_plain and self.random.random() < 0.15:
                pair = self.random.choice(SCRIPTS)
            else:
                pair = (self.random.choice(NAMES)[0], self.random.choice(NAMES)[1])
            if pair not in self.used:
                self.used.add(pair)
                return pair
            if len(self.used) > len(NAMES) ** 2 // 2:
                self.used.clear()

    def born(self) -> dt.date:
        return dt.date(1999, 9, 1) + dt.timedelta(days=self.random.randrange(1460))

    def rows(self, plans: Iterable[CohortPlan]) -> list[tuple[object, ...]]:
        """Rows as the registration template's columns want them."""
        found: list[tuple[object, ...]] = []
        for plan in plans:
            for number in range(plan.learners):
                given, family = self.name(plan.is_plain)
                ends_on = dt.date(2020, 2, 28) if number < plan.early else dt.date(2020, 6, 30)
                found.append(
                    (
                        self.uln(), given, family, self.born(), f"SYN{len(found) + 1:04d}", plan.qualification.qan, plan.name,
                        dt.date(2019, 10, 1), dt.date(2019, 9, 9), ends_on,
                    )
                )  # fmt: skip
        return found


class SeedError(Exception):
    """The demonstration data does not pass the portal's own checks; the text quotes them."""


def seed_learners(centre: Centre, plans: Iterable[CohortPlan], source: LearnerSource) -> int:
    """Registers the cohorts through the portal's import. Answers how many learners it registered."""
    places = {column.key: number for number, column in enumerate(COLUMNS)}
    rows = [Row(number, values, places) for number, values in enumerate(source.rows(plans), start=2)]
    table = Table(sheet="Learners", columns=COLUMNS, faults=FaultList(), header_row=1, rows=rows)
    report = import_registrations(actor=SEED, centre=centre, table=table)
    if report.refused:
        raise SeedError("; ".join(f"row {fault.row}: {fault.message}" for fault in report.faults[:5]))
    return report.new_learners

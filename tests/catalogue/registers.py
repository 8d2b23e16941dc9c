"""Small register files for tests, and where the real ones lie."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("PORTAL_DATA_DIR") or ROOT.parent / "shared" / "data")
APPROVED = DATA / "qualifications_approved_2025-02-18.csv"
ORGANISATIONS = DATA / "awarding_organisations.csv"

needs_real_files = pytest.mark.skipif(
    not (APPROVED.exists() and ORGANISATIONS.exists()),
    reason=f"the real register files are not in {DATA}: set PORTAL_DATA_DIR",
)

APPROVED_COLUMNS = (
    "DateOfOfqualDataSnapshot", "QualificationName", "AwardingOrganisation", "QualificationNumber", "Level",
    "QualificationType", "Subcategory", "SectorSubjectArea", "Status", "Age1619_FundingAvailable",
    "Age1619_FundingApprovalStartDate", "Age1619_FundingApprovalEndDate", "Age1619_Notes",
)  # fmt: skip
REGISTER_COLUMNS = (
    "Qualification Number", "Qualification Title", "Owner Organisation Recognition Number", "Owner Organisation Name",
    "Owner Organisation Acronym", "Qualification Level", "Qualification Sub Level", "EQF Level", "Qualification Type",
    "Total Credits", "Qualification SSA", "Qualification Status", "Operational Start Date",
)  # fmt: skip
ORGANISATION_COLUMNS = ("Recognition Number", "Name", "Legal Name", "Acronym", "Ofqual Status")


def approved_row(qan: str = "60171595", **facts: str) -> dict[str, str]:
    return {
        "DateOfOfqualDataSnapshot": "18/02/2025", "QualificationName": "AIM Level 2 Award in Testing",
        "AwardingOrganisation": "AIM Qualifications", "QualificationNumber": qan, "Level": "Level 2",
        "QualificationType": "Vocationally-Related Qualification", "SectorSubjectArea": "Science",
        "Status": "Approved", "Age1619_FundingAvailable": "True", "Age1619_FundingApprovalStartDate": "01/09/2022",
        "Age1619_FundingApprovalEndDate": "31/07/2026",
    } | facts  # fmt: skip


def register_row(qan: str = "601/7159/5", **facts: str) -> dict[str, str]:
    return {
        "Qualification Number": qan, "Qualification Title": "AIM Level 2 Award in Testing",
        "Owner Organisation Recognition Number": "RN5322", "Owner Organisation Name": "AIM Qualifications",
        "Owner Organisation Acronym": "AIM", "Qualification Level": "Level 2", "Qualification Type": "Other",
        "Total Credits": "13", "Qualification SSA": "02.1 Science", "Qualification Status": "Available to learners",
    } | facts  # fmt: skip


def organisation_row(number: str, name: str, **facts: str) -> dict[str, str]:
    return {"Recognition Number": number, "Name": name, "Ofqual Status": "Recognised"} | facts


def write_csv(path: Path, columns: tuple[str, ...], rows: list[dict[str, Any]], encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_approved(path: Path, *rows: dict[str, Any]) -> Path:
    return write_csv(path, APPROVED_COLUMNS, list(rows))


def write_register(path: Path, *rows: dict[str, Any]) -> Path:
    return write_csv(path, REGISTER_COLUMNS, list(rows))


def write_organisations(path: Path, *rows: dict[str, Any]) -> Path:
    return write_csv(path, ORGANISATION_COLUMNS, list(rows))

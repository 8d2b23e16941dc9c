"""What a run of the sense check goes by, the run on which an incremental one can rest, and how the rows stand."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from django.db.models import Count

from qtag.models import ComparedCentre, SenseRow, SenseRun, SenseSettings
from qtag.queries.sense_input import chosen_series
from qtag.sense_check.counts import METHOD_VERSION, Settings
from qtag.sense_check.levels import Learnt

#: Goes up whenever the rows of a run are put together differently from the same numbers.
_ROWS_VERSION = 2


def stored_settings() -> SenseSettings:
    """The AO's settings; unsaved, with the published values, where it has set none."""
    return SenseSettings.objects.first() or SenseSettings()


def method_settings(stored: SenseSettings) -> Settings:
    """The method's settings as the AO decided them. Raises SenseCheckError where they contradict each other."""
    return Settings(
        promised_false_discovery=stored.promised_false_discovery, fewest_learners=stored.fewest_learners,
        too_few=stored.too_few, full_confidence=stored.full_confidence,
        smallest_difference=stored.smallest_difference, difference_sought=stored.difference_sought,
    )  # fmt: skip


def run_digest(settings: Settings) -> str:
    """Short name of everything that a whole run holds for: settings, method, the series chosen."""
    text = json.dumps([METHOD_VERSION, _ROWS_VERSION, settings.digest, chosen_series()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def latest_whole_run(digest: str = "") -> SenseRun | None:
    """The last whole run; with a digest, if it was made for that."""
    run = SenseRun.objects.filter(kind=SenseRun.Kind.WHOLE).order_by("-id").first()
    return run if run is not None and digest in ("", run.settings_digest) else None


def learnt_by(run: SenseRun) -> Learnt:
    return Learnt.from_data(run.learnt)


def compared_at(centre_id: int) -> datetime | None:
    """When the run ended under which a centre's rows hold."""
    compared = ComparedCentre.objects.filter(centre_id=centre_id)
    found: datetime | None = compared.values_list("run__finished_at", flat=True).first()
    return found


def count_rows() -> dict[str, float]:
    """How many groups of the open AO have a row, and what they show: {"groups", "compared", "flagged", "too_few"}."""
    by_verdict = dict(SenseRow.objects.order_by().values_list("verdict").annotate(count=Count("pk")))
    flagged = by_verdict.get(SenseRow.Verdict.FLAGGED, 0)
    return {
        "groups": sum(by_verdict.values()), "compared": flagged + by_verdict.get(SenseRow.Verdict.ORDINARY, 0),
        "flagged": flagged, "too_few": by_verdict.get(SenseRow.Verdict.TOO_FEW, 0),
    }  # fmt: skip

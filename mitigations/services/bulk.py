"""One answer for many lines of a checklist, with exceptions, and taking it back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.ui.grid import CellResult
from mitigations.models import BulkAnswer, Claim
from mitigations.queries.bulk import NOTHING, BulkInput, BulkLine, plan_bulk
from mitigations.queries.checklist import checklist_entries
from mitigations.services.checklist import LineInput, LineWriter
from mitigations.services.grid import lock_for_filling


class BulkRefusedError(ValueError):
    """The answer cannot be given; the text says why."""


class ChangedMeanwhileError(BulkRefusedError):
    """Individual answers changed since the page showed them: nothing was stored, look at them again."""


@transaction.atomic
def give_bulk_answer(
    *, actor: Standing, claim_id: int, asked: BulkInput, overwrite: Collection[str] = (), all_shown: str = ""
) -> BulkAnswer | None:
    """Gives one answer to many lines (CLM-05); None when there was nothing to do.

    Lines that say nothing against it are filled. An individual answer is overwritten only when its `BulkLine.key` is in
    `overwrite`, or when `all_shown` is the digest of the plan that the person saw and agreed to overwrite altogether.
    Raises ChangedMeanwhileError when one of these has changed since, BulkRefusedError for what the framework does not
    know; as `lock_for_filling` otherwise.
    """
    claim = lock_for_filling(actor, claim_id)
    plan = plan_bulk(claim, asked)
    if all_shown and all_shown != plan.digest:
        raise ChangedMeanwhileError(_changed())
    met = [line for line in plan.meets if all_shown or line.key in overwrite]
    known = {line.key for line in plan.meets}
    if not all_shown and any(key not in known for key in overwrite):
        raise ChangedMeanwhileError(_changed())
    lines = plan.fills + met
    if not lines:
        return None
    results = _write(actor, claim, [_input(line, asked) for line in lines])
    versions = {(result.row, result.column): result.version for result in results}
    stored = [
        {
            "learner": line.learner.pk, "unit": line.unit.pk, "before": line.before,
            "version": versions[line.learner.row_key, str(line.unit.pk)], "met": number >= len(plan.fills),
        }
        for number, line in enumerate(lines)
    ]  # fmt: skip
    answer: BulkAnswer = BulkAnswer.objects.create(
        claim=claim, said=_plain(asked), lines=stored, overwritten=len(met), given_by=actor.person
    )
    facts = {"answer": answer.pk, "lines": len(lines), "overwritten": len(met)}
    record("claim.bulk_answered", actor=actor, target=claim, data=facts)
    return answer


@transaction.atomic
def undo_bulk_answer(*, actor: Standing, answer: BulkAnswer) -> tuple[int, int]:
    """Puts back what the lines said before; answers (lines put back, lines left because they were changed since).

    A second time (0, 0). Raises as `lock_for_filling` does.
    """
    claim = lock_for_filling(actor, answer.claim_id)
    held: BulkAnswer = BulkAnswer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    if held.undone_at is not None:
        return 0, 0
    versions = {place: entry.version for place, entry in checklist_entries(claim).items()}
    keys = dict(claim.learners.values_list("pk", "row_key"))
    back, left = [], 0
    for line in held.lines:
        if versions.get((line["learner"], line["unit"])) != line["version"]:
            left += 1
            continue
        said = {**NOTHING, **(line["before"] or {})}
        back.append(_line(keys[line["learner"]], str(line["unit"]), said, line["version"]))
    _write(actor, claim, back)
    held.undone_by, held.undone_at = actor.person, timezone.now()
    held.save(update_fields=["undone_by", "undone_at"])
    record("claim.bulk_undone", actor=actor, target=claim, data={"answer": held.pk, "lines": len(back), "left": left})
    return len(back), left


def _changed() -> str:
    return _(
        "Somebody changed answers that this would overwrite since they were shown. Nothing was stored. Look at them again."
    )


def _write(actor: Standing, claim: Claim, lines: list[LineInput]) -> list[CellResult]:
    results = LineWriter(actor, claim).write(lines)
    refused = next((result for result in results if result.status != "saved"), None)
    if refused is not None:
        raise BulkRefusedError(refused.message)
    return results


def _input(line: BulkLine, asked: BulkInput) -> LineInput:
    return _line(line.learner.row_key, str(line.unit.pk), dict(asked.said), line.version)


def _line(row: str, column: str, said: dict[str, Any], version: int) -> LineInput:
    if "evidence_types" in said:
        said["evidence_types"] = tuple(said["evidence_types"])
    return LineInput(row, column, version=str(version), **said)


def _plain(asked: BulkInput) -> dict[str, Any]:
    return {name: list(value) if name == "evidence_types" else value for name, value in asked.said.items()}

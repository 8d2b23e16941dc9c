"""Running the sense check over an AO: the only place that writes its runs and rows, and it writes nothing else (SNS-10)."""

from __future__ import annotations

import hashlib
import io
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Actor, Standing
from awarding.audit.services import record
from awarding.jobs.ahead import made_ahead
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from qtag.models import ComparedCentre, SenseRun
from qtag.queries.group_gaps import KEPT_AS, learn_groups, likes_of
from qtag.queries.group_input import read_group_learners
from qtag.queries.sense_input import SenseInput, read_input
from qtag.queries.sense_runs import latest_whole_run, learnt_by, method_settings, run_digest, stored_settings
from qtag.rules.sense_rows import COLUMNS, Named, RowTexts, row_texts, texts_of
from qtag.rules.series import SeriesPlan
from qtag.sense_check.counts import SenseCheckError, Settings
from qtag.sense_check.group_gaps import GapsLearnt
from qtag.sense_check.levels import Learnt, NotLearntError, compare, learn

# First half of the advisory lock's key; the second half is the AO's id.
LOCK_SPACE = 7304
#: Reading, comparing, writing: what a job's progress counts.
STEPS = 3
_KEPT = ("centre_id", "key")


@dataclass(frozen=True, slots=True)
class _Work:
    """What a run goes by: the AO's settings and, unless it is a whole one, the whole run on which it rests."""

    settings: Settings
    digest: str
    basis: SenseRun | None
    stored: dict[int, str]


@dataclass(frozen=True, slots=True)
class _Done:
    """What a run computed from what: rows for these centres (None: all), and for a whole run what it learnt."""

    texts: Iterator[RowTexts]
    inputs: SenseInput
    centres: list[int] | None
    learnt: Learnt | None
    groups: GapsLearnt | None = None


def run_sense_check(
    *,
    actor: Actor,
    ao: AwardingOrganisation,
    whole: bool = False,
    centres: Sequence[int] | None = None,
    again: bool = False,
    job_id: int | None = None,
    advance: Callable[[], None] = lambda: None,
) -> SenseRun:
    """Compares the AO's groups with their past and stores one row for each; answers the run. Grades are only read (SNS-10).

    A whole run learns from every centre. Otherwise only centres are compared of which something changed since (or these
    `centres`), under what the last whole run learnt; `again` compares every centre so, changed or not, and gives the same
    rows. Where there is no whole run under the present settings and series, this becomes one.
    Call outside a transaction: everything is written in one at the end, so that a run can be killed at any instant and leaves
    the rows of before. Runs of one AO wait for each other. `advance` is called after each of `STEPS` steps, outside any
    transaction. Raises PermissionMissingError, SenseCheckError where the settings contradict each other.
    """
    if isinstance(actor, Standing):
        actor.require(Permission.SENSE_MANAGE)
    with _turn_of(ao):
        begun_at, began = timezone.now(), time.perf_counter()
        with open_scope(ao):
            work = _prepare(whole, centres)
            inputs = _read(work, centres, again)
        advance()
        if work.basis is not None:
            try:
                done = _compare_again(work, work.basis, inputs, centres, again)
            except NotLearntError:
                with open_scope(ao):
                    work = _prepare(True)
                    inputs = _read(work, None, False)
                done = _learn(ao, work, inputs)
        else:
            done = _learn(ao, work, inputs)
        advance()
        with open_scope(ao):
            run = _store(actor, work, done, begun_at, began, job_id)
        advance()
        return run


@contextmanager
def _turn_of(ao: AwardingOrganisation) -> Iterator[None]:
    """One run of an AO at a time. The lock belongs to the database session: a killed run lets go of it at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK_SPACE, ao.pk])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, ao.pk])


def _prepare(whole: bool, centres: Sequence[int] | None = None) -> _Work:
    settings = method_settings(stored_settings())
    digest = run_digest(settings)
    basis = None if whole else latest_whole_run(digest)
    if basis is not None and not _is_readable(basis):
        basis = None
    compared = ComparedCentre.objects.order_by()
    if centres is not None:
        compared = compared.filter(centre_id__in=centres)
    stored = {} if basis is None else dict(compared.values_list("centre_id", "input_digest"))
    return _Work(settings, digest, basis, stored)


def _is_readable(run: SenseRun) -> bool:
    """False where another version of the method wrote what the run learnt."""
    try:
        learnt_by(run)
    except SenseCheckError:
        return False
    return True


def _read(work: _Work, centres: Sequence[int] | None, again: bool) -> SenseInput:
    today = timezone.localdate()
    if work.basis is None:
        return read_input(today)
    plan = SeriesPlan.from_data(work.basis.learnt["plan"])
    return read_input(today, None if again else centres, plan)


def _learn(ao: AwardingOrganisation, work: _Work, inputs: SenseInput) -> _Done:
    learnt, found = learn(inputs.groups, work.settings)
    with open_scope(ao):
        read = read_group_learners(inputs.plan, with_everybody=False)
        likes = likes_of(centre for centre, _qualification in read.groups)
        fewest = stored_settings().fewest_shown
    centre, qualification = inputs.groups.centre[inputs.is_submitted], inputs.groups.qualification[inputs.is_submitted]
    told = zip(centre.tolist(), qualification.tolist(), strict=True)
    groups = learn_groups(read, told, likes, learnt, work.settings, fewest)
    texts = row_texts(found, _named(inputs), work.settings)
    return _Done(texts, inputs, None, learnt, groups)


def _compare_again(
    work: _Work, basis: SenseRun, inputs: SenseInput, centres: Sequence[int] | None, again: bool
) -> _Done:
    learnt = learnt_by(basis)
    if again:
        chosen = None
        rows = np.ones(len(inputs.groups), dtype=bool)
    else:
        chosen = _changed(work, inputs, centres)
        rows = np.isin(inputs.groups.centre, chosen)
    named = _named(inputs, rows)
    found = compare(named.groups, work.settings, learnt) if rows.any() else []
    texts = row_texts(found, named, work.settings)
    return _Done(texts, inputs, chosen, None)


def _changed(work: _Work, inputs: SenseInput, centres: Sequence[int] | None) -> list[int]:
    """Centres whose numbers would come from something else than before, those included that have nothing to show any more."""
    shown = inputs.shown
    reached = set(centres) if centres is not None else set(work.stored) | shown
    return sorted(
        centre
        for centre in reached
        if (centre in shown and work.stored.get(centre) != inputs.digests.get(centre))
        or (centre not in shown and centre in work.stored)
    )


def _named(inputs: SenseInput, rows: Any = slice(None)) -> Named:
    return Named(
        inputs.groups.take(rows), inputs.plan, inputs.is_open[rows], inputs.is_submitted[rows], inputs.codes,
        inputs.suites,
    )  # fmt: skip


def _store(actor: Actor, work: _Work, done: _Done, begun_at: datetime, began: float, job_id: int | None) -> SenseRun:
    """The run and its rows in one transaction. Rows that say the same stay as they are; ids stay in any case."""
    digests = done.inputs.digests
    every = "".join(f"{centre}{digests[centre]}" for centre in sorted(digests))
    kind = SenseRun.Kind.INCREMENTAL if done.learnt is None else SenseRun.Kind.WHOLE
    learnt = {} if done.learnt is None else done.learnt.as_data() | {"plan": done.inputs.plan.as_data()}
    if done.groups is not None:
        learnt[KEPT_AS] = done.groups.as_data()
    run = SenseRun.objects.create(
        kind=kind, begun_at=begun_at, basis=work.basis if done.learnt is None else None, settings_digest=work.digest,
        input_digest=hashlib.blake2b(every.encode(), digest_size=16).hexdigest(), learnt=learnt,
        centres=len(digests) if done.centres is None else len(done.centres), asked_by=actor.person, job_id=job_id,
    )  # fmt: skip
    counts = _write_rows(run.ao_id, done)
    _write_centres(run, done)
    run.counts = counts | {"seconds": round(time.perf_counter() - began, 3)}
    run.finished_at = timezone.now()
    run.save(update_fields=["counts", "finished_at"])
    record("sense_check.ran", actor=actor, target=run, data={"kind": str(kind), **run.counts})
    return run


def _write_rows(ao_id: int, done: _Done) -> dict[str, int]:
    """Writes the rows and answers how many there are of which kind, and how many are otherwise than before."""
    scope = "" if done.centres is None else " AND r.centre_id = ANY(%s)"
    reached: list[Any] = [] if done.centres is None else [done.centres]
    columns = texts_of()
    counts: Counter[str] = Counter(groups=0, compared=0, flagged=0, too_few=0, changed=0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE incoming_sense_rows ON COMMIT DROP AS"  # noqa: S608 - names from the code alone
            f" SELECT {columns} FROM qtag_senserow WITH NO DATA"
        )
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM qtag_senserow r WHERE r.ao_id = %s{scope})",  # noqa: S608 - as above
            [ao_id, *reached],
        )
        (has_rows,) = cursor.fetchone()
        for piece in made_ahead(done.texts):
            counts.update(groups=piece.rows, compared=piece.compared, flagged=piece.flagged, too_few=piece.too_few)
            # In large pieces: for each the database waits until the thread that makes the next texts lets go.
            copy = f"COPY incoming_sense_rows ({columns}) FROM STDIN"
            cursor.copy_expert(copy, io.BytesIO(piece.text), size=1 << 22)
            if not has_rows:
                counts["changed"] += _insert(cursor, ao_id)
                cursor.execute("TRUNCATE incoming_sense_rows")
        if has_rows:
            counts["changed"] += _write_changes(cursor, ao_id, scope, reached, counts["groups"])
            counts["changed"] += _insert(cursor, ao_id, unless_stored=True)
        cursor.execute("DROP TABLE incoming_sense_rows")
    return dict(counts)


def _insert(cursor: Any, ao_id: int, *, unless_stored: bool = False) -> int:
    """The incoming rows, and how many. Where nothing is stored nothing is looked for, either: of a table known to be empty
    the database expects nothing, and would read it anew for each row while it fills.
    """
    values = ", ".join(f'i."{name}"' for name in COLUMNS)
    stored = "SELECT 1 FROM qtag_senserow r WHERE r.centre_id = i.centre_id AND r.key = i.key"
    unless = f" WHERE NOT EXISTS ({stored})" if unless_stored else ""
    cursor.execute(
        f"INSERT INTO qtag_senserow (ao_id, {texts_of()}) SELECT %s, {values}"  # noqa: S608 - names alone
        f" FROM incoming_sense_rows i{unless}",
        [ao_id],
    )
    return int(cursor.rowcount)


def _write_changes(cursor: Any, ao_id: int, scope: str, reached: list[Any], count: int) -> int:
    """Among the rows that are stored: those that have gone, and those that say something else now. Answers how many."""
    changing = ", ".join(f'"{name}" = i."{name}"' for name in COLUMNS if name not in _KEPT)
    if count > 1000:
        cursor.execute("ANALYZE incoming_sense_rows")
    cursor.execute(
        f"DELETE FROM qtag_senserow r WHERE r.ao_id = %s{scope} AND NOT EXISTS"  # noqa: S608
        " (SELECT 1 FROM incoming_sense_rows i WHERE i.centre_id = r.centre_id AND i.key = r.key)",
        [ao_id, *reached],
    )
    gone = int(cursor.rowcount)
    cursor.execute(
        f"UPDATE qtag_senserow r SET {changing} FROM incoming_sense_rows i"  # noqa: S608
        " WHERE i.centre_id = r.centre_id AND i.key = r.key AND r.ao_id = %s AND i.digest <> r.digest",
        [ao_id],
    )
    return gone + int(cursor.rowcount)


def _write_centres(run: SenseRun, done: _Done) -> None:
    """Each centre that was compared stands under this run with what was compared; those without a row any more are left out."""
    shown, digests = done.inputs.shown, done.inputs.digests
    compared = sorted(shown if done.centres is None else shown.intersection(done.centres))
    scope = "" if done.centres is None else " AND centre_id = ANY(%s)"
    reached: list[Any] = [] if done.centres is None else [done.centres]
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM qtag_comparedcentre WHERE ao_id = %s AND centre_id <> ALL(%s){scope}",  # noqa: S608 - as above
            [run.ao_id, compared, *reached],
        )
        cursor.execute(
            "INSERT INTO qtag_comparedcentre (ao_id, run_id, centre_id, input_digest)"
            " SELECT %s, %s, c.id, c.digest FROM unnest(%s::bigint[], %s::text[]) c (id, digest)"
            " ON CONFLICT (centre_id) DO UPDATE SET run_id = excluded.run_id, input_digest = excluded.input_digest",
            [run.ao_id, run.pk, compared, [digests[centre] for centre in compared]],
        )

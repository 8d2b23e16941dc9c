"""Promises that hold at every moment, as questions to the database: nothing lost, nothing twice.

Constraints and triggers keep most wrong rows out. What is here spans tables, so that no constraint can hold it, or is
worth asking again after a restore. Each query lists what breaks its promise, one line of text a row; no row is good
news. They are asked in each AO's scope, where row-level security shows that AO's rows only.

Written in SQL: the ground may not import the apps above it, and a promise should not be worked out by the code that
has to keep it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db import connection

from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.queries import tenants
from awarding.tenancy.scope import open_scope

CHUNK = 1024 * 1024
# Of one promise in one AO, not more than this is listed.
LISTED = 20


@dataclass(frozen=True)
class Invariant:
    """A promise: its name, what it says, and the query of what breaks it."""

    name: str
    promise: str
    query: str


@dataclass(frozen=True)
class Broken:
    """One thing that breaks a promise."""

    name: str
    ao: str
    what: str


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "claim_state_is_its_last_event",
        "A claim is where the last event of its history left it.",
        """
        SELECT c.number || ': is ' || c.state || ', last event says ' || coalesce(e.target, 'nothing')
        FROM mitigations_claim c LEFT JOIN LATERAL (
            SELECT target FROM workflow_statusevent e
            WHERE e.target_type = 'mitigations.claim' AND e.target_id = c.id ORDER BY e.id DESC LIMIT 1
        ) e ON true
        WHERE e.target IS DISTINCT FROM c.state ORDER BY c.id
        """,
    ),
    Invariant(
        "history_has_no_gap",
        "Every event of a history begins in the state where the one before it ended.",
        """
        SELECT target_type || ' ' || target_id || ': ' || transition || ' begins in ' || source || ', not in ' || before
        FROM (SELECT *, coalesce(lag(target) OVER (PARTITION BY target_type, target_id ORDER BY id), '') AS before
              FROM workflow_statusevent) e
        WHERE source <> before ORDER BY id
        """,
    ),
    Invariant(
        "every_event_is_audited",
        "Every move in a history is in the audit trail, too.",
        """
        SELECT e.target_type || ' ' || e.target_id || ': ' || count(*) || ' events, ' || max(a.n) || ' audited'
        FROM workflow_statusevent e CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM audit_auditrecord a
            WHERE a.target_type = e.target_type AND a.target_id = e.target_id
              AND a.data ? 'from' AND a.data ? 'to'
        ) a
        GROUP BY e.target_type, e.target_id HAVING count(*) > max(a.n) ORDER BY 1
        """,
    ),
    Invariant(
        "panel_moves_have_decisions",
        "Every decision of the panel in a claim's history has its reasons on record, and the other way round (CLM-09).",
        """
        SELECT c.number || ': ' || e.n || ' moves, ' || d.n || ' decisions'
        FROM mitigations_claim c
        CROSS JOIN LATERAL (SELECT count(*) AS n FROM workflow_statusevent e
            WHERE e.target_type = 'mitigations.claim' AND e.target_id = c.id
              AND e.transition IN ('find_sufficient', 'approve_in_principle', 'find_insufficient', 'leave_with_dcv',
                                   'ask_moderation')) e
        CROSS JOIN LATERAL (SELECT count(*) AS n FROM mitigations_paneldecision d WHERE d.claim_id = c.id) d
        WHERE e.n <> d.n ORDER BY c.id
        """,
    ),
    Invariant(
        "claims_hold_their_own_learners",
        "The learners of a claim are registered at its centre for its qualification (MIT-07).",
        """
        SELECT c.number || ': registration ' || r.id
        FROM mitigations_claimlearner l JOIN mitigations_claim c ON c.id = l.claim_id
        JOIN centres_registration r ON r.id = l.registration_id
        WHERE r.centre_id <> c.centre_id OR r.qualification_id <> c.qualification_id ORDER BY c.id, r.id
        """,
    ),
    Invariant(
        "cells_lie_in_their_own_claim",
        "A cell's learner and unit are a row and a column of the cell's own claim.",
        """
        SELECT c.number || ': cell ' || x.id
        FROM mitigations_claimcell x JOIN mitigations_claim c ON c.id = x.claim_id
        JOIN mitigations_claimlearner l ON l.id = x.learner_id JOIN mitigations_claimunit u ON u.id = x.unit_id
        WHERE l.claim_id <> x.claim_id OR u.claim_id <> x.claim_id ORDER BY c.id, x.id
        """,
    ),
    Invariant(
        "allocated_claims_have_one_verifier",
        "A claim that is with a verifier has one open allocation; any other has none.",
        """
        SELECT c.number || ': is ' || c.state || ' with ' || count(a.id) || ' open allocations'
        FROM mitigations_claim c LEFT JOIN qa_sampling_allocation a ON a.claim_id = c.id AND a.ended_at IS NULL
        GROUP BY c.id HAVING count(a.id) <> (CASE WHEN c.state = 'allocated' THEN 1 ELSE 0 END) ORDER BY c.id
        """,
    ),
    Invariant(
        "nothing_undecided_after_verification",
        "Once a claim is verified, every entry of it was accepted or returned.",
        """
        SELECT c.number || ': ' || count(*) || ' entries undecided'
        FROM mitigations_claim c JOIN mitigations_claimcell x ON x.claim_id = c.id AND x.value <> ''
        WHERE c.state IN ('verified', 'processed') AND x.verdict = 'open' GROUP BY c.id ORDER BY c.id
        """,
    ),
    Invariant(
        "returned_entries_go_on",
        "What a verifier returned is on a claim that continues the first.",
        """
        SELECT c.number || ': entry ' || x.id
        FROM mitigations_claim c JOIN mitigations_claimcell x ON x.claim_id = c.id
        JOIN mitigations_claimlearner l ON l.id = x.learner_id JOIN mitigations_claimunit u ON u.id = x.unit_id
        WHERE c.state IN ('verified', 'processed') AND x.verdict = 'returned' AND x.value <> '' AND NOT EXISTS (
            -- OFFSET 0: asked for each cell by index; joined, all learners times all units may be made first.
            SELECT 1 FROM mitigations_claim n WHERE n.continues_id = c.id
            AND EXISTS (SELECT 1 FROM mitigations_claimlearner nl
                        WHERE nl.claim_id = n.id AND nl.registration_id = l.registration_id OFFSET 0)
            AND EXISTS (SELECT 1 FROM mitigations_claimunit nu
                        WHERE nu.claim_id = n.id AND nu.unit_id = u.unit_id OFFSET 0) OFFSET 0)
        ORDER BY c.id, x.id
        """,
    ),
    Invariant(
        "unit_results_were_accepted",
        "No unit result without an accepted entry of that grade on the claim that it came from (CLM-14).",
        """
        SELECT c.number || ': unit result ' || r.id
        FROM results_unitresult r JOIN mitigations_claim c ON c.id = r.claim_id
        WHERE c.state NOT IN ('verified', 'processed') OR NOT EXISTS (
            SELECT 1 FROM mitigations_claimcell x JOIN mitigations_claimlearner l ON l.id = x.learner_id
            JOIN mitigations_claimunit u ON u.id = x.unit_id
            WHERE x.claim_id = r.claim_id AND l.registration_id = r.registration_id AND u.unit_id = r.unit_id
              AND x.verdict = 'accepted' AND x.value = r.grade)
        ORDER BY c.id, r.id
        """,
    ),
    Invariant(
        "processed_claims_have_their_results",
        "Every accepted achievement of a processed claim is recorded (CLM-14).",
        """
        SELECT c.number || ': entry ' || x.id
        FROM mitigations_claim c JOIN mitigations_claimcell x ON x.claim_id = c.id AND x.verdict = 'accepted'
        JOIN mitigations_claimlearner l ON l.id = x.learner_id JOIN mitigations_claimunit u ON u.id = x.unit_id
        JOIN catalogue_qualification q ON q.id = c.qualification_id
        JOIN catalogue_grade g ON g.scale_id = q.unit_scale_id AND g.code = x.value AND g.is_achieved
        WHERE c.state = 'processed' AND NOT EXISTS (
            SELECT 1 FROM results_unitresult r WHERE r.registration_id = l.registration_id AND r.unit_id = u.unit_id)
        ORDER BY c.id, x.id
        """,
    ),
    Invariant(
        "results_explain_themselves",
        "Every unit that a qualification's grade was worked out from is a recorded unit result of the learner (RES-04).",
        """
        SELECT c.number || ': result ' || q.id || ', unit ' || (b.unit ->> 'reference')
        FROM results_qualificationresult q JOIN mitigations_claim c ON c.id = q.claim_id
        CROSS JOIN LATERAL jsonb_array_elements(coalesce(q.basis -> 'units', '[]'::jsonb)) AS b(unit)
        WHERE NOT EXISTS (
            SELECT 1 FROM results_unitresult r JOIN catalogue_unit u ON u.id = r.unit_id
            WHERE r.registration_id = q.registration_id AND u.reference = b.unit ->> 'reference'
              AND r.grade = b.unit ->> 'grade')
        ORDER BY q.id
        """,
    ),
    Invariant(
        "one_certificate_in_force",
        "A result has at most one certificate that is not revoked, and never none at all.",
        """
        SELECT 'result ' || q.id || ': ' || count(f.id) FILTER (WHERE f.state <> 'revoked') || ' in force of ' || count(f.id)
        FROM results_qualificationresult q LEFT JOIN results_certificate f ON f.result_id = q.id
        JOIN centres_registration r ON r.id = q.registration_id
        JOIN catalogue_qualification n ON n.id = r.qualification_id
        LEFT JOIN catalogue_grade g ON g.scale_id = n.scale_id AND g.code = q.grade
        GROUP BY q.id, g.is_achieved HAVING count(f.id) FILTER (WHERE f.state <> 'revoked') > 1
            OR (count(f.id) = 0 AND (q.submission_id IS NULL OR g.is_achieved)) ORDER BY q.id
        """,
    ),
    Invariant(
        "one_result_in_force",
        "A registration has at most one result that was not withdrawn (CLM-14).",
        """
        SELECT 'registration ' || q.registration_id || ': ' || count(*) || ' results in force'
        FROM results_qualificationresult q
        WHERE NOT EXISTS (SELECT 1 FROM results_resultwithdrawal w WHERE w.result_id = q.id)
        GROUP BY q.registration_id HAVING count(*) > 1 ORDER BY q.registration_id
        """,
    ),
    Invariant(
        "qtag_results_are_what_was_judged",
        "A result from a Q-TAG says the very grade that was submitted; what was reopened is withdrawn (QTG-13).",
        """
        SELECT 'result ' || q.id || ': ' || q.grade || ', the Q-TAG is ' || j.state
        FROM results_qualificationresult q JOIN qtag_judgement j ON j.registration_id = q.registration_id
            AND j.submission_id = q.submission_id LEFT JOIN catalogue_grade g ON g.id = j.grade_id
        WHERE NOT EXISTS (SELECT 1 FROM results_resultwithdrawal w WHERE w.result_id = q.id)
          AND (j.state <> 'submitted' OR g.code IS DISTINCT FROM q.grade
               OR j.grade_version <> (q.basis ->> 'version')::int) ORDER BY q.id
        """,
    ),
    Invariant(
        "qtag_results_were_signed_for",
        "A result from a Q-TAG names the signed part that covered it, of its own submission (HOC-03, HOC-04).",
        """
        SELECT 'result ' || q.id FROM results_qualificationresult q
        WHERE q.submission_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM qtag_declarationpart p
            WHERE p.submission_id = q.submission_id AND p.id = (q.basis ->> 'part')::bigint) ORDER BY q.id
        """,
    ),
    Invariant(
        "withdrawn_results_certify_nothing",
        "No certificate of a withdrawn result is in force (QTG-13).",
        """
        SELECT f.number || ': ' || f.state FROM results_certificate f
        JOIN results_resultwithdrawal w ON w.result_id = f.result_id WHERE f.state <> 'revoked' ORDER BY f.id
        """,
    ),
    Invariant(
        "certificates_are_complete",
        "A certificate in force has its PDF and its date; a revoked one says when and why.",
        """
        SELECT number || ': ' || state FROM results_certificate
        WHERE (state = 'active' AND (file_id IS NULL OR issued_at IS NULL))
           OR (state = 'revoked' AND (revoked_at IS NULL OR revoked_reason = '')) ORDER BY id
        """,
    ),
    Invariant(
        "counters_are_ahead",
        "No claim or certificate carries a number that its counter has yet to give out (CLM-01).",
        """
        SELECT n.kind || ': ' || max(n.number) || ' given out, the counter stands at ' || coalesce(max(s.last), 0)
        FROM (
            SELECT 'claim-' || split_part(right(number, 11), '-', 1) AS kind, right(number, 6)::bigint AS number
            FROM mitigations_claim WHERE number ~ '-[0-9]{4}-[0-9]{6}$'
            UNION ALL
            SELECT 'certificate-' || split_part(right(number, 12), '-', 1), right(number, 7)::bigint
            FROM results_certificate WHERE number ~ '-[0-9]{4}-[0-9]{7}$'
        ) n LEFT JOIN tenancy_numbersequence s ON s.kind = n.kind
        GROUP BY n.kind HAVING max(n.number) > coalesce(max(s.last), 0) ORDER BY 1
        """,
    ),
    Invariant(
        "one_workbook_in_force",
        "Of a claim's workbooks at most one is not superseded (CLM-02).",
        """
        SELECT c.number || ': ' || count(*) || ' in force'
        FROM mitigations_eracdocument d JOIN mitigations_claim c ON c.id = d.claim_id
        WHERE d.superseded_at IS NULL GROUP BY c.id HAVING count(*) > 1 ORDER BY c.id
        """,
    ),
    Invariant(
        "registrations_agree_with_their_cohort",
        "A registration's learner and cohort are of its centre, its cohort of its qualification.",
        """
        SELECT 'registration ' || r.id FROM centres_registration r
        JOIN centres_learner l ON l.id = r.learner_id JOIN centres_cohort k ON k.id = r.cohort_id
        WHERE l.centre_id <> r.centre_id OR k.centre_id <> r.centre_id OR k.qualification_id <> r.qualification_id
        ORDER BY r.id
        """,
    ),
    Invariant(
        "uploads_add_up",
        "Every row of a loaded file was loaded, changed, there already or refused.",
        """
        SELECT 'upload ' || id || ': ' || counts::text FROM centres_registrationupload
        WHERE state = 'loaded' AND (loaded_at IS NULL OR coalesce((counts ->> 'read')::int, 0) <>
            coalesce((counts ->> 'loaded')::int, 0) + coalesce((counts ->> 'updated')::int, 0)
            + coalesce((counts ->> 'unchanged')::int, 0) + coalesce((counts ->> 'refused')::int, 0)) ORDER BY id
        """,
    ),
    Invariant(
        "jobs_say_what_became_of_them",
        "A running job has a beating heart, an ended one an end, a failed one a reason.",
        """
        SELECT 'job ' || id || ' (' || kind || '): ' || state FROM jobs_job
        WHERE (state = 'running' AND (started_at IS NULL OR heartbeat_at IS NULL))
           OR (state IN ('succeeded', 'failed', 'cancelled') AND finished_at IS NULL)
           OR (state = 'failed' AND fault = '') ORDER BY id
        """,
    ),
)  # fmt: skip

FILES_NAME = "files_have_their_bytes"


def find_broken(invariant: Invariant, ao: AwardingOrganisation) -> list[Broken]:
    """What breaks one promise in the open scope, at most `LISTED` of it."""
    with connection.cursor() as cursor:
        cursor.execute(invariant.query)
        return [Broken(invariant.name, ao.slug or "", row[0]) for row in cursor.fetchmany(LISTED)]


def check_files(ao: AwardingOrganisation) -> Iterator[Broken]:
    """Stored files whose bytes are not there, or not those that were stored. Reads every file of the open AO."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, storage_name, size, sha256 FROM files_storedfile WHERE erased_at IS NULL ORDER BY id"
        )
        rows = cursor.fetchall()
    for pk, storage_name, size, sha256 in rows:
        digest, found = hashlib.sha256(), 0
        try:
            with default_storage.open(storage_name, "rb") as handle:
                while block := handle.read(CHUNK):
                    digest.update(block)
                    found += len(block)
        except FileNotFoundError:
            yield Broken(FILES_NAME, ao.slug or "", f"file {pk}: its bytes are not in the store")
            continue
        if (found, digest.hexdigest()) != (size, sha256):
            yield Broken(FILES_NAME, ao.slug or "", f"file {pk}: its bytes are not those that were stored")


def check_invariants(*, files: bool = False) -> list[Broken]:
    """Asks every promise in the scope of every AO; with `files` reads every stored file as well. Writes nothing."""
    broken: list[Broken] = []
    for ao in tenants():
        with open_scope(ao):
            for invariant in INVARIANTS:
                broken += find_broken(invariant, ao)
            if files:
                broken += check_files(ao)
    return broken

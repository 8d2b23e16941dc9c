"""Every promise is kept by the portal's own services, and noticed when somebody breaks it behind their back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import psycopg2
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from awarding.accounts.roles import Role
from awarding.files.models import StoredFile
from awarding.invariants import FILES_NAME, INVARIANTS, check_invariants
from awarding.jobs.models import Job
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.queries import find_tenant
from awarding.tenancy.scope import current_ao, open_scope
from qa_sampling.services.sample import decide_piece, pick_piece
from qa_sampling.services.verification import finish_verification
from qtag.models import Judgement
from qtag.services.moving import reopen_judgement
from tests.factories import make_ao, make_centre, make_standing
from tests.factories.qtag_results import award, plan_release, sign_for
from tests.factories.qtags import bring_to_agreed, make_moves, make_staff, make_submission
from tests.factories.results import make_processed
from tests.factories.verification import make_allocated

pytestmark = pytest.mark.django_db(transaction=True)

TABLES_WITH_HISTORY = (
    "workflow_statusevent", "audit_auditrecord", "mitigations_paneldecision", "results_unitresult",
    "results_qualificationresult", "results_resultwithdrawal",
)  # fmt: skip


@pytest.fixture
def world() -> None:
    """Two AOs with processed claims; in the first also one that went on after a return and one that is with its verifier."""
    with open_scope(make_ao("other")):
        make_processed(current_ao())
    with open_scope(make_ao("aim")):
        ao = current_ao()
        make_processed(ao)
        scene = make_allocated(ao)
        pick = pick_piece(actor=scene.verifier, claim=scene.claim, learner=scene.learner(0), unit=scene.unit(0))
        decide_piece(actor=scene.verifier, pick=pick, verdict="returned", reason="The log is not signed.")
        finish_verification(actor=scene.verifier, claim=scene.claim)
        make_allocated(ao)
        _qtag_results(ao)
        Job.objects.create(kind="test", title="A job", key="k", state="cancelled", finished_at="2026-01-01T00:00Z")


def _qtag_results(ao: AwardingOrganisation) -> None:
    """Three results from Q-TAGs, of which one was withdrawn."""
    centre = make_centre()
    contact, admin = make_standing(ao, Role.QUALITY_CONTACT, centre), make_standing(ao, Role.AO_ADMIN)
    submission = make_submission(centre, contact)
    staff = make_staff(ao, centre, submission)
    bring_to_agreed(staff, submission)
    make_moves(contact, submission, "submit")
    sign_for(staff[Role.HEAD_OF_CENTRE], centre, submission)
    plan_release(admin, submission)
    award(admin, submission, takes_late=True)
    first = Judgement.objects.filter(submission=submission).order_by("pk")[0]
    reopen_judgement(actor=admin, judgement=first, reason="Mixed up", expected_version=first.version)


@contextmanager
def behind_their_back() -> Iterator[psycopg2.extensions.cursor]:
    """The owner's cursor in the scope of the first AO, triggers off, everything put back at the end."""
    connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('app.ao', id::text, true) FROM tenancy_awardingorganisation WHERE slug = 'aim'"
            )
            for table in TABLES_WITH_HISTORY:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield cursor
    finally:
        connection.rollback()
        connection.close()


_SECOND_EDITION = (
    "INSERT INTO results_qualificationresult (ao_id, registration_id, submission_id, edition, grade, basis, release_at, "
    "centre_release_at, recorded_at) SELECT ao_id, registration_id, submission_id, 2, grade, basis, release_at, "
    "centre_release_at, recorded_at FROM results_qualificationresult WHERE submission_id IS NOT NULL",
)
BREAKS: dict[str, tuple[str, ...]] = {
    "claim_state_is_its_last_event": ("UPDATE mitigations_claim SET state = 'withdrawn' WHERE state = 'drafted'",),
    "history_has_no_gap": ("DELETE FROM workflow_statusevent WHERE transition = 'submit_to_verifier'",),
    "every_event_is_audited": ("DELETE FROM audit_auditrecord WHERE event = 'claim.generate'",),
    "panel_moves_have_decisions": (
        "UPDATE workflow_statusevent SET transition = 'find_sufficient' WHERE transition = 'submit_to_verifier'",
    ),
    "claims_hold_their_own_learners": (
        "UPDATE centres_registration SET qualification_id = (SELECT max(id) FROM catalogue_qualification) "
        "WHERE id = (SELECT min(registration_id) FROM mitigations_claimlearner)",
    ),
    "cells_lie_in_their_own_claim": (
        "UPDATE mitigations_claimcell SET claim_id = (SELECT max(id) FROM mitigations_claim) WHERE id = "
        "(SELECT min(id) FROM mitigations_claimcell)",
    ),
    "allocated_claims_have_one_verifier": (
        "UPDATE qa_sampling_allocation SET ended_at = now() WHERE ended_at IS NULL",
    ),
    "nothing_undecided_after_verification": (
        "UPDATE mitigations_claimcell SET verdict = 'open' WHERE verdict = 'accepted'",
    ),
    "returned_entries_go_on": ("UPDATE mitigations_claim SET continues_id = NULL WHERE continues_id IS NOT NULL",),
    "unit_results_were_accepted": ("UPDATE mitigations_claimcell SET value = 'Merit' WHERE verdict = 'accepted'",),
    "processed_claims_have_their_results": (
        "DELETE FROM results_unitresult WHERE id = (SELECT min(id) FROM results_unitresult)",
    ),
    "results_explain_themselves": ("UPDATE results_unitresult SET grade = 'Merit'",),
    "one_result_in_force": ("DELETE FROM results_resultwithdrawal", *_SECOND_EDITION),
    "qtag_results_are_what_was_judged": ("DELETE FROM results_resultwithdrawal",),
    "qtag_results_were_signed_for": (
        "UPDATE results_qualificationresult SET basis = '{\"version\": 1}' WHERE submission_id IS NOT NULL",
    ),
    "withdrawn_results_certify_nothing": ("UPDATE results_certificate SET state = 'active' WHERE state = 'revoked'",),
    "one_certificate_in_force": (
        "DROP INDEX one_certificate_in_force",
        "INSERT INTO results_certificate (ao_id, result_id, number, check_code, state, fault, revoked_reason) "
        "SELECT ao_id, result_id, number || 'x', check_code, state, fault, revoked_reason FROM "
        "results_certificate LIMIT 1",
    ),
    "certificates_are_complete": ("UPDATE results_certificate SET issued_at = NULL",),
    "counters_are_ahead": ("UPDATE tenancy_numbersequence SET last = 0 WHERE kind LIKE 'certificate-%'",),
    "registrations_agree_with_their_cohort": (
        "UPDATE centres_registration SET cohort_id = (SELECT max(id) FROM centres_cohort) WHERE id = (SELECT "
        "min(id) FROM centres_registration)",
    ),
    "jobs_say_what_became_of_them": ("UPDATE jobs_job SET finished_at = NULL WHERE state = 'cancelled'",),
    "one_workbook_in_force": (
        "INSERT INTO mitigations_eracdocument (ao_id, claim_id, version, key, adoption_id, base, issued_at) "
        "SELECT ao_id, id, n, 'key' || n, adoption_id, '{}', now() FROM (SELECT * FROM mitigations_claim "
        "LIMIT 1) c, generate_series(1, 2) n",
    ),
    "uploads_add_up": (
        "INSERT INTO centres_registrationupload (ao_id, centre_id, file_id, state, counts, faults, refusal, "
        "uploaded_at, loaded_at) SELECT c.ao_id, c.id, f.id, 'loaded', '{\"read\": 3, \"loaded\": 1}', '[]', '', "
        "now(), now() FROM centres_centre c, files_storedfile f LIMIT 1",
    ),
}


def test_every_promise_is_seen_to_be_broken_in_its_own_ao_alone(world: None, subtests: pytest.Subtests) -> None:
    for invariant in INVARIANTS:
        with subtests.test(invariant.name), behind_their_back() as cursor:
            for statement in BREAKS[invariant.name]:
                cursor.execute(statement)
                assert cursor.rowcount != 0, f"changed nothing: {statement}"
            cursor.execute(invariant.query)
            assert cursor.fetchall()
            cursor.execute(
                "SELECT set_config('app.ao', id::text, true) FROM tenancy_awardingorganisation WHERE slug = 'other'"
            )
            cursor.execute(invariant.query)
            assert cursor.fetchall() == []


def test_files_that_are_gone_or_changed_are_found_only_when_asked(world: None) -> None:
    ao = find_tenant("aim")
    assert ao is not None
    with open_scope(ao):
        first, second = StoredFile.objects.order_by("id")[:2]
    default_storage.delete(first.storage_name)
    Path(default_storage.path(second.storage_name)).chmod(0o600)
    Path(default_storage.path(second.storage_name)).write_bytes(b"something else")
    assert check_invariants() == []
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("check_invariants", "--files", "--json", stdout=out)
    answer = json.loads(out.getvalue().splitlines()[-1])
    assert answer["invariants"] == len(INVARIANTS) + 1
    assert answer["broken"] == [
        {"name": FILES_NAME, "ao": "aim", "what": f"file {first.pk}: its bytes are not in the store"},
        {"name": FILES_NAME, "ao": "aim", "what": f"file {second.pk}: its bytes are not those that were stored"},
    ]


def test_somebody_without_rows_breaks_nothing() -> None:
    make_ao("empty")
    assert check_invariants(files=True) == []

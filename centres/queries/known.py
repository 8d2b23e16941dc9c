"""What the database knows about the rows of an upload, in a fixed number of queries however many rows there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection
from django_scopes import scopes_disabled

from awarding.catalogue.models import Qualification
from awarding.identifiers import TEMPORARY_ULN
from centres.models import Centre, Cohort, Registration
from centres.rules.identity import Known, KnownLearner, KnownQualification, KnownRegistration
from centres.rules.rows import Entry, distinct

# Many values are sent as the text of one array: one by one they would take longer to write and parse than to look up.
# The second condition on the ULN is the index's own; without it the index could not serve.
_LEARNERS = """
    SELECT id, centre_id = %s, uln, reference, given_names, family_name, date_of_birth FROM centres_learner
    WHERE ao_id = %s AND uln = ANY(%s::varchar[]) AND uln <> %s
"""
_BY_REFERENCE = """
    SELECT id, true, uln, reference, given_names, family_name, date_of_birth FROM centres_learner
    WHERE ao_id = %s AND centre_id = %s AND reference = ANY(%s)
"""
_REGISTRATIONS = """
    SELECT r.id, r.learner_id, r.qualification_id, c.name, r.registered_on, r.starts_on, r.ends_on
    FROM centres_registration r JOIN centres_cohort c ON c.id = r.cohort_id
    WHERE r.ao_id = %s AND r.centre_id = %s AND r.learner_id = ANY(%s::bigint[])
"""


def known_about(centre: Centre, entries: Sequence[Entry]) -> Known:
    """What is known about the learners and qualifications that these rows name. At most four queries."""
    known = Known(qualifications=known_qualifications(distinct(entry.qan for entry in entries)))
    ulns = distinct(entry[0] for entry in entries)  # digits alone: they need no quoting in the text of an array
    elsewhere: dict[str, list[KnownLearner]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LEARNERS, [centre.pk, centre.ao_id, f"{{{','.join(ulns)}}}", TEMPORARY_ULN])
        for learner in map(KnownLearner._make, cursor.fetchall()):
            if learner.is_here:
                known.here[learner.uln] = learner
            else:
                elsewhere[learner.uln].append(learner)
        references = distinct(entry.reference for entry in entries)
        if references:
            cursor.execute(_BY_REFERENCE, [centre.ao_id, centre.pk, references])
            for learner in map(KnownLearner._make, cursor.fetchall()):
                # Where a reference repeats, the learner without a ULN of their own is the one it must tell apart.
                if learner.uln == TEMPORARY_ULN or learner.reference not in known.by_reference:
                    known.by_reference[learner.reference] = learner
    known.elsewhere = dict(elsewhere)
    return known


def known_qualifications(qans: Iterable[str]) -> dict[str, KnownQualification]:
    """The qualifications of these QANs, of whichever AO: numbers and owners are public. One query."""
    from awarding.tenancy.scope import current_ao_id

    own = current_ao_id()
    with scopes_disabled():
        rows = Qualification.objects.filter(qan__in=list(qans)).values_list("qan", "id", "ao_id", "ao__name")
        return {qan: KnownQualification(pk, "" if ao_id == own else name) for qan, pk, ao_id, name in rows}


def known_registrations(centre: Centre, learner_ids: Sequence[int]) -> dict[tuple[int, int], KnownRegistration]:
    """The registrations of these learners of the centre, by (learner id, qualification id)."""
    if not learner_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_REGISTRATIONS, [centre.ao_id, centre.pk, f"{{{','.join(map(str, learner_ids))}}}"])
        rows = map(KnownRegistration._make, cursor.fetchall())
        return {(row.learner_id, row.qualification_id): row for row in rows}


def known_cohorts(centre: Centre) -> dict[tuple[int, str], int]:
    """The centre's cohorts, by (qualification id, name in lower case)."""
    rows = Cohort.objects.filter(centre=centre).order_by("-id").values_list("qualification_id", "name", "id")
    return {(qualification_id, name.casefold()): pk for qualification_id, name, pk in rows}


def claims_holding(registration_ids: Sequence[int]) -> dict[int, tuple[str, bool]]:
    """For registrations on a claim that is not withdrawn: the eRAC's number and whether it is processed."""
    rows = (
        Registration.objects.filter(pk__in=list(registration_ids), claim_rows__isnull=False)
        .exclude(claim_rows__claim__state="withdrawn")
        .order_by("claim_rows__claim_id")
        .values_list("pk", "claim_rows__claim__number", "claim_rows__claim__state")
    )
    held: dict[int, tuple[str, bool]] = {}
    for pk, number, state in rows:
        if pk not in held or state == "processed":
            held[pk] = (number, state == "processed")
    return held


def learners_with_processed_claims(learner_ids: Sequence[int]) -> set[int]:
    """Those of the learners who stand on a processed claim: their certificates carry the name as it is."""
    rows = Registration.objects.filter(learner_id__in=list(learner_ids), claim_rows__claim__state="processed")
    return set(rows.values_list("learner_id", flat=True))

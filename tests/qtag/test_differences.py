"""Differences from earlier years: explained before the head signs, with the numbers that were shown (HOC-05, SNS-09)."""

from __future__ import annotations

import datetime as dt

import pytest

from awarding.accounts.roles import Role
from awarding.jobs.models import Job
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import StalePageError
from qtag.models import Declaration, DifferenceDraft, DifferenceReason, Judgement, SenseRow, SenseSettings
from qtag.queries.declaration import declaration_view
from qtag.queries.differences import explained_for_sample, material_differences, signing_findings
from qtag.rules.difference import still_speaks
from qtag.services.asking import compare_once_judged
from qtag.services.beginning import begin_submission
from qtag.services.differences import record_reason, view_reason
from tests.factories.awards import make_qualification, make_registration
from tests.factories.qtags import bring_to_agreed, make_moves
from tests.factories.sense import FIGURES, make_row, make_run
from tests.qtag.conftest import Scene
from tests.qtag.test_declaration import address, sign

TEXT = "The workshop was rebuilt, and this group was taught in smaller classes."


@pytest.fixture
def submitted(agreed: Scene) -> Scene:
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
    return agreed


def flagged(scene: Scene, **fields: object) -> SenseRow:
    """A flagged row of the scene's group, as a run finds it now."""
    with open_scope(scene.ao):
        figures = FIGURES | {"now": [0, 3, 0]}
        return make_row(scene.centre, scene.submission.qualification, figures=figures, **fields)


def explain(scene: Scene, row: SenseRow, role: Role = Role.QUALITY_CONTACT, digest: str = "d1", **said: object):
    posted = {"digest": digest, "kinds": ["teaching"], "text": TEXT} | said
    return scene.client(role).post(scene.url(f"sense-check/groups/{row.pk}/reason/"), posted)


def declarations(scene: Scene) -> int:
    with open_scope(scene.ao):
        return Declaration.objects.count()


def test_hoc_05_the_head_cannot_sign_while_a_difference_has_no_reason(submitted: Scene) -> None:
    """HOC-05: refused on the page and in the service; after the reason is recorded, signed."""
    row = flagged(submitted)
    head = submitted.client(Role.HEAD_OF_CENTRE, fresh=True)
    page = head.get(address(submitted)).content.decode()
    assert "nobody has recorded why" in page and f"groups/{row.pk}/" in page and "I confirm" not in page
    refused = sign(submitted)
    assert refused.status_code == 409 and "nobody has recorded why" in refused.content.decode()
    assert declarations(submitted) == 0
    assert explain(submitted, row).status_code == 302
    page = head.get(address(submitted)).content.decode()
    assert TEXT in page and "I confirm" in page
    assert sign(submitted).status_code == 302 and declarations(submitted) == 1


def test_hoc_05_what_is_within_chance_stops_nobody(submitted: Scene) -> None:
    """HOC-05: only material differences are asked about."""
    flagged(submitted, verdict="ordinary")
    with open_scope(submitted.ao):
        assert material_differences(submitted.centre.pk, [submitted.submission]) == []
    assert sign(submitted).status_code == 302 and declarations(submitted) == 1


def test_hoc_05_what_is_no_part_of_the_declaration_does_not_block_it(submitted: Scene) -> None:
    """HOC-05: a flagged qualification without any Q-TAG, or one of which nothing is submitted, is not what is signed for."""
    with open_scope(submitted.ao):
        loaded, waiting = make_qualification(grades=("P", "M", "D")), make_qualification(grades=("P", "M", "D"))
        make_registration(submitted.centre, waiting, ends_on=dt.date(2021, 6, 30))
        begin_submission(actor=submitted.people[Role.QUALITY_CONTACT], centre=submitted.centre, qualification=waiting)
        Judgement.objects.filter(submission__qualification=waiting).update(
            state="agreed", grade=Judgement.objects.first().grade
        )
        for qualification in (loaded, waiting):
            make_row(submitted.centre, qualification)
        wide = make_row(submitted.centre, figures={"members": [loaded.pk, waiting.pk], "left_out": []})
    flagged(submitted, verdict="ordinary")
    page = submitted.client(Role.HEAD_OF_CENTRE, fresh=True).get(address(submitted)).content.decode()
    assert "No group that you sign for differs" in page and "nobody has recorded why" not in page
    with open_scope(submitted.ao):
        # A wider group counts as soon as one of those it compares is signed for.
        SenseRow.objects.filter(pk=wide.pk).update(
            figures={"members": [loaded.pk, submitted.submission.qualification_id], "left_out": []}
        )
    assert sign(submitted).status_code == 409 and declarations(submitted) == 0
    with open_scope(submitted.ao):
        SenseRow.objects.filter(pk=wide.pk).update(
            figures={"members": [loaded.pk], "left_out": [submitted.submission.qualification_id]}
        )
    assert sign(submitted).status_code == 302 and declarations(submitted) == 1


def test_hoc_05_a_reason_for_other_numbers_does_not_count(submitted: Scene) -> None:
    """HOC-05 SNS-09: stale once learners have other grades, not because what moved for everybody moved a little."""
    row = flagged(submitted)
    explain(submitted, row)
    with open_scope(submitted.ao):
        SenseRow.objects.update(shift=0.06, effect=0.64, digest="d2")
        assert not signing_findings(submitted.centre.pk, [submitted.submission])
        SenseSettings.objects.create(signing_waits=False)  # what is asked here is the reason, not the comparison
        SenseRow.objects.update(figures=FIGURES | {"now": [0, 2, 1]}, digest="d3")
        assert [one.code for one in signing_findings(submitted.centre.pk, [submitted.submission])] == ["stale"]
    page = submitted.client(Role.HEAD_OF_CENTRE).get(submitted.url(f"sense-check/groups/{row.pk}/")).content.decode()
    assert "The numbers have changed since" in page and "0.65" in page and "0.64" in page
    # It still holds: the earlier text is filled in, and recording it is one click.
    form = submitted.client(Role.HEAD_OF_CENTRE).get(submitted.url(f"sense-check/groups/{row.pk}/reason/"))
    assert TEXT in form.content.decode()
    explain(submitted, row, digest="d3")
    with open_scope(submitted.ao):
        assert not signing_findings(submitted.centre.pk, [submitted.submission])
        assert DifferenceReason.objects.count() == 2, "the earlier one is kept"


def test_hoc_05_groups_not_compared_since_wait_where_the_ao_says_so(submitted: Scene) -> None:
    """HOC-05: without any run nothing waits and the page says so; with one, the AO's setting decides."""
    head = submitted.client(Role.HEAD_OF_CENTRE, fresh=True)
    assert "No comparison with earlier years has been made yet" in head.get(address(submitted)).content.decode()
    with open_scope(submitted.ao):
        assert not signing_findings(submitted.centre.pk, [submitted.submission])
        make_run()
        assert [f.code for f in signing_findings(submitted.centre.pk, [submitted.submission])] == ["uncompared"]
    assert "has not been compared" in head.get(address(submitted)).content.decode()
    assert sign(submitted).status_code == 409
    with open_scope(submitted.ao):
        SenseSettings.objects.create(signing_waits=False)
        assert not signing_findings(submitted.centre.pk, [submitted.submission])
    page = head.get(address(submitted)).content.decode()
    assert "Not compared since its grades were given" in page
    assert sign(submitted).status_code == 302
    with open_scope(submitted.ao):
        SenseSettings.objects.update(signing_waits=True)
    flagged(submitted, verdict="ordinary")
    with open_scope(submitted.ao):
        assert not signing_findings(submitted.centre.pk, [submitted.submission])
        assert declaration_view(submitted.centre, submitted.submission.adoption).is_covered
        # Compared, but not with the grades of today; one that is compared by volume has no grades to differ.
        SenseRow.objects.update(figures=FIGURES | {"now": [1, 2, 0]})
        assert [f.code for f in signing_findings(submitted.centre.pk, [submitted.submission])] == ["uncompared"]
        SenseRow.objects.update(by_volume=True)
        assert not signing_findings(submitted.centre.pk, [submitted.submission])


SHOWN = {"figures": FIGURES, "size": 30, "past_size": 64, "effect": 0.65, "shift": 0.05}


@pytest.mark.parametrize(
    ("now", "speaks"),
    [
        ({}, True),
        ({"shift": 0.4, "effect": 0.3}, True),
        ({"effect": None}, True),
        ({"effect": -0.1}, False),
        ({"size": 31}, False),
        ({"past_size": 63}, False),
        ({"figures": FIGURES | {"now": [3, 8, 19]}}, False),
    ],
)
def test_sns_09_a_reason_is_about_its_learners_and_its_direction(now: dict, speaks: bool) -> None:
    """SNS-09 HOC-05: wider rows show no grades, so that their sizes tell who is in them; higher is not lower."""
    assert still_speaks(SHOWN, SHOWN | now) is speaks


def test_sns_09_the_comparison_is_recorded_with_the_reason(submitted: Scene) -> None:
    """SNS-09: kinds, words, who and when, and the numbers and sentences of that moment."""
    row = flagged(submitted)
    assert explain(submitted, row, kinds=["teaching", "intake"]).status_code == 302
    with open_scope(submitted.ao):
        reason = DifferenceReason.objects.select_related("recorded_by").get()
        assert reason.kinds == ["intake", "teaching"] and reason.text == TEXT
        assert reason.recorded_by == submitted.people[Role.QUALITY_CONTACT].person
        assert reason.shown["figures"]["now"] == [0, 3, 0] and any("0.65" in words for words in reason.shown["words"])
    page = submitted.client(Role.AO_ADMIN).get(submitted.url(f"sense-check/groups/{row.pk}/")).content.decode()
    assert TEXT in page and "Teaching changed" in page


@pytest.mark.parametrize(
    ("said", "fault"), [({"kinds": []}, "Tick at least one"), ({"text": "  "}, "in your own words")]
)
def test_sns_09_half_a_reason_is_refused_and_nothing_typed_is_lost(submitted: Scene, said: dict, fault: str) -> None:
    """SNS-09: kinds and words are both needed."""
    row = flagged(submitted)
    answer = explain(submitted, row, **said)
    page = answer.content.decode()
    assert answer.status_code == 200 and fault in page and (said.get("text") is not None or TEXT in page)
    with open_scope(submitted.ao):
        assert not DifferenceReason.objects.exists()


def test_sns_09_numbers_that_changed_meanwhile_are_shown_and_the_text_is_kept(submitted: Scene) -> None:
    """SNS-09: a reason is never attached to numbers that nobody saw."""
    row = flagged(submitted, digest="d9")
    answer = explain(submitted, row)
    page = answer.content.decode()
    assert answer.status_code == 409 and TEXT in page and 'value="d9"' in page
    with open_scope(submitted.ao):
        assert not DifferenceReason.objects.exists()


def test_sns_09_a_draft_is_kept_whole_or_not_and_goes_when_the_reason_is_recorded(submitted: Scene) -> None:
    """SNS-09: begun by one, finished by another; a draft explains nothing."""
    row = flagged(submitted)
    assert explain(submitted, row, draft="1", kinds=[], text="Half a").status_code == 302
    with open_scope(submitted.ao):
        assert DifferenceDraft.objects.get().text == "Half a"
        assert [one.code for one in signing_findings(submitted.centre.pk, [submitted.submission])] == ["unexplained"]
    page = submitted.client(Role.HEAD_OF_CENTRE).get(submitted.url(f"sense-check/groups/{row.pk}/reason/"))
    assert "Half a" in page.content.decode()
    assert (
        "Half a"
        not in submitted.client(Role.AO_ADMIN).get(submitted.url(f"sense-check/groups/{row.pk}/")).content.decode()
    )
    explain(submitted, row, Role.HEAD_OF_CENTRE)
    with open_scope(submitted.ao):
        assert not DifferenceDraft.objects.exists() and DifferenceReason.objects.count() == 1


def test_sns_01_the_lock_holds_on_every_page(scene: Scene) -> None:
    """SNS-01: 403 with what is missing, for the centre and the AO, also where a run made a row before."""
    row = flagged(scene)
    paths = [f"sense-check/groups/{row.pk}/", f"sense-check/groups/{row.pk}/reason/"]
    paths.append(f"sense-check/submissions/{scene.submission.pk}/")
    for path in paths:
        answer = scene.client(Role.QUALITY_CONTACT).get(scene.url(path))
        assert answer.status_code == 403 and "still to be judged" in answer.content.decode(), path
        assert "0.65" not in answer.content.decode()
    assert scene.client(Role.AO_ADMIN).get(scene.url(paths[0])).status_code == 403
    assert explain(scene, row).status_code == 403
    with open_scope(scene.ao), pytest.raises(SenseRow.DoesNotExist):
        record_reason(
            actor=scene.people[Role.QUALITY_CONTACT], row_id=row.pk, kinds=["teaching"], text=TEXT, shown_digest="d1"
        )
    for role in (Role.QUALITY_CONTACT, Role.AO_ADMIN):
        for path in ("sense-check/", f"sense-check/centres/{scene.centre.pk}/"):
            assert "0.65" not in scene.client(role).get(scene.url(path)).content.decode()
    assert scene.client(Role.TEACHER).get(scene.url(paths[0])).status_code == 403


def test_qtg_17_the_ao_sees_a_comparison_only_once_submitted_and_never_the_grades(agreed: Scene) -> None:
    """QTG-17: before submission the row does not exist for the AO; after it, the difference without who had what."""
    row = flagged(agreed, is_submitted=False)
    path = agreed.url(f"sense-check/groups/{row.pk}/")
    assert agreed.client(Role.AO_ADMIN).get(path).status_code == 404
    own = agreed.client(Role.HEAD_OF_CENTRE).get(path).content.decode()
    assert "Share of each grade" in own and "3 (100.0%)" in own
    with open_scope(agreed.ao):
        SenseRow.objects.update(is_submitted=True)
    page = agreed.client(Role.AO_ADMIN).get(path).content.decode()
    assert "0.65" in page and "Share of each grade" not in page and "100.0%" not in page


def test_sns_09_the_ao_says_what_it_makes_of_a_reason(submitted: Scene) -> None:
    """SNS-09: read, accepted, or asked about; the centre finds the question in its work."""
    row = flagged(submitted)
    explain(submitted, row)
    with open_scope(submitted.ao):
        reason = DifferenceReason.objects.get()
        assert Judgement.objects.exclude(grade__code="M").count() == 0
    admin = submitted.client(Role.AO_ADMIN)
    assert "reason for a difference to read" in admin.get("/").content.decode()
    path = submitted.url(f"sense-check/reasons/{reason.pk}/")
    assert submitted.client(Role.QUALITY_CONTACT).post(path, {"view": "accepted"}).status_code == 403
    assert admin.post(path, {"view": "asked", "note": " "}).status_code == 400
    assert admin.post(path, {"view": "asked", "note": "Which classes?"}).status_code == 302
    assert "reason for a difference to read" not in admin.get("/").content.decode()
    contact = submitted.client(Role.QUALITY_CONTACT)
    assert "asks more about a difference" in contact.get("/").content.decode()
    explain(submitted, row, text="Two classes of eight.")
    assert "asks more about a difference" not in contact.get("/").content.decode()
    with open_scope(submitted.ao), pytest.raises(StalePageError):
        view_reason(actor=submitted.people[Role.AO_ADMIN], reason_id=reason.pk, view="accepted", note="")


@pytest.mark.parametrize("said", [{"view": "asked", "note": ""}, {"view": "accepted", "note": ""}])
def test_sns_01_a_group_that_is_judged_again_is_closed_to_whoever_answers_a_reason(
    submitted: Scene, said: dict
) -> None:
    """SNS-01: the page that comes back with a fault is a page of the group, too; open, the same form is read."""
    row = flagged(submitted)
    explain(submitted, row)
    with open_scope(submitted.ao):
        path = submitted.url(f"sense-check/reasons/{DifferenceReason.objects.get().pk}/")
        Judgement.objects.filter(pk=submitted.judgements()[0].pk).update(grade=None, state="open")
    closed = submitted.client(Role.AO_ADMIN).post(path, said)
    assert closed.status_code == 403 and "0.65" not in closed.content.decode()
    with open_scope(submitted.ao):
        assert DifferenceReason.objects.get().view == ""
        Judgement.objects.update(grade=submitted.judgements()[1].grade_id, state="submitted")
    assert submitted.client(Role.AO_ADMIN).post(path, said).status_code == (400 if said["view"] == "asked" else 302)


def test_what_waits_stands_beside_what_is_seen_and_is_not_asked_for_again(submitted: Scene) -> None:
    """SNS-09: in the list under what the row shows, in sight on a telephone; once given, no page asks for the reason."""
    row = flagged(submitted)
    contact, admin = submitted.client(Role.QUALITY_CONTACT), submitted.client(Role.AO_ADMIN)
    group = submitted.url(f"sense-check/groups/{row.pk}/")
    cell = contact.get(submitted.url("sense-check/")).content.decode().split("<td")[1].split("</td>")[0]
    assert ">Differs<" in cell and ">To be explained<" in cell
    assert "Please record the reason" in contact.get(group).content.decode()
    explain(submitted, row)
    for client in (contact, admin):
        cell = client.get(submitted.url("sense-check/")).content.decode().split("<td")[1].split("</td>")[0]
        assert ">Explained, not read yet<" in cell
        page = client.get(group).content.decode()
        assert "Please record the reason" not in page and "asked for the reason" not in page
    assert "When more is asked, say what." in page and "Note (optional)" not in page


def test_work_tells_a_centre_what_to_explain(submitted: Scene) -> None:
    """HOC-05: the difference stands in My work until it is explained."""
    row = flagged(submitted)
    contact = submitted.client(Role.QUALITY_CONTACT)
    assert "nobody has explained it" in contact.get("/").content.decode()
    explain(submitted, row)
    assert "nobody has explained it" not in contact.get("/").content.decode()


def test_sns_09_a_later_sample_reads_the_reason(submitted: Scene) -> None:
    """SNS-09: whoever samples the centre's qualification finds it, and that of another qualification is not mixed in."""
    row = flagged(submitted)
    explain(submitted, row)
    with open_scope(submitted.ao):
        group = (submitted.centre.pk, submitted.submission.qualification_id)
        assert [(reason.text, kinds) for reason, kinds in explained_for_sample(*group)] == [
            (TEXT, ["Teaching changed: staff, time, methods or resources"])
        ]
        assert explained_for_sample(group[0], 0) == []
        SenseRow.objects.filter(pk=row.pk).update(level="centre", qualification=None, key="centre")
        DifferenceReason.objects.update(level="centre", qualification=None, key="centre")
        for qualification in (group[1], 0):
            found = [reason.text for reason, _kinds in explained_for_sample(group[0], qualification)]
            assert found == [TEXT], "what is said of the whole centre goes with each of its qualifications"
        SenseRow.objects.update(is_submitted=False)
        assert explained_for_sample(*group) == [], "nothing goes to the AO before it is submitted (QTG-17)"


def test_a_group_is_compared_as_soon_as_its_last_judgement_is_recorded(scene: Scene) -> None:
    """HOC-05: once the AO has run the check, the last grade that leaves its teacher's hands asks for a comparison."""
    with open_scope(scene.ao):
        make_run()
        assert compare_once_judged(scene.submission) is None, "three learners are not judged yet (SNS-01)"
        bring_to_agreed(scene.people, scene.submission)
        job = Job.objects.get(kind="sense_check")
        assert job.parameters == {"whole": False, "centres": [scene.centre.pk]} and job.started_by is None

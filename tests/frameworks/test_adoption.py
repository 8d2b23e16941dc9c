"""Adopting a framework: what is the AO's to choose, what it would change, what stays as published."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.audit.models import AuditRecord
from awarding.frameworks.forms import ShareField
from awarding.frameworks.loading import OverrideError
from awarding.frameworks.models import Adoption, FrameworkVersion
from awarding.frameworks.queries import adopted_document
from awarding.frameworks.services import adopt_framework, store_frameworks
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import StalePageError
from tests.factories import make_ao, make_membership, make_person, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
SHARE = "thresholds.evidence_complete_share"
SHARE_FIELD = "setting-thresholds-evidence_complete_share"


@pytest.fixture
def ao() -> AwardingOrganisation:
    store_frameworks()
    return make_ao()


@pytest.fixture
def actor(ao: AwardingOrganisation) -> Standing:
    with open_scope(ao):
        return make_standing(ao, Role.AO_ADMIN)


@pytest.fixture
def admin(actor: Standing, client: Client) -> Client:
    sign_in(client, actor.person)
    return client


def version(code: str = "erf_2020") -> FrameworkVersion:
    return FrameworkVersion.objects.get(code=code)


def url(ao: AwardingOrganisation, name: str, **kwargs: Any) -> str:
    return reverse(f"frameworks:{name}", kwargs={"ao": ao.slug, **kwargs})


def test_load_frameworks_stores_each_once() -> None:
    def load() -> dict[str, int]:
        out = StringIO()
        call_command("load_frameworks", "--json", stdout=out)
        return json.loads(out.getvalue().splitlines()[-1])

    first = load()
    assert first["new"] == first["stored"] >= 4
    assert load() == {"stored": first["stored"], "new": 0}


def test_clm_02_a_new_adoption_supersedes_the_earlier_one(ao: AwardingOrganisation, actor: Standing) -> None:
    with open_scope(ao):
        first = adopt_framework(actor=actor, framework=version())
        second = adopt_framework(actor=actor, framework=version(), overrides={SHARE: 0.6})
        first.refresh_from_db()
        assert first.superseded_at is not None and second.superseded_at is None
        assert adopted_document(second).threshold("evidence_complete_share") == 0.6
        assert adopted_document(first).threshold("evidence_complete_share") == 0.5
        assert AuditRecord.objects.filter(event="framework.adopted").count() == 2


def test_the_same_adoption_again_changes_nothing(ao: AwardingOrganisation, actor: Standing) -> None:
    with open_scope(ao):
        first = adopt_framework(actor=actor, framework=version(), expected_id=0)
        assert adopt_framework(actor=actor, framework=version(), expected_id=0).pk == first.pk
        assert Adoption.objects.count() == 1


def test_other_frameworks_stay_adopted(ao: AwardingOrganisation, actor: Standing) -> None:
    with open_scope(ao):
        first = adopt_framework(actor=actor, framework=version())
        adopt_framework(actor=actor, framework=version("vcrf_2021"))
        first.refresh_from_db()
        assert first.superseded_at is None


def test_who_adopts_second_is_told(ao: AwardingOrganisation, actor: Standing) -> None:
    with open_scope(ao):
        adopt_framework(actor=actor, framework=version(), expected_id=0)
        with pytest.raises(StalePageError):
            adopt_framework(actor=actor, framework=version(), overrides={SHARE: 0.6}, expected_id=0)


@pytest.mark.parametrize("overrides", [{"dates.impact": "2020-01-01"}, {SHARE: 7}])
def test_what_is_not_the_aos_to_decide_is_refused(
    ao: AwardingOrganisation, actor: Standing, overrides: dict[str, Any]
) -> None:
    with open_scope(ao), pytest.raises(OverrideError):
        adopt_framework(actor=actor, framework=version(), overrides=overrides)


def test_only_who_may_adopts(ao: AwardingOrganisation) -> None:
    with open_scope(ao):
        panel = make_standing(ao, Role.PANEL_MEMBER)
        with pytest.raises(PermissionMissingError):
            adopt_framework(actor=panel, framework=version())


def test_the_pages_show_what_would_change_and_adopt(ao: AwardingOrganisation, admin: Client) -> None:
    assert "Not adopted" in admin.get(url(ao, "list")).content.decode()
    page = url(ao, "adopt", code="erf_2020")
    assert admin.get(page).status_code == 200
    chosen = {SHARE_FIELD: "0.6", "setting-dates-notices_by": "2020-06-10", "expected": "0"}
    shown = admin.post(page, chosen | {"step": "preview"})
    changes = {change.path: (change.before, change.after) for change in shown.context["preview"]}
    assert changes == {SHARE: (0.5, 0.6), "dates.notices_by": ("2020-06-04", "2020-06-10")}
    with open_scope(ao):
        assert not Adoption.objects.exists()
    assert admin.post(page, chosen | {"step": "adopt"}).status_code == 302
    with open_scope(ao):
        assert Adoption.objects.get().overrides == {SHARE: 0.6, "dates.notices_by": "2020-06-10"}
    assert "Adopted" in admin.get(url(ao, "list")).content.decode()
    assert "What this organisation chose" in admin.get(url(ao, "framework", code="erf_2020")).content.decode()
    stale = admin.post(page, {"expected": "0", "step": "adopt"})
    assert stale.status_code == 409


def test_what_is_the_same_as_published_is_no_override(ao: AwardingOrganisation, admin: Client) -> None:
    admin.post(url(ao, "adopt", code="erf_2020"), {SHARE_FIELD: "0.5", "expected": "0", "step": "adopt"})
    with open_scope(ao):
        assert Adoption.objects.get().overrides == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (SHARE_FIELD, "7"),
        (SHARE_FIELD, "half"),
        ("setting-thresholds-confirmation_days", "0"),
        ("setting-dates-notices_by", "2025-01-01"),
        # Opens after it closes: the framework would not hang together.
        ("setting-dates-application_opens", "2020-12-01"),
    ],
)
def test_a_value_out_of_bounds_is_refused_on_the_page(
    ao: AwardingOrganisation, admin: Client, field: str, value: str
) -> None:
    answer = admin.post(url(ao, "adopt", code="erf_2020"), {field: value, "expected": "0", "step": "adopt"})
    assert answer.status_code == 200 and answer.context["form"].errors
    with open_scope(ao):
        assert not Adoption.objects.exists()


@pytest.mark.parametrize("code", ["erf_2020", "eerf_2020", "vcrf_2021", "results_2024"])
def test_every_framework_has_its_pages(ao: AwardingOrganisation, admin: Client, code: str) -> None:
    assert admin.get(url(ao, "framework", code=code)).status_code == 200
    assert admin.get(url(ao, "adopt", code=code)).status_code == 200
    assert admin.post(url(ao, "adopt", code=code), {"expected": "0", "step": "adopt"}).status_code == 302


def test_a_framework_that_is_not_there(ao: AwardingOrganisation, admin: Client) -> None:
    assert admin.get(url(ao, "framework", code="nothing")).status_code == 404


def test_another_aos_adoption_is_not_ours(ao: AwardingOrganisation, actor: Standing, client: Client) -> None:
    with open_scope(ao):
        adopt_framework(actor=actor, framework=version())
    other = make_ao("other")
    person = make_person()
    with open_scope(other):
        make_membership(person, Role.AO_ADMIN)
    sign_in(client, person)
    assert "Not adopted" in client.get(url(other, "list")).content.decode()
    assert client.get(url(ao, "list")).status_code == 404


@pytest.mark.parametrize(
    ("typed", "meant"), [("60", 0.6), ("60 %", 0.6), ("60%", 0.6), ("0.6", 0.6), ("100", 1), ("27.5 per cent", 0.275)]
)
def test_a_share_is_typed_in_per_cent_or_as_a_fraction(typed: str, meant: float) -> None:
    assert ShareField().clean(typed) == pytest.approx(meant)


@pytest.mark.parametrize("typed", ["1", "half", "nan", "inf %", "%"])
def test_what_could_mean_two_shares_or_none_is_asked_again(typed: str) -> None:
    with pytest.raises(ValidationError, match="%"):
        ShareField().clean(typed)

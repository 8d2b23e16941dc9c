"""docker-compose.yml: no door is open by default, every container is kept small, everything needed is there."""

from __future__ import annotations

import re

import pytest

from tests.deployment.compose import FILE, ROOT, MissingVariableError, example_variables, filled, load, required

ONE_SHOT = {"prepare", "migrate"}
LONG_LIVED = {"proxy", "web", "worker", "beat", "database", "redis", "storage"}


@pytest.fixture(scope="module")
def services() -> dict:
    return load(filled())["services"]


def test_every_part_is_there(services: dict) -> None:
    assert set(services) == ONE_SHOT | LONG_LIVED


@pytest.mark.parametrize("name", sorted(LONG_LIVED))
def test_what_stays_up_has_a_health_check_and_comes_back(services: dict, name: str) -> None:
    assert services[name]["healthcheck"]["test"]
    assert services[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(ONE_SHOT | LONG_LIVED))
def test_no_container_is_root_or_can_become_it_or_writes_to_its_own_files(services: dict, name: str) -> None:
    service = services[name]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["read_only"] is True


@pytest.mark.parametrize("name", required())
def test_a_missing_secret_is_refused_and_says_which(name: str) -> None:
    values = filled() | {name: ""}
    with pytest.raises(MissingVariableError, match=name):
        load(values)


def test_no_secret_has_a_default() -> None:
    defaults = dict(re.findall(r"\$\{([A-Z0-9_]+):-([^}]*)\}", FILE.read_text()))
    secret = {name for name in defaults if re.search("PASSWORD|SECRET|KEY", name)}
    assert {name: defaults[name] for name in secret if defaults[name]} == {}
    # And none is written out beside the variables.
    assert not re.search(
        r"(?i)(password|secret|key)\w*:\s*[\"']?(?!\$)[\w-]+[\"']?\s*$", FILE.read_text(), re.MULTILINE
    )


def test_the_example_names_every_variable_and_fills_in_none() -> None:
    given, names = example_variables()
    used = set(re.findall(r"\$\{([A-Z0-9_]+)", FILE.read_text()))
    assert used - set(names) <= {"S3_BUCKET"}
    assert sorted(given) == required()
    assert set(given.values()) == {""}


def test_database_broker_and_files_are_reached_by_the_portal_alone(services: dict) -> None:
    everything = load(filled())
    assert everything["networks"]["back"] == {"internal": True}
    for name in ("database", "redis", "storage"):
        assert services[name]["networks"] == ["back"]
        assert "ports" not in services[name]
    assert [name for name in services if "ports" in services[name]] == ["proxy"]
    assert "back" not in services["proxy"]["networks"]


def test_workers_can_be_multiplied(services: dict) -> None:
    assert "container_name" not in services["worker"]
    assert "ports" not in services["worker"]
    assert "hostname" not in services["worker"]


def test_only_the_one_shots_know_a_login_that_changes_tables(services: dict) -> None:
    for name in ("web", "worker", "beat"):
        environment = services[name]["environment"]
        assert not {"DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"} & set(environment)
        assert "://portal_app:" in environment["DATABASE_URL"]
    assert services["migrate"]["environment"]["PORTAL_DATABASE_ROLE"] == "owner"
    assert "DATABASE_ADMIN_URL" not in services["migrate"]["environment"]


def test_nothing_serves_before_the_tables_are_up_to_date(services: dict) -> None:
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}


def test_images_are_pinned_and_built_from_stages_that_exist(services: dict) -> None:
    stages = re.findall(r"^FROM (\S+) AS (\w+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert all(re.search(r":\d", image) for image, _name in stages)
    for service in services.values():
        if "build" in service:
            assert service["build"]["target"] in {name for _image, name in stages}
        else:
            assert re.search(r":\d+(\.\d+)*-", service["image"])


def test_every_stage_that_runs_ends_as_a_user_who_is_not_root() -> None:
    text = (ROOT / "Dockerfile").read_text()
    for stage in re.split(r"^FROM ", text, flags=re.MULTILINE)[2:]:
        assert re.findall(r"^USER (\S+)$", stage, re.MULTILINE)[-1] == "10001:10001"


def test_tests_history_and_secrets_stay_out_of_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert not let_in & {".env", ".git", "tests", "var", ".venv"}
    assert "deploy/certificates" in lines


def test_every_app_of_ours_is_in_the_image() -> None:
    from django.conf import settings

    lines = (ROOT / ".dockerignore").read_text().splitlines()
    ours = {app.split(".")[0] for app in settings.INSTALLED_APPS if (ROOT / app.split(".")[0]).is_dir()}
    assert "centres" in ours
    assert ours <= {line.removeprefix("!") for line in lines if line.startswith("!")}

"""Two roles, neither of them a superuser; the application's owns nothing."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from awarding.launcher import LauncherError, database, servers
from tests.launcher.test_servers import query

ADMIN = "DATABASE_ADMIN_URL"


def test_preparing_twice_at_once_and_again_gives_one_database(running: dict[str, Any]) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: database.prepare_database(running[ADMIN], "at_once", secret="s"), range(4)))
    assert found == {database.prepare_database(running[ADMIN], "at_once", secret="s")}
    owner, app = found.pop()
    query(owner, "CREATE TABLE kept (id serial, word citext); INSERT INTO kept (word) VALUES ('a')")
    assert query(app, "INSERT INTO kept (word) VALUES ('b') RETURNING id") == [(2,)]
    database.prepare_database(running[ADMIN], "at_once", secret="s")
    assert query(app, "SELECT count(*) FROM kept") == [(2,)]


def test_the_roles_can_do_no_more_than_they_need(running: dict[str, Any]) -> None:
    attributes = query(
        running["DATABASE_URL"],
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles"
        " WHERE rolname LIKE 'awarding_portal_test_%'",
    )
    assert attributes == [(False, False, False, False, True)] * 2
    for statement in ("CREATE TABLE mine ()", "CREATE SCHEMA mine", "CREATE ROLE another"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(running["DATABASE_URL"], statement)
    assert query(running["DATABASE_URL"], "CREATE TEMPORARY TABLE staged (); SELECT 1") == [(1,)]


def test_extensions_and_byte_order_are_the_same_everywhere(running: dict[str, Any]) -> None:
    rows = query(running["DATABASE_URL"], "SELECT extname FROM pg_extension")
    assert {name for (name,) in rows} >= set(database.EXTENSIONS)
    assert query(running["DATABASE_URL"], "SELECT 'É' ILIKE 'é', 'Z' < 'a', upper('ß') <> ''") == [(True, True, True)]


def test_recreate_starts_empty_and_drop_removes(running: dict[str, Any]) -> None:
    owner, _app = database.prepare_database(running[ADMIN], "again", roles="shared", secret="s")
    assert owner.endswith("/again")
    assert "//shared_owner:" in owner
    query(owner, "CREATE TABLE gone ()")
    database.prepare_database(running[ADMIN], "again", roles="shared", secret="s", recreate=True)
    assert query(owner, "SELECT to_regclass('gone')") == [(None,)]
    database.drop_database(running[ADMIN], "again")
    assert query(running[ADMIN], "SELECT 1 FROM pg_database WHERE datname = 'again'") == []


@pytest.mark.parametrize("name", ["Upper", 'quo"te', "1st", "", "x" * 52])
def test_a_name_that_could_be_more_than_a_name_is_refused(name: str) -> None:
    with pytest.raises(LauncherError, match="no name for a database"):
        database.prepare_database("postgres://nobody@127.0.0.1:1/x", name)


def test_one_administrating_login_is_enough(running: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_STATE_DIR", str(running["state_dir"]))
    environ = {"DATABASE_URL": running[ADMIN], "REDIS_URL": "redis://elsewhere"}
    found = servers.ensure_servers("main", environ=environ)
    assert environ["DATABASE_URL"] == found["DATABASE_URL"] != running[ADMIN]
    assert query(environ["DATABASE_URL"], "SELECT current_user::text") == [("awarding_portal_app",)]
    assert query(environ["DATABASE_OWNER_URL"], "SELECT current_user::text") == [("awarding_portal_owner",)]


def test_two_named_logins_are_used_as_they_are(tmp_path: Path) -> None:
    named = {"DATABASE_URL": "postgres://a@x/d", "DATABASE_OWNER_URL": "postgres://o@x/d", "REDIS_URL": "redis://x"}
    environ = dict(named)
    assert servers.ensure_servers("main", state_dir=tmp_path / "state", environ=environ) == {}
    assert environ == named
    assert not (tmp_path / "state").exists()


def test_a_login_without_the_power_is_told_what_to_set(running: dict[str, Any]) -> None:
    environ = {"DATABASE_URL": running["DATABASE_URL"], "REDIS_URL": "redis://elsewhere"}
    with pytest.raises(LauncherError, match="Set DATABASE_OWNER_URL"):
        servers.ensure_servers("main", environ=environ)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [("sqlite:///db.sqlite3", "PostgreSQL only"), ("postgres://someone@127.0.0.1:1/portal", "127.0.0.1:1/portal")],
)
def test_a_useless_database_url_is_explained(url: str, complaint: str) -> None:
    with pytest.raises(LauncherError, match=complaint):
        servers.ensure_servers("main", environ={"DATABASE_URL": url, "REDIS_URL": "redis://elsewhere"})


def test_a_login_that_is_no_superuser_but_may_create_is_enough(running: dict[str, Any]) -> None:
    query(running[ADMIN], "CREATE ROLE builder LOGIN CREATEROLE CREATEDB PASSWORD 'b'")
    place = running[ADMIN].rpartition("@")[2]
    owner, app = database.prepare_database(f"postgres://builder:b@{place}", "built", secret="s")
    query(owner, "CREATE TABLE kept ()")
    assert query(app, "SELECT count(*) FROM kept") == [(0,)]

"""deploy/prepare.py: two roles and their database, as often as you like."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from awarding.launcher import LauncherError
from awarding.launcher.database import drop_database
from deploy.prepare import prepare_roles

NAME = f"portal_deploy_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def url(role: str, password: str) -> str:
    parts = urlsplit(os.environ["DATABASE_ADMIN_URL"])
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{host}", path=f"/{NAME}"))


@pytest.fixture
def urls() -> Iterator[dict[str, str]]:
    yield {"owner_url": url(f"{NAME}_owner", "o" * 32), "app_url": url(f"{NAME}_app", "a" * 32)}
    admin = os.environ["DATABASE_ADMIN_URL"]
    drop_database(admin, NAME)
    connection = psycopg2.connect(admin)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'DROP ROLE IF EXISTS "{NAME}_owner", "{NAME}_app"')
    connection.close()


def ask(address: str, *statements: str) -> list[tuple]:
    connection = psycopg2.connect(address)
    try:
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_the_owner_makes_tables_and_the_application_only_uses_them(urls: dict[str, str]) -> None:
    prepare_roles(os.environ["DATABASE_ADMIN_URL"], **urls)
    ask(urls["owner_url"], "CREATE TABLE thing (id int)")
    assert ask(urls["app_url"], "INSERT INTO thing VALUES (1)", "SELECT id FROM thing") == [(1,)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(urls["app_url"], "DROP TABLE thing")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(urls["app_url"], "CREATE TABLE mine (id int)")


def test_running_it_again_keeps_the_data_and_takes_a_new_password(urls: dict[str, str]) -> None:
    admin = os.environ["DATABASE_ADMIN_URL"]
    prepare_roles(admin, **urls)
    ask(urls["owner_url"], "CREATE TABLE thing (id int)")
    changed = url(f"{NAME}_app", "b" * 32)
    prepare_roles(admin, owner_url=urls["owner_url"], app_url=changed)
    assert ask(changed, "SELECT count(*) FROM thing") == [(0,)]


@pytest.mark.parametrize(
    ("owner", "app", "says"),
    [
        (("portal_owner", "o" * 32), ("portal", "a" * 32), "_app"),
        (("portal_owner", "o" * 32), ("other_app", "a" * 32), "NAME_owner and NAME_app"),
        (("portal_owner", "o" * 32), ("portal_app", "short"), "20 characters"),
    ],
)
def test_unfit_roles_are_refused_before_anything_is_made(
    owner: tuple[str, str], app: tuple[str, str], says: str
) -> None:
    with pytest.raises(LauncherError, match=says):
        prepare_roles(os.environ["DATABASE_ADMIN_URL"], owner_url=url(*owner), app_url=url(*app))

"""Makes a database ready for the portal: an owner role for migrations, an application role that owns nothing."""

import contextlib
import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from awarding.launcher import LauncherError
from awarding.launcher.state import default_state_dir, read_secrets

if TYPE_CHECKING:
    from psycopg2.extensions import cursor as Cursor

EXTENSIONS = ("citext", "unaccent", "pg_trgm", "btree_gist")
ROLE_LIMITS = "LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS"
OLDEST_SERVER = 150000
_LOCK = 0x61776172  # any number of our own: two preparations at once take turns
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,50}")


def prepare_database(
    admin_dsn: str,
    name: str,
    *,
    roles: str | None = None,
    secret: str | None = None,
    passwords: tuple[str, str] | None = None,
    recreate: bool = False,
) -> tuple[str, str]:
    """Make database `name` with its roles and extensions; returns `(owner_url, app_url)`.

    `admin_dsn` is a connection URL whose login may create roles and databases. The roles are `<roles>_owner` and
    `<roles>_app`, `roles` being `name` unless given (test databases may share a pair). Their passwords are derived
    from `secret`, by default the one generated for this installation, unless `passwords` gives them (owner, app).
    Running it again, or twice at once, changes nothing; `recreate=True` drops the database first. Raises LauncherError
    when the login may not do it.
    """
    prefix = roles or name
    for word in (name, prefix):
        if not _NAME.fullmatch(word):
            raise LauncherError(f"{word!r} is no name for a database: at most 51 of a-z, 0-9 and _.")
    owner, app = f"{prefix}_owner", f"{prefix}_app"
    if passwords is None:
        secret = secret or read_secrets(default_state_dir())["database_roles"]
        passwords = derive_password(secret, owner), derive_password(secret, app)
    with _connected(admin_dsn, maintenance=True) as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        _require_powers(cursor, admin_dsn)
        for role, password in zip((owner, app), passwords, strict=True):
            _make_role(cursor, role, password)
        if recreate:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _make_database(cursor, name, owner)
        # The lock is per database, so it is held here while the new database is worked on.
        with _connected(_with_database(admin_dsn, name)) as inside:
            _grant(inside, name, owner, app)
    return (
        _with_login(admin_dsn, name, owner, passwords[0]),
        _with_login(admin_dsn, name, app, passwords[1]),
    )


def drop_database(admin_dsn: str, name: str) -> None:
    """Drop a database made by `prepare_database`, disconnecting whoever uses it. Its roles stay."""
    if not _NAME.fullmatch(name):
        raise LauncherError(f"{name!r} is no name for a database.")
    with _connected(admin_dsn, maintenance=True) as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def derive_password(secret: str, role: str) -> str:
    """The password of a role: the same on every start, different for every installation and role."""
    return hmac.new(secret.encode(), role.encode(), hashlib.sha256).hexdigest()


def may_administer(dsn: str) -> bool:
    """Whether this login may create roles and databases."""
    with _connected(dsn) as cursor:
        return _has_powers(cursor)


@contextlib.contextmanager
def _connected(dsn: str, *, maintenance: bool = False) -> "Iterator[Cursor]":
    import psycopg2

    places = [_with_database(dsn, "postgres"), dsn] if maintenance else [dsn]
    connection: Any = None
    for number, place in enumerate(places, 1):
        try:
            connection = psycopg2.connect(place, connect_timeout=10, application_name="portal launcher")
            break
        except psycopg2.OperationalError as error:
            if number == len(places):
                shown = urlsplit(place)
                raise LauncherError(
                    f"PostgreSQL at {shown.hostname}:{shown.port or 5432}{shown.path} does not let us in: "
                    f"{str(error).strip()}\nCheck DATABASE_URL, and that the server runs."
                ) from error
    connection.autocommit = True
    try:
        if connection.server_version < OLDEST_SERVER:
            raise LauncherError(
                f"The server named in DATABASE_URL runs PostgreSQL {connection.server_version // 10000}; "
                f"the portal needs {OLDEST_SERVER // 10000} or later."
            )
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _has_powers(cursor: "Cursor") -> bool:
    cursor.execute("SELECT rolsuper OR (rolcreaterole AND rolcreatedb) FROM pg_roles WHERE rolname = current_user")
    row = cursor.fetchone()
    return bool(row and row[0])


def _require_powers(cursor: "Cursor", dsn: str) -> None:
    if not _has_powers(cursor):
        raise LauncherError(
            f"The login {urlsplit(dsn).username or '(default)'} in DATABASE_URL may not create roles and databases. "
            "Either let it (ALTER ROLE ... CREATEROLE CREATEDB), or make two roles yourself and set both "
            "DATABASE_URL (application role, owns nothing) and DATABASE_OWNER_URL (owner of the tables, to migrate)."
        )


def _make_role(cursor: "Cursor", role: str, password: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    # Only a superuser may name SUPERUSER, REPLICATION and BYPASSRLS at all; a new role has none of them.
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    row = cursor.fetchone()
    limits = ROLE_LIMITS if row and row[0] else "LOGIN NOCREATEROLE NOCREATEDB"
    cursor.execute(f'{verb} ROLE "{role}" {limits} PASSWORD %s', [password])
    if not (row and row[0]):
        cursor.execute(f'GRANT "{role}" TO CURRENT_USER')


def _make_database(cursor: "Cursor", name: str, owner: str) -> None:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    if cursor.fetchone():
        cursor.execute(f'ALTER DATABASE "{name}" OWNER TO "{owner}"')
        return
    cursor.execute("SELECT current_setting('server_version_num')::int")
    version = (cursor.fetchone() or (0,))[0]
    locales = ["LOCALE 'C.UTF-8'", "LOCALE 'C'"]
    if version >= 170000:
        locales = ["LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"]
    for number, locale in enumerate(locales, 1):
        try:
            cursor.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE template0 ENCODING \'UTF8\' {locale}')
            return
        except Exception as error:
            # 42809: this operating system has no such locale.
            if number == len(locales) or getattr(error, "pgcode", "") != "42809":
                raise


def _grant(cursor: "Cursor", name: str, owner: str, app: str) -> None:
    for extension in EXTENSIONS:
        cursor.execute(f'CREATE EXTENSION IF NOT EXISTS "{extension}" WITH SCHEMA public')
    cursor.execute(
        f"""
        REVOKE ALL ON DATABASE "{name}" FROM PUBLIC;
        GRANT CONNECT, TEMPORARY ON DATABASE "{name}" TO "{owner}", "{app}";
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
        REVOKE CREATE ON SCHEMA public FROM "{app}";
        GRANT USAGE, CREATE ON SCHEMA public TO "{owner}";
        GRANT USAGE ON SCHEMA public TO "{app}";
        ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{app}";
        ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "{app}";
        """
    )


def _with_database(dsn: str, name: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{quote(name)}"))


def _with_login(dsn: str, name: str, role: str, password: str) -> str:
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password)}@{host}", path=f"/{quote(name)}"))


def database_name(dsn: str) -> str:
    """The database a connection URL names."""
    return unquote(urlsplit(dsn).path.lstrip("/"))

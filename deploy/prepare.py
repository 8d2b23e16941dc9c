"""One-shot before migrating: the database with its two roles, and the bucket for files. Running it again changes nothing
but the passwords, so that a new one in the environment is enough to change it. `python -m deploy.prepare`

Needs DATABASE_ADMIN_URL (a login that may create roles and databases), DATABASE_OWNER_URL and DATABASE_URL, whose roles
and passwords it makes true; and the S3_ settings, if files are kept there.
"""

from __future__ import annotations

import os
import sys
from urllib.parse import unquote, urlsplit

from awarding.launcher import LauncherError
from awarding.launcher.database import database_name, prepare_database

ENDINGS = {"DATABASE_OWNER_URL": "_owner", "DATABASE_URL": "_app"}


def prepare() -> None:
    """Database and bucket; LauncherError names the variable that is missing or unusable."""
    prepare_roles(
        _required("DATABASE_ADMIN_URL"), owner_url=_required("DATABASE_OWNER_URL"), app_url=_required("DATABASE_URL")
    )
    if os.environ.get("S3_BUCKET"):
        make_bucket(os.environ["S3_BUCKET"])


def prepare_roles(admin_url: str, *, owner_url: str, app_url: str) -> None:
    """Makes the database that both URLs name, and their roles with the passwords they carry."""
    name = database_name(app_url)
    passwords, prefixes = [], set()
    for variable, url in (("DATABASE_OWNER_URL", owner_url), ("DATABASE_URL", app_url)):
        parts = urlsplit(url)
        role, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not role.endswith(ENDINGS[variable]) or database_name(url) != name:
            raise LauncherError(f"{variable}: the role's name must end in {ENDINGS[variable]}, both on one database.")
        if len(password) < 20:
            raise LauncherError(
                f"{variable}: give its role a password of at least 20 characters (openssl rand -hex 32)."
            )
        prefixes.add(role.removesuffix(ENDINGS[variable]))
        passwords.append(password)
    if len(prefixes) != 1:
        raise LauncherError("DATABASE_OWNER_URL and DATABASE_URL: call the roles NAME_owner and NAME_app.")
    prepare_database(admin_url, name, roles=prefixes.pop(), passwords=(passwords[0], passwords[1]))
    print(f"The database {name} has its roles.")


def make_bucket(name: str) -> None:
    """Makes the bucket unless it is there."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    client = boto3.client(
        "s3",
        endpoint_url=os.environ.get("S3_ENDPOINT_URL") or None,
        aws_access_key_id=os.environ.get("S3_ACCESS_KEY") or None,
        aws_secret_access_key=os.environ.get("S3_SECRET_KEY") or None,
        region_name=os.environ.get("S3_REGION") or "us-east-1",
        config=Config(s3={"addressing_style": "path"}, connect_timeout=10, retries={"max_attempts": 8}),
    )
    try:
        client.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"404", "NoSuchBucket"}:
            raise LauncherError(f"The file store refuses the bucket {name}: {error}") from error
        client.create_bucket(Bucket=name)
    print(f"The bucket {name} is there.")


def _required(variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise LauncherError(f"{variable} is not set. See docs/how-to/deploy.md.")
    return value


if __name__ == "__main__":
    try:
        prepare()
    except LauncherError as error:
        sys.exit(str(error))

"""Starts what the portal needs on a machine where nothing is installed.

Only the standard library may be imported at the top of these modules (psycopg2 inside functions): the first of
them runs before the virtual environment exists, and `manage.py` passes through `servers` on every command.
"""


class LauncherError(Exception):
    """Something the person at the keyboard can put right; the text says what, where and how."""

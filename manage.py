#!/usr/bin/env python3
"""Django's command line; the embedded servers are started when no others are named."""

import os
import sys


def main() -> None:
    # A variable that is set to nothing names no settings, just as one that is not set.
    os.environ["DJANGO_SETTINGS_MODULE"] = os.environ.get("DJANGO_SETTINGS_MODULE") or "awarding.settings"
    try:
        from django.core.management import execute_from_command_line

        from awarding.launcher import LauncherError, servers
    except ImportError as error:
        sys.exit(f"{error}.\nRun `make setup` once, then use .venv/bin/python manage.py ...")
    try:
        servers.prepare_command(sys.argv)
    except LauncherError as error:
        sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

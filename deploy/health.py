"""What the containers' health checks ask: `python -m deploy.health web|worker|beat`. Exit status 0 means healthy."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request

# Beat writes down when it last sent something every few minutes.
BEAT_SILENCE = "10 minutes"


def check_web() -> bool:
    """/healthz as the proxy would ask for it."""
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip()
    request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})  # noqa: S310 - our own
    with urllib.request.urlopen(request, timeout=8) as answer:  # noqa: S310
        return bool(answer.status == 200)


def check_worker() -> bool:
    """This container's own worker answers through the broker."""
    node = f"celery@{socket.gethostname()}"
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "awarding", "inspect", "ping", "-d", node, "-t", "8"]
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0


def check_beat() -> bool:
    """Something was sent lately, as the database knows."""
    import psycopg2

    with psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=5) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(last_run_at) > now() - %s::interval FROM django_celery_beat_periodictask", [BEAT_SILENCE]
        )
        row = cursor.fetchone()
        return bool(row and row[0])


if __name__ == "__main__":
    checks = {"web": check_web, "worker": check_worker, "beat": check_beat}
    sys.exit(0 if checks[sys.argv[1]]() else 1)

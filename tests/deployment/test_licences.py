"""Nothing that the image installs is under a licence that we could not pass on (docs/decisions/0002-dependencies.md)."""

from __future__ import annotations

import importlib.metadata
import re

import pytest

from deploy.runtime_requirements import runtime_lock
from tests.deployment.compose import ROOT

PERMISSIVE = re.compile(
    r"MIT|BSD|Apache|PSF|Python Software Foundation|Zlib|0BSD|CC0|ISC|HPND|Dual License", re.IGNORECASE
)
# Weak copyleft, used as unchanged libraries; each is named in the decision.
WEAK = {"psycopg2-binary", "python-crontab", "pyphen", "certifi"}


def licence_of(name: str) -> str:
    facts = importlib.metadata.metadata(name)
    classifiers = [c for c in facts.get_all("Classifier") or [] if c.startswith("License")]
    return " ".join([facts.get("License-Expression") or (facts.get("License") or "")[:1200], *classifiers])


def installed() -> list[str]:
    names = re.findall(r"^([A-Za-z0-9_.-]+)==", runtime_lock((ROOT / "requirements.lock").read_text()), re.MULTILINE)
    return [name for name in names if next(iter(importlib.metadata.distributions(name=name)), None)]


@pytest.mark.parametrize("name", installed())
def test_the_licence_is_one_we_can_pass_on(name: str) -> None:
    licence = licence_of(name)
    if name in WEAK:
        assert f"**{name.removesuffix('-binary')}**" in (ROOT / "docs/decisions/0002-dependencies.md").read_text()
    else:
        assert PERMISSIVE.search(licence), licence
        assert not re.search(r"\bA?GPL|General Public", licence), licence


def test_a_tool_under_the_gpl_would_be_noticed() -> None:
    """The negative: djlint, which is not part of the image."""
    assert re.search(r"\bA?GPL|General Public", licence_of("djlint"))
    assert "djlint" not in installed()

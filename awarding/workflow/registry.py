"""Every workflow of the installed apps, found in their workflow.py: for pages and tests that show them all."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from awarding.workflow.table import Workflow


@cache
def workflows() -> tuple[Workflow, ...]:
    """The workflows by name. An app needs to do no more than keep its table in workflow.py."""
    found: dict[str, Workflow] = {}
    for config in apps.get_app_configs():
        if config.module is None or not module_has_submodule(config.module, "workflow"):
            continue
        module = import_module(f"{config.name}.workflow")
        found |= {value.name: value for value in vars(module).values() if isinstance(value, Workflow)}
    return tuple(found[name] for name in sorted(found))


def workflow_of(target_type: str) -> Workflow | None:
    """The table of a kind of row ("mitigations.claim"), by the name that its model gives; None for rows without one."""
    try:
        name = getattr(apps.get_model(target_type), "workflow_name", None)
    except (LookupError, ValueError):
        return None
    return next((workflow for workflow in workflows() if workflow.name == name), None)

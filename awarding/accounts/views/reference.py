"""Who can do what: the tables of roles and of moves, as everybody may read them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from awarding.accounts.audience import public
from awarding.accounts.roles import AO_ROLES, PERMISSIONS, SECOND_FACTOR_ROLES, Permission, Role, who_can_do_what
from awarding.workflow.registry import workflows
from awarding.workflow.table import Text


@dataclass(frozen=True)
class MoveRow:
    """One move of a workflow as people read it: from where, to where, who makes it."""

    label: Text
    sources: list[Text]
    target: Text
    roles: list[Role]
    by_process: bool
    needs_reason: bool


@public
def who_can_do_what_page(request: HttpRequest) -> HttpResponse:
    """Both tables are read from what decides: nothing is written twice."""
    tables = []
    for workflow in workflows():
        rows = [
            MoveRow(
                move.label,
                [workflow.state(name).label for name in move.sources],
                workflow.state(move.target).label,
                [role for role in Role if move.permission in PERMISSIONS[role]],
                move.by_process,
                move.needs_reason,
            )
            for move in workflow.transitions
        ]
        tables.append((workflow, rows))
    roles = [
        (role, role in AO_ROLES, role in SECOND_FACTOR_ROLES, [p.label for p in Permission if p in PERMISSIONS[role]])
        for role in Role
    ]
    context = {
        "heading": _("Who can do what"), "roles": roles, "columns": list(Role), "rows": who_can_do_what(), "tables": tables
    }  # fmt: skip
    return render(request, "accounts/who_can_do_what.html", context)

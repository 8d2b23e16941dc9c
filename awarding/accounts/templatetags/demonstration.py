"""What the sign-in pages of a demonstration show besides the form. Loaded by those pages only."""

from __future__ import annotations

from django import template

from awarding.accounts.demonstration import DemoGroup, list_demo_people, waiting_code

register = template.Library()


@register.simple_tag
def demo_people() -> list[DemoGroup]:
    """The invented people, by AO. Empty when the portal is no demonstration."""
    return list_demo_people()


@register.simple_tag(takes_context=True)
def waiting_demo_code(context: template.Context) -> str:
    """The code that the person who is half signed in would read from their app, in a demonstration."""
    stage = getattr(context["request"], "_login_stage", None)
    return waiting_code(stage.login.user) if stage is not None else ""

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
    """The code that the person would read from their app, in a demonstration: who is half signed in, or asked once more."""
    request = context["request"]
    stage = getattr(request, "_login_stage", None)
    if stage is not None:
        return waiting_code(stage.login.user)
    return waiting_code(request.user) if request.user.is_authenticated else ""

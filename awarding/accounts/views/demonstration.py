"""The one-click sign-in of a demonstration."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from awarding.accounts.audience import public
from awarding.accounts.demonstration import demonstration_only, sign_in_demo_person
from awarding.accounts.models import User


@public
@demonstration_only
@require_POST
def sign_in_as(request: HttpRequest) -> HttpResponse:
    """Signs in as the demonstration person whose button was pressed."""
    number = request.POST.get("person", "")
    person = get_object_or_404(User, pk=int(number) if number.isdecimal() and len(number) < 18 else 0, is_demo=True)
    sign_in_demo_person(request, person)
    return redirect("my_work")

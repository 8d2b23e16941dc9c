"""Forms of the people page and of invitations."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.accounts.models import User
from awarding.accounts.queries import can_manage, manageable_centres, manageable_roles
from awarding.accounts.roles import AO_ROLES, Role
from awarding.accounts.standing import Standing
from awarding.ui.forms import PortalForm


class CentreField(forms.ModelChoiceField):
    """A centre by name and number."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.number})"


class InviteForm(PortalForm):
    """Whom to invite to what. Offers only roles and centres that the inviter may manage."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=150)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Their own address at work: the account belongs to whoever reads this mailbox."),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    centre = CentreField(queryset=None, label=gettext_lazy("Centre"), required=False)

    def __init__(self, *args: Any, standing: Standing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing = standing
        roles = manageable_roles(standing)
        at_ao = [(role.value, role.label) for role in roles if role in AO_ROLES]
        at_centre = [(role.value, role.label) for role in roles if role not in AO_ROLES]
        groups: list[Any] = [("", _("Choose a role"))]
        groups += [(_("At the awarding organisation"), at_ao)] if at_ao else []
        groups += [(_("At a centre"), at_centre)]
        role, centre = self.fields["role"], self.fields["centre"]
        assert isinstance(role, forms.ChoiceField) and isinstance(centre, CentreField)  # noqa: S101 - narrows the types
        role.choices = groups
        centre.queryset = manageable_centres(standing)
        centre.empty_label = _("Choose a centre")
        if at_ao:
            centre.help_text = _("Only for a role at a centre.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        role, centre = cleaned.get("role"), cleaned.get("centre")
        if not role or "centre" in self.errors:
            return cleaned
        if role in AO_ROLES and centre is not None:
            self.add_error("centre", _("This role is held at the awarding organisation. Leave the centre empty."))
        elif role not in AO_ROLES and centre is None:
            self.add_error("centre", _("Choose the centre at which the role is held."))
        elif not can_manage(self.standing, Role(role), centre.pk if centre else None):
            self.add_error("role", _("You may not give this role there. The awarding organisation's admin can."))
        return cleaned


class EndForm(PortalForm):
    """Ending a role; for one's own, with a tick that says it is meant."""

    confirmed = forms.BooleanField(label=gettext_lazy("Yes, I give up this role of my own"))

    def __init__(self, *args: Any, is_own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_own:
            del self.fields["confirmed"]


class OpenAccountForm(PortalForm):
    """Name and password of somebody invited who has no account yet."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password1 = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "At least 12 characters. Three or four words that nobody would guess are good; a password manager is better."
        ),
    )
    password2 = forms.CharField(
        label=gettext_lazy("Password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords are not the same. Type the second one again."))
        elif first:
            try:
                get_adapter().clean_password(first, user=User(email=self.email, name=cleaned.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return cleaned

"""allauth's forms in the portal's words: labels above the boxes, no placeholders, messages that say what to do."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, tuple[str | Promise, str | Promise, str | Promise]]


class InPortalWords(forms.Form):
    """Gives named fields a label, a hint and what to say when they are left empty."""

    use_required_attribute = False
    words: ClassVar[Words] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.words:
                label, hint, missing = self.words[name]
                field.label, field.help_text = str(label), str(hint)
                field.error_messages["required"] = str(missing)


_EMAIL = (_("E-mail address"), "", _("Enter your e-mail address"))
_PASSWORD = (_("Password"), "", _("Enter your password"))
_NEW_PASSWORD = (
    _("New password"),
    _("At least 12 characters. Three or four words that nobody would guess are good; a password manager is better."),
    _("Enter a new password"),
)
_NEW_AGAIN = (_("New password again"), "", _("Enter the new password a second time"))
_CODE = (
    _("Code"),
    _("Six digits from your authenticator app, or one of your recovery codes."),
    _("Enter the code that your authenticator app shows"),
)


class SignInForm(InPortalWords, account_forms.LoginForm):
    words: ClassVar[Words] = {"login": _EMAIL, "password": _PASSWORD}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What password managers look for, together with "current-password".
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ResetPasswordForm(InPortalWords, account_forms.ResetPasswordForm):
    words: ClassVar[Words] = {"email": _EMAIL}


class ResetPasswordKeyForm(InPortalWords, account_forms.ResetPasswordKeyForm):
    words: ClassVar[Words] = {"password1": _NEW_PASSWORD, "password2": _NEW_AGAIN}


class ChangePasswordForm(InPortalWords, account_forms.ChangePasswordForm):
    words: ClassVar[Words] = {
        "oldpassword": (_("Present password"), "", _("Enter the password you use now")),
        "password1": _NEW_PASSWORD,
        "password2": _NEW_AGAIN,
    }


class SetPasswordForm(InPortalWords, account_forms.SetPasswordForm):
    words: ClassVar[Words] = {"password1": _NEW_PASSWORD, "password2": _NEW_AGAIN}


class ReauthenticateForm(InPortalWords, account_forms.ReauthenticateForm):
    words: ClassVar[Words] = {"password": _PASSWORD}


class AuthenticateForm(InPortalWords, mfa_forms.AuthenticateForm):
    words: ClassVar[Words] = {"code": _CODE}


class ReauthenticateWithCodeForm(InPortalWords, mfa_forms.ReauthenticateForm):
    words: ClassVar[Words] = {"code": _CODE}


class ActivateAppForm(InPortalWords, ActivateTOTPForm):
    words: ClassVar[Words] = {
        "code": (_("Code that the app shows"), _("Six digits. It changes every half minute."), _CODE[2]),
    }


class AddKeyForm(InPortalWords, AddWebAuthnForm):
    words: ClassVar[Words] = {
        "name": (_("Name"), _("So that you know it again, for example “work laptop”."), _("Give it a name")),
        "passwordless": (
            _("Sign in with it alone, without a password"),
            _("The device then asks for its PIN, your fingerprint or your face."),
            "",
        ),
    }


class RenameKeyForm(InPortalWords, EditWebAuthnForm):
    words: ClassVar[Words] = {"name": (_("Name"), "", _("Give it a name"))}

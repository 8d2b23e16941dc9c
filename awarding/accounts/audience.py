"""Every route says whom it is for. The middleware asks; a route that says nothing is not served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from awarding.accounts.roles import Permission

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Audience:
    """Whom a route is for: anybody, anybody signed in, any member of the AO, or holders of one of the permissions."""

    kind: str  # "public" | "signed_in" | "member" | "permission"
    permissions: tuple[Permission, ...] = ()

    def __str__(self) -> str:
        return self.kind if not self.permissions else " or ".join(self.permissions)


PUBLIC = Audience("public")
SIGNED_IN = Audience("signed_in")
MEMBER = Audience("member")


def _declare(audience: Audience) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.audience = audience  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Anybody, signed in or not."""
    return _declare(PUBLIC)(view)


def signed_in(view: View) -> View:
    """Anybody with an account; used where no AO is in the path."""
    return _declare(SIGNED_IN)(view)


def member(view: View) -> View:
    """Anybody who holds any role in the AO of the path."""
    return _declare(MEMBER)(view)


def allowed(*permissions: Permission) -> Callable[[View], View]:
    """Holders of at least one of `permissions` in the AO of the path. Views still check which centre it reaches."""
    return _declare(Audience("permission", permissions))


# Routes of libraries, which cannot carry the mark themselves: by URL name, exact or by prefix ending in "*".
LIBRARY_AUDIENCES: dict[str, Audience] = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_reset_password*": PUBLIC,
    "account_reauthenticate": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "mfa_authenticate": PUBLIC,
    "mfa_trust": PUBLIC,
    "mfa_login_webauthn": PUBLIC,
    "mfa_*": SIGNED_IN,
    "usersessions_list": SIGNED_IN,
    "schema": PUBLIC,
}


def audience_of(view: Any, url_name: str | None) -> Audience | None:
    """The declared audience of a route, or None. Class-based views may declare it on the class."""
    declared = getattr(view, "audience", None) or getattr(getattr(view, "view_class", None), "audience", None)
    declared = declared or getattr(getattr(view, "cls", None), "audience", None)
    if declared is not None or url_name is None:
        return declared
    if url_name in LIBRARY_AUDIENCES:
        return LIBRARY_AUDIENCES[url_name]
    for pattern, audience in LIBRARY_AUDIENCES.items():
        if pattern.endswith("*") and url_name.startswith(pattern[:-1]):
            return audience
    return None

"""Addresses about oneself, outside any AO: sign-in, My work, inbox, account, who can do what."""

from __future__ import annotations

from allauth.account import views as allauth_views
from django.urls import URLPattern, URLResolver, include, path, re_path

from awarding.accounts.views import account, demonstration, invitations, reference, work

# allauth's addresses one by one: only what is explained on a page of ours and declared in audience.py is served.
SIGN_IN: list[URLPattern | URLResolver] = [
    path("login/", allauth_views.login, name="account_login"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("signup/", account.how_to_get_an_account, name="account_signup"),
    path("reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", allauth_views.password_change, name="account_change_password"),
    path("password/set/", allauth_views.password_set, name="account_set_password"),
    path("password/reset/", allauth_views.password_reset, name="account_reset_password"),
    path("password/reset/done/", allauth_views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("second-factor-needed/", account.second_factor_needed, name="second_factor_needed"),
    path("demonstration/", demonstration.sign_in_as, name="demo_sign_in"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", work.my_work, name="my_work"),
    path("accounts/", include(SIGN_IN)),
    path("account/", account.my_account, name="my_account"),
    path("account/keep-alive/", account.keep_alive, name="keep_alive"),
    path("invitations/<str:token>/", invitations.accept, name="invitation"),
    path("who-can-do-what/", reference.who_can_do_what_page, name="who_can_do_what"),
    path("inbox/", include("awarding.notices.urls")),
]

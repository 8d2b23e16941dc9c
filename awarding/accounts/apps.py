from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "awarding.accounts"
    label = "accounts"

    def ready(self) -> None:
        # Connects the audit trail to the sign-in of the libraries.
        from awarding.accounts import sign_in_trail  # noqa: F401

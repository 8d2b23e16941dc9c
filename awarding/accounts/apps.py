from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "awarding.accounts"
    label = "accounts"

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "awarding.tenancy"
    label = "tenancy"

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "awarding.audit"
    label = "audit"

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "awarding.workflow"
    label = "workflow"

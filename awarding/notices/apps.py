from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "awarding.notices"
    label = "notices"

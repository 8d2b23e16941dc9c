from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "awarding.files"
    label = "files"

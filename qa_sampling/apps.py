from django.apps import AppConfig


class QaSamplingConfig(AppConfig):
    name = "qa_sampling"

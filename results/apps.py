from django.apps import AppConfig


class ResultsConfig(AppConfig):
    name = "results"

    def ready(self) -> None:
        import results.worklist  # noqa: F401 - registers what it puts on My work

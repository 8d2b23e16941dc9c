from django.apps import AppConfig


class ResultsConfig(AppConfig):
    name = "results"

    def ready(self) -> None:
        import results.services.qtags  # noqa: F401 - follows the reopening of Q-TAGs
        import results.worklist  # noqa: F401 - registers what it puts on My work

from django.apps import AppConfig


class ResultsConfig(AppConfig):
    name = "results"

    def ready(self) -> None:
        # Follows the reopening of Q-TAGs; registers what it puts on My work and on a claim's page, and when results were issued.
        import results.services.qtags  # noqa: F401
        from results import parts, retention, worklist  # noqa: F401

from django.apps import AppConfig


class MitigationsConfig(AppConfig):
    name = "mitigations"

    def ready(self) -> None:
        # Registers what waits for whom, and what pages of the ground show.
        from mitigations import charts, panels, prospects, worklist  # noqa: F401

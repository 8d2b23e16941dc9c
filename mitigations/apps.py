from django.apps import AppConfig


class MitigationsConfig(AppConfig):
    name = "mitigations"

    def ready(self) -> None:
        from mitigations import panels, prospects, worklist  # noqa: F401 - registers what waits for whom, and what a page shows

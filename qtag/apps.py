from django.apps import AppConfig


class QtagConfig(AppConfig):
    name = "qtag"

    def ready(self) -> None:
        # Registers what waits for whom.
        from qtag import worklist  # noqa: F401

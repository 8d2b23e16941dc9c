from django.apps import AppConfig


class CentresConfig(AppConfig):
    name = "centres"

    def ready(self) -> None:
        # Registers what waits for people, and what can be asked about.
        from centres import references, worklist  # noqa: F401

from django.apps import AppConfig


class CentresConfig(AppConfig):
    name = "centres"

    def ready(self) -> None:
        from centres import worklist  # noqa: F401  registers what waits for people

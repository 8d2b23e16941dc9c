from django.apps import AppConfig


class QtagConfig(AppConfig):
    name = "qtag"

    def ready(self) -> None:
        # Registers what waits for whom, what stands on a qualification's page, and what holds evidence.
        from qtag import panels, worklist, worklist_sense  # noqa: F401
        from qtag.queries import holds  # noqa: F401

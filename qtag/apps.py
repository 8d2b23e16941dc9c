from django.apps import AppConfig


class QtagConfig(AppConfig):
    name = "qtag"

    def ready(self) -> None:
        # Registers what waits for whom, and what stands on a qualification's page.
        from qtag import panels, worklist, worklist_sense  # noqa: F401

from django.apps import AppConfig


class QtagConfig(AppConfig):
    name = "qtag"

    def ready(self) -> None:
        # Registers what waits for whom, what stands on a qualification's page, what adopting a framework means for what is begun,
        # and what holds evidence.
        from qtag import consequences, panels, worklist, worklist_sense  # noqa: F401
        from qtag.queries import holds  # noqa: F401

from django.apps import AppConfig


class MitigationsConfig(AppConfig):
    name = "mitigations"

    def ready(self) -> None:
        # Registers what waits for whom, and what pages of the ground show.
        from mitigations import (  # noqa: F401
            charts,
            consequences,
            due,
            panels,
            prospects,
            references,
            worklist,
            worklist_component_tags,
            worklist_impact,
            worklist_objections,
            worklist_sizes,
        )

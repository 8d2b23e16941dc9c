from django.apps import AppConfig


class QaSamplingConfig(AppConfig):
    name = "qa_sampling"

    def ready(self) -> None:
        # Registers what it puts on My work and on a claim's page.
        from qa_sampling import parts, worklist  # noqa: F401

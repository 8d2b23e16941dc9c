from django.apps import AppConfig


class QaSamplingConfig(AppConfig):
    name = "qa_sampling"

    def ready(self) -> None:
        import qa_sampling.worklist  # noqa: F401 - registers what it puts on My work

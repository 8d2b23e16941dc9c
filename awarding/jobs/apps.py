from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "awarding.jobs"
    label = "jobs"

    def ready(self) -> None:
        # Binds shared tasks to the portal's own Celery application, also in the web process.
        import awarding.celery  # noqa: F401

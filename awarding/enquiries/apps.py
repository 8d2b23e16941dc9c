from django.apps import AppConfig


class EnquiriesConfig(AppConfig):
    name = "awarding.enquiries"
    label = "enquiries"

    def ready(self) -> None:
        # Registers what waits for whom, what a qualification's page shows, and that a QAN can be asked about.
        from awarding.enquiries import panels, worklist  # noqa: F401

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    """Layouts, form fields, page components and charts: how the portal looks, written once."""

    name = "awarding.ui"
    label = "ui"
    verbose_name = _("Look of the portal")

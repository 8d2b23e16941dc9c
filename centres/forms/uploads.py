"""The form that takes a file of registrations."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import PortalForm, UploadField


class UploadForm(PortalForm):
    """One workbook or CSV file."""

    file = UploadField(label=_("Workbook or CSV file"), kinds=(".xlsx", ".csv"), max_bytes=settings.UPLOAD_MAX_BYTES)

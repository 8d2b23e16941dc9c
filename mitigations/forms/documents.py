"""Uploading an eRAC workbook."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import PortalForm, UploadField


class WorkbookForm(PortalForm):
    """The workbook that comes back."""

    file = UploadField(label=_("The filled-in workbook"), kinds=(".xlsx", ".csv"), max_bytes=settings.UPLOAD_MAX_BYTES)

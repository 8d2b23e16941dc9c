"""Attaching a file to a piece of evidence."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from awarding.files.content import ALLOWED_ENDINGS
from awarding.ui.forms import PortalForm, UploadField


class AttachForm(PortalForm):
    """One file; more are attached one after the other."""

    file = UploadField(
        label=_("File"), kinds=[f".{ending}" for ending in ALLOWED_ENDINGS], max_bytes=settings.EVIDENCE_MAX_BYTES
    )

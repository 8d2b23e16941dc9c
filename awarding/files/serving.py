"""Handing a stored file to somebody whom a view has already checked."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from awarding.files.models import StoredFile

# Shown in the browser; everything else is downloaded. Never HTML or SVG, which could run in the portal's name.
INLINE = {"application/pdf", "image/png", "image/jpeg"}


def open_stored(stored: StoredFile) -> bytes:
    """The bytes of a stored file."""
    with default_storage.open(stored.storage_name, "rb") as handle:
        return handle.read()


def serve_file(stored: StoredFile, *, inline: bool = False) -> FileResponse:
    """A response with the file's bytes, its name and headers that keep a browser from guessing what it is."""
    if stored.erased_at is not None:
        raise Http404(_("The file was deleted after the time it had to be kept: %(name)s") % {"name": stored.name})
    try:
        handle = default_storage.open(stored.storage_name, "rb")
    except FileNotFoundError as error:
        raise Http404(
            _("The file is not in the store. Tell support its name: %(name)s") % {"name": stored.name}
        ) from error
    response = FileResponse(
        handle,
        as_attachment=not (inline and stored.media_type in INLINE),
        filename=stored.name,
        content_type=stored.media_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    return response

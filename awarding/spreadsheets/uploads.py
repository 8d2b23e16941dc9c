"""A table that somebody uploaded: received, checked, loaded or not. What the life of every one has in common.

Who may upload it, what a load does, and whether the file is kept or erased afterwards is each app's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.files.models import StoredFile
from awarding.files.serving import open_stored
from awarding.jobs.models import Job
from awarding.spreadsheets.limits import Limits, UnsafeFileError
from awarding.spreadsheets.reader import Table
from awarding.tenancy.models import TenantModel

#: A file this small is read while the page waits; anything larger is a job.
INLINE_BYTES = 150_000
#: So many faults are kept with an upload and shown; its counts are of all.
KEPT_FAULTS = 1000
# What may be said of a file only because it was to be read at once: the job judges it by the full limits.
_TOO_LARGE_AT_ONCE = {"too_many_rows", "reaches_too_far", "needs_too_much"}


class UploadState(models.TextChoices):
    """Received and checked, nothing stored; then loading and loaded, or set aside. What cannot be read is refused."""

    RECEIVED = "received", gettext_lazy("Being checked")
    CHECKED = "checked", gettext_lazy("Checked: ready to load")
    REFUSED = "refused", gettext_lazy("Cannot be read")
    LOADING = "loading", gettext_lazy("Loading")
    LOADED = "loaded", gettext_lazy("Loaded")
    DISCARDED = "discarded", gettext_lazy("Discarded")


_COLOURS = {
    UploadState.RECEIVED: "blue", UploadState.CHECKED: "yellow", UploadState.REFUSED: "red", UploadState.LOADING: "blue",
    UploadState.LOADED: "green", UploadState.DISCARDED: "grey",
}  # fmt: skip


class UploadedTable(TenantModel):
    """One uploaded workbook or CSV file. A model of it adds `file` and `job`, which may be None, and whose it is.

    counts  {"read", "loaded", "updated", "unchanged", "refused", "faults"}: what a load did, or would do while it is checked
    faults  [{"sheet", "cell", "code", "value", "message", "fix", "severity", "row"}], the first thousand
    """

    State = UploadState

    state = models.CharField(max_length=10, choices=UploadState.choices, default=UploadState.RECEIVED)
    counts: Any = models.JSONField(default=dict)
    faults: Any = models.JSONField(default=list)
    refusal = models.TextField(blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    file: StoredFile
    job: Job | None

    class Meta:
        abstract = True

    @property
    def has_rows_to_load(self) -> bool:
        """Whether a load would store anything."""
        return bool(self.counts.get("loaded") or self.counts.get("updated"))

    @property
    def shown_state(self) -> str:
        """The state in words; a checked file of which nothing can be loaded is not called ready."""
        if self.state == UploadState.CHECKED and not self.has_rows_to_load:
            return _("Checked: nothing to load")
        return str(UploadState(self.state).label)

    @property
    def colour(self) -> str:
        """Of the tag that says the state."""
        return _COLOURS[UploadState(self.state)]

    @property
    def is_working(self) -> bool:
        """A job reads it, or loads it."""
        return self._has_begun and self.job is not None and self.job.is_open

    @property
    def is_stuck(self) -> bool:
        """Its job ended without having done it; nothing half-done was kept."""
        return self._has_begun and self.job is not None and not self.job.is_open

    @property
    def waits_for_load(self) -> bool:
        """Checked, or its load stopped: it can be loaded, again or for the first time, if there is anything in it."""
        return self.state == UploadState.CHECKED or (self.state == UploadState.LOADING and self.is_stuck)

    @property
    def _has_begun(self) -> bool:
        return self.state in (UploadState.RECEIVED, UploadState.LOADING)


def read_at_once(read: Callable[..., Table], stored: StoredFile, rows: int) -> Table | None:
    """The table of a small file, read while the page waits; None when it turned out larger than it looked, which is for a job.

    Raises UnsafeFileError for whatever the full limits would refuse, too.
    """
    limits = replace(Limits(), rows=rows + 40, child_cpu_seconds=10, child_wall_seconds=15.0)
    try:
        return read(open_stored(stored), limits=limits)
    except UnsafeFileError as error:
        if error.code in _TOO_LARGE_AT_ONCE:
            return None
        raise

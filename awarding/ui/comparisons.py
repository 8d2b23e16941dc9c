"""The page on which a workbook that came back is looked at: what it would change, whose value stands, what cannot be read.

Shown with `components/workbook_comparison.html`; the upload has the fields of `ReturnedWorkbook`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from awarding.spreadsheets.comparison import Change, change_name, conflicts
from awarding.ui.forms import PortalForm, UploadField

if TYPE_CHECKING:
    from awarding.files.returned import ReturnedWorkbook

CHANGES_SHOWN = 2000
CONFLICTS_PER_PAGE = 50


class WorkbookForm(PortalForm):
    """The workbook that comes back."""

    file = UploadField(
        label=gettext_lazy("The filled-in workbook"), kinds=(".xlsx", ".csv"), max_bytes=settings.UPLOAD_MAX_BYTES
    )


def posted_choices(posted: Mapping[str, str]) -> dict[str, str]:
    """Which side stands, by "row key:column"."""
    return {name.removeprefix("choice:"): str(posted[name]) for name in posted if name.startswith("choice:")}


def page_of_next_open(changes: list[Change]) -> int:
    """The page with the first conflict that nobody has decided; the first when all are."""
    place = _first_open(conflicts(changes))
    return 1 if place is None else place // CONFLICTS_PER_PAGE + 1


def choices_kept(still_open: int) -> str:
    """What is said when choices were kept and nothing was applied."""
    if not still_open:
        return _("Saved. Every cell is decided; apply the changes when you are ready.")
    text = ngettext("Saved. %(count)s cell is still open.", "Saved. %(count)s cells are still open.", still_open)
    return text % {"count": still_open}


def _first_open(found: list[Change]) -> int | None:
    return next((place for place, change in enumerate(found) if not change.get("choice")), None)


def comparison_context(
    upload: ReturnedWorkbook, *, page: str | None, may_apply: bool, back_url: str, title_heading: str, trouble: str = ""
) -> dict[str, Any]:
    """What the component shows; with `trouble`, at the first conflict that is still open.

    `title_heading` heads the column that says which of a learner's cells it is.
    """
    found = conflicts(upload.changes)
    plain = [change for change in upload.changes if change["theirs"] is None]
    place = _first_open(found) if trouble else None
    shown = Paginator(found, CONFLICTS_PER_PAGE).get_page(page if place is None else place // CONFLICTS_PER_PAGE + 1)
    for change in shown:
        change["name"] = change_name(change)
        change["since"] = dt.datetime.fromisoformat(change["theirs_at"]) if change.get("theirs_at") else None
    anchor = "upload-apply" if place is None else f"w-{change_name(found[place])}"
    return {
        "upload": upload, "conflicts": found, "page_obj": shown if found else None, "title_heading": title_heading,
        "changes": plain[:CHANGES_SHOWN], "more": max(len(plain) - CHANGES_SHOWN, 0), "faults": upload.faults[:CHANGES_SHOWN],
        "errors": [(trouble, anchor)] if trouble else [], "has_errors": trouble,
        "may_apply": upload.state == upload.State.CHECKED and may_apply, "back_url": back_url,
    }  # fmt: skip

"""How long a claim may stay in one place before it counts as stuck (CLM-13)."""

from __future__ import annotations

# Days by state, where an AO sets nothing: no source gives figures. A draft is the centre's own affair.
DEFAULT_DAYS: dict[str, int | None] = {
    "drafted": None,
    "with_iv": 5,
    "queued": 14,
    "approved_in_principle": 35,
    "returned": 28,
    "unallocated": 7,
    "allocated": 28,
    "with_dcv": 10,
    "verified": 7,
}
MOST_DAYS = 365

"""What one run learnt about an awarding organisation: stored, versioned, and enough to repeat any row's numbers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from qtag.sense_check.counts import METHOD_VERSION, Floats, Integers, SenseCheckError
from qtag.sense_check.scale import Scales


@dataclass(frozen=True, slots=True)
class Calibration:
    """Hyper-parameters of one run. Nothing here belongs to a single row, and a row needs nothing else of other centres.

    settings_digest  which settings and which version of the method it was made under
    strata           (strata,) numbers, rising; the next five go with them
    cut_points       (strata, grades - 1) where the latent scale is cut into grades; no columns for volumes and pools
    past_shift       (strata, series) shift of each past series, in learner SDs
    shift, shift_variance  (strata, 2) shift of this year and what is unknown of it; second column: rows on stand-in series
    overall_*        the same for a stratum that the run had not seen
    separated        False: too few centres to tell the shift of the year from the centres' own
    spread, types    how groups vary about their centre; (types,) shares of volatilities over all centres
    classes, class_types  (classes,) numbers of classes of like centres; (classes, types) shares
    tail             this year's bulk is this much wider than past years explain; at least 1
    cuts             (size classes,) a row is flagged when p <= cut x confidence
    """

    settings_digest: str
    strata: Integers
    cut_points: Floats
    past_shift: Floats
    shift: Floats
    shift_variance: Floats
    overall_cut_points: Floats
    overall_past_shift: Floats
    overall_shift: Floats
    overall_shift_variance: Floats
    separated: bool
    spread: float
    types: Floats
    classes: Integers
    class_types: Floats
    tail: float
    cuts: Floats

    def as_data(self) -> dict[str, Any]:
        """For JSON; numbers come back to the last bit."""
        data: dict[str, Any] = {"method": METHOD_VERSION}
        for field in fields(self):
            value = getattr(self, field.name)
            data[field.name] = value.tolist() if isinstance(value, np.ndarray) else value
        return data

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Calibration:
        """Read what ``as_data`` wrote; refuses what another version of the method wrote."""
        if data.get("method") != METHOD_VERSION:
            raise SenseCheckError(
                f"This calibration was made by version {data.get('method')} of the method, this is version"
                f" {METHOD_VERSION}. Run the whole check again."
            )
        values = {}
        for field in fields(cls):
            value = data[field.name]
            if field.name in {"strata", "classes"}:
                value = np.array(value, dtype=np.int64)
            elif isinstance(value, list):
                value = np.array(value, dtype=np.float64)
            values[field.name] = value
        # An empty table loses its width on the way through JSON.
        for name, width in (
            ("past_shift", len(values["overall_past_shift"])),
            ("class_types", len(values["types"])),
            ("cut_points", len(values["overall_cut_points"])),
        ):
            # Nor can reshape tell the length of a table without width.
            values[name] = values[name].reshape(-1 if width else len(values["strata"]), width)
        for name in ("shift", "shift_variance"):
            values[name] = values[name].reshape(-1, 2)
        return cls(**values)

    @property
    def version(self) -> str:
        """Digest of every number in it: two runs with the same version give the same numbers for the same rows."""
        return hashlib.sha256(json.dumps(self.as_data(), sort_keys=True).encode()).hexdigest()[:16]

    def places(self, stratum: Integers) -> tuple[Integers, Any]:
        """Where each row's stratum stands in ``strata``, and whether it is there at all."""
        return _find(self.strata, stratum)

    def scales_for(self, stratum: Integers) -> Scales:
        """The scale of each row; a stratum that the run had not seen gets evenly cut grades."""
        place, known = self.places(stratum)
        cuts = np.concatenate([self.cut_points, self.overall_cut_points[None, :]])
        return Scales(cuts, np.where(known, place, len(cuts) - 1))

    def types_for(self, like: Integers) -> Floats:
        """(rows, types) shares of volatilities among like centres."""
        place, known = _find(self.classes, like)
        if not len(self.classes):
            return np.broadcast_to(self.types, (len(like), len(self.types)))
        return np.where(known[:, None], self.class_types[place], self.types)


def _find(numbers: Integers, wanted: Integers) -> tuple[Integers, Any]:
    if not len(numbers):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=bool)
    place = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    return place, numbers[place] == wanted

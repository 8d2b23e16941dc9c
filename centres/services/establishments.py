"""The national list of establishments: public facts, nobody's tenant rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from centres.models import Establishment


class EstablishmentRow(NamedTuple):
    """One line of a public list."""

    urn: str
    name: str
    type: str
    local_authority: str


@transaction.atomic
def load_establishments(rows: Sequence[EstablishmentRow]) -> dict[str, int]:
    """Stores establishments by URN; the same list twice changes nothing. Answers {"loaded", "updated", "unchanged"}.

    A URN that stands twice in the list counts as its last line says.
    """
    wanted = {row.urn: row for row in rows}
    stored = {place.urn: place for place in Establishment.objects.filter(urn__isnull=False)}
    new, changed = [], []
    for urn, row in wanted.items():
        place = stored.get(urn)
        if place is None:
            new.append(Establishment(**row._asdict()))
        elif (place.name, place.type, place.local_authority) != row[1:]:
            place.name, place.type, place.local_authority = row[1:]
            changed.append(place)
    Establishment.objects.bulk_create(new, batch_size=2000)
    Establishment.objects.bulk_update(changed, ["name", "type", "local_authority"], batch_size=1000)
    return {"loaded": len(new), "updated": len(changed), "unchanged": len(wanted) - len(new) - len(changed)}

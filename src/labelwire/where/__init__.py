"""Which tasks are meant, as Python writes conditions.

    from labelwire import F

    client.tasks.list(project=1, where=(F.predictions_score < 0.4) & F.data.city.contains("Oslo"))

`where=` stands wherever `filters=` does.
"""

from __future__ import annotations

from .columns import Column, Columns, DataColumn, F
from .condition import Condition, filters_from

__all__ = ["Column", "Columns", "Condition", "DataColumn", "F", "filters_from"]

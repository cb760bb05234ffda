"""Writes under every fault: applied once, and never twice by the client's doing."""

from __future__ import annotations

import pytest

from .conftest import Played
from .jobs import Create, Delete, Update
from .table import Row, rows


@pytest.mark.parametrize("row", rows(Create, Update, Delete), ids=str)
def test_under_a_fault(row: Row, played: Played) -> None:
    played(row)

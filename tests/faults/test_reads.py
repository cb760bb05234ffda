"""Reads and listings under every fault: whole, or an error."""

from __future__ import annotations

import pytest

from .conftest import Played
from .jobs import List, Read
from .table import Row, rows


@pytest.mark.parametrize("row", rows(Read, List), ids=str)
def test_under_a_fault(row: Row, played: Played) -> None:
    played(row)

"""Imports under every fault: all of it once with its ids, or an error and nothing."""

from __future__ import annotations

import pytest

from .conftest import Played
from .jobs import Import
from .table import Row, rows


@pytest.mark.parametrize("row", rows(Import), ids=str)
def test_under_a_fault(row: Row, played: Played) -> None:
    played(row)

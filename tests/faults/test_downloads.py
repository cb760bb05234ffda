"""Downloads under every fault: the whole file, or an error and the folder as it was."""

from __future__ import annotations

import pytest

from .conftest import Played
from .jobs import Download
from .table import Row, rows


@pytest.mark.parametrize("row", rows(Download), ids=str)
def test_under_a_fault(row: Row, played: Played) -> None:
    played(row)

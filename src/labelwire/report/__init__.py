"""The report of a project: one HTML file that needs nothing else, works offline and can be printed.

from labelwire.report import Contents

Contents("export.json", config="config.xml", title="Beasts").write("report.html")
"""

from __future__ import annotations

from .writing import Contents

__all__ = ["Contents"]

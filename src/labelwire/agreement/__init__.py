"""How far annotators agree, without a server's help.

from labelwire import agreement

found = agreement.measure("export.json", config="config.xml")
print(found)
found.controls["box"].iou
found.to_pandas()
"""

from __future__ import annotations

from .measuring import measure
from .result import Agreement, ControlAgreement, LabelAgreement, PairAgreement, TaskAgreement

__all__ = ["Agreement", "ControlAgreement", "LabelAgreement", "PairAgreement", "TaskAgreement", "measure"]

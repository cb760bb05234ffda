"""Predictions from what models give: ultralytics, supervision, transformers pipelines and spaCy.

    from labelwire.model_outputs import prediction_of

    prediction_of(model("cat.jpg"), config, model_version="yolo11n")

None of these packages is imported: an output is known by what it has.
"""

from __future__ import annotations

from .building import Reading, prediction_of

__all__ = ["Reading", "prediction_of"]

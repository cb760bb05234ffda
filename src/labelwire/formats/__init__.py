"""From annotations to training data and back.

from labelwire import formats

report = formats.convert("export.json", "coco", "dataset", config="config.xml")
print(report)  # what was written, and what was left out and why

found = formats.read("dataset")  # the format is seen by itself
found.config  # a labeling configuration for it
for task in found.tasks():  # as Label Studio imports them
    ...
"""

from __future__ import annotations

from .choosing import Which
from .converting import Conversion, convert
from .dataset import Dataset, read
from .frames import to_arrow, to_datasets, to_pandas, to_polars
from .model import Annotation, Media, Region, Relation, Reply, Sample
from .registry import FORMATS, Format
from .report import LeftOut, Report
from .schema import Schema

__all__ = [
    "FORMATS",
    "Annotation",
    "Conversion",
    "Dataset",
    "Format",
    "LeftOut",
    "Media",
    "Region",
    "Relation",
    "Reply",
    "Report",
    "Sample",
    "Schema",
    "Which",
    "convert",
    "read",
    "to_arrow",
    "to_datasets",
    "to_pandas",
    "to_polars",
]

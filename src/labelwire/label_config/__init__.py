"""Labeling configurations: read them, build them, check results against them, make results from pixels and offsets.

from labelwire import label_config as lc

config = lc.image(boxes=["Cat", "Dog"], choices={"weather": ["sun", "rain"]})
cat = config["box"].box(10, 20, 100, 50, label="Cat", image_size=(640, 480))
config.check([cat, config["weather"].choose("sun")])
str(config)  # the XML
"""

from __future__ import annotations

from .answers import offset_in, position_in, relation
from .build import audio, html, image, pairwise, paragraphs, ranking, table, text, time_series, video
from .config import LabelConfig
from .labels import Label
from .parts import Control, ObjectTag
from .pixels import box_of, corners_of, ellipse_of, mask_of, points_of, span_of
from .problem import Problem
from .rle import decode as decode_rle
from .rle import encode as encode_rle
from .tags import Comment, Tag

parse = LabelConfig.parse

__all__ = [
    "Comment",
    "Control",
    "Label",
    "LabelConfig",
    "ObjectTag",
    "Problem",
    "Tag",
    "audio",
    "box_of",
    "corners_of",
    "decode_rle",
    "ellipse_of",
    "encode_rle",
    "html",
    "image",
    "mask_of",
    "offset_in",
    "pairwise",
    "paragraphs",
    "parse",
    "points_of",
    "position_in",
    "ranking",
    "relation",
    "span_of",
    "table",
    "text",
    "time_series",
    "video",
]

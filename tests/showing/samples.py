"""A task of many kinds, as Label Studio exports it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np

from labelwire.label_config import LabelConfig

CONFIG = """
<View>
  <Image name="img" value="$image"/>
  <RectangleLabels name="box" toName="img">
    <Label value="Cat" background="#ff0000"/><Label value="Dog"/>
  </RectangleLabels>
  <EllipseLabels name="round" toName="img"><Label value="Moon" background="#00ff00"/></EllipseLabels>
  <BrushLabels name="brush" toName="img"><Label value="Sky" background="#0000ff"/></BrushLabels>
  <KeyPointLabels name="dot" toName="img"><Label value="Eye" background="#ffff00"/></KeyPointLabels>
  <Text name="txt" value="$text"/>
  <Labels name="who" toName="txt"><Label value="PER"/><Label value="ORG"/></Labels>
  <Audio name="snd" value="$audio"/>
  <Labels name="part" toName="snd"><Label value="speech"/></Labels>
  <Choices name="mood" toName="txt"><Choice value="good"/><Choice value="bad"/></Choices>
</View>
"""

SIZE = (400, 200)
TEXT = "Ada 😀 Lovelace & <b>sons</b> of London"


def image(width: int = 400, height: int = 200, kind: str = "PNG") -> bytes:
    """A grey image file."""
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (width, height), (128, 128, 128)).save(out, kind)
    return out.getvalue()


def region(name: str, kind: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A region on the image."""
    size = {"original_width": SIZE[0], "original_height": SIZE[1]}
    return {"id": f"{name}-{kind}", "from_name": name, "to_name": "img", "type": kind, "value": value, **size, **more}


def box(x: float, y: float, width: float, height: float, label: str = "Cat", rotation: float = 0, **more: Any) -> Any:
    """A box, in percent."""
    place = {"x": x, "y": y, "width": width, "height": height, "rotation": rotation}
    return region("box", "rectanglelabels", {**place, "rectanglelabels": [label]}, **more)


def brush() -> Any:
    """A mask over the image's lower right quarter."""
    mask = np.zeros((SIZE[1], SIZE[0]), np.bool_)
    mask[100:, 200:] = True
    made: dict[str, Any] = LabelConfig.parse(CONFIG)["brush"].mask(mask, label="Sky")
    return {**made, "id": "sky"}


def task(*results: Any, **data: Any) -> dict[str, Any]:
    """A task with one annotation."""
    return {
        "id": 7,
        "data": {"image": "/data/a.png", "text": TEXT, "audio": "/data/a.wav", **data},
        "annotations": [{"id": 3, "completed_by": 1, "lead_time": 12.0, "result": list(results)}],
    }


def span(start: int, end: int, label: str, text: str, id: str) -> dict[str, Any]:
    """A span, by offsets in UTF-16 units, as the editor counts."""
    value = {"start": start, "end": end, "text": text, "labels": [label]}
    return {"id": id, "from_name": "who", "to_name": "txt", "type": "labels", "value": value}

"""A conversion on an engine for many machines writes what it writes on one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dask.bag
import pytest
from dask.base import compute
from dask.delayed import delayed

from labelwire import formats

CONFIG = """
<View>
  <Image name="img" value="$image"/>
  <RectangleLabels name="box" toName="img"><Label value="Cat"/><Label value="Dog"/></RectangleLabels>
</View>
"""


def task(number: int) -> dict[str, Any]:
    """A task with one box; every third one shows a file of the same name, every seventh was not labeled."""
    box = {"x": number % 50, "y": 10, "width": 20, "height": 30, "rotation": 0, "rectanglelabels": ["Cat"]}
    region = {"id": "a", "from_name": "box", "to_name": "img", "type": "rectanglelabels", "value": box}
    result = [{**region, "original_width": 640, "original_height": 480}]
    name = "same.jpg" if number % 3 == 0 else f"image-{number}.jpg"
    annotations = [] if number % 7 == 0 else [{"id": number, "result": result}]
    return {"id": number, "data": {"image": f"/data/upload/1/{number:08x}-{name}"}, "annotations": annotations}


def files(folder: Path) -> dict[str, bytes]:
    """All that is in a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("format", ["json", "coco", "yolo", "voc", "csv"])
def test_dask_writes_the_same_files(format: str, tmp_path: Path) -> None:
    tasks = [task(number) for number in range(1, 61)]
    for start in range(0, 60, 20):
        lines = "".join(json.dumps(one) + "\n" for one in tasks[start : start + 20])
        (tmp_path / f"export-{start:02}.jsonl").write_text(lines)

    conversion = formats.Conversion(format, config=CONFIG, split={"train": 0.5, "val": 0.5})
    lines_of = dask.bag.read_text(str(tmp_path / "export-*.jsonl")).map(str.encode).to_delayed()
    with dask.config.set(scheduler="processes", num_workers=2):
        heads = compute(*[delayed(conversion.heads)(some) for some in lines_of])
        plans = conversion.plan(heads)
        parts = compute(*[delayed(conversion.part)(some, plan) for some, plan in zip(lines_of, plans, strict=True)])
    report = conversion.write(parts, tmp_path / "dask")

    here = formats.convert(tasks, format, tmp_path / "here", config=CONFIG, split={"train": 0.5, "val": 0.5})
    assert files(tmp_path / "dask") == files(tmp_path / "here") != {}
    assert (report.tasks_out, report.regions_out, report.counts) == (here.tasks_out, here.regions_out, here.counts)
    assert report.files == here.files

"""Lets ultralytics, where it is installed, check the files of YOLO datasets: `python ultralytics_labels.py FOLDER …`.

For each image below a folder's `images` it says what ultralytics finds wrong, and ends with 1 if that is anything.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


def faults(folder: Path) -> list[str]:
    """What ultralytics finds wrong in a dataset."""
    import ultralytics.data.utils as utils  # type: ignore[import-not-found]
    import yaml  # type: ignore[import-untyped]

    data: dict[str, Any] = yaml.safe_load((folder / "data.yaml").read_text(encoding="utf-8"))
    checked: dict[str, Any] = utils.check_det_dataset(str(folder / "data.yaml"), autodownload=False)
    if checked["nc"] != len(data["names"]):
        return [f"{folder}: {checked['nc']} classes, and {len(data['names'])} names"]
    points, each = data.get("kpt_shape", (0, 0))
    images = sorted(path for path in (folder / "images").rglob("*") if path.is_file())
    labels = utils.img2label_paths([str(path) for path in images])
    found = []
    for image, label in zip(images, labels, strict=True):
        answer = utils.verify_image_label((str(image), label, "", points > 0, checked["nc"], points, each, False))
        if answer[0] is None or answer[-1]:
            found.append(f"{image}: {answer[-1]}")
        elif not Path(label).is_file():
            found.append(f"{image}: no labels")
    return found


if __name__ == "__main__":
    told = [fault for folder in sys.argv[1:] for fault in faults(Path(folder))]
    sys.stdout.write("\n".join([*told, f"{len(told)} faults", ""]))
    sys.exit(bool(told))

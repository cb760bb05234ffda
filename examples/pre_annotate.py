"""Pre-annotate images: upload them, store a detector's boxes as predictions, make the sure ones annotations, export.

python examples/pre_annotate.py URL API_KEY    needs: pip install "labelwire[demo]"
"""

import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from labelwire import Client, Upload
from labelwire.demo.detector import detect
from labelwire.demo.job import IMAGES, LABEL_CONFIG


def regions(path: Path) -> list[dict[str, Any]]:
    """What the detector finds in an image, in percent of its width and height."""
    found = []
    with Image.open(path) as image:
        for box in detect(image):
            x, width = 100 * box.left / image.width, 100 * box.width / image.width
            y, height = 100 * box.top / image.height, 100 * box.height / image.height
            value = {"x": x, "y": y, "width": width, "height": height, "rotation": 0, "rectanglelabels": [box.label]}
            size = {"original_width": image.width, "original_height": image.height}
            control = {"from_name": "label", "to_name": "image", "type": "rectanglelabels"}
            found.append({**control, **size, "value": value, "score": box.score})
    return found


url, api_key = sys.argv[1:]
with Client(url, api_key) as client:
    project = client.projects.create(title="Bright things", label_config=LABEL_CONFIG, model_version="v1")
    client.imports.upload(project.id, [Upload(path.name, path, "image/jpeg") for path in IMAGES])
    predictions: list[dict[str, Any]] = []
    for task in client.tasks.list(project=project.id):
        name = task.data["image"].rpartition("/")[2].partition("-")[2]  # behind the server's random prefix
        result = regions(next(path for path in IMAGES if path.name == name))
        score = max((region["score"] for region in result), default=0)
        predictions.append({"task": task.id, "result": result, "score": score, "model_version": "v1"})
    print(client.imports.predictions(project.id, predictions))

    sure = [prediction["task"] for prediction in predictions if prediction["score"] >= 0.975]
    client.actions.run("predictions_to_annotations", project=project.id, selected=sure)
    written = client.exports.snapshot(project.id, path="bright-things.json")
    annotated = sum(bool(task["annotations"]) for task in json.loads(written.read_text()))
    print(f"{annotated} of {len(predictions)} tasks annotated: {written}, {client.url}/projects/{project.id}/data")

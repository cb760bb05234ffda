"""The job: images become tasks, finds become predictions, sure ones annotations, and the export proves it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

try:
    from PIL import Image
except ImportError as missing:
    raise ImportError('the demo needs Pillow: pip install "labelwire[demo]"', name=missing.name) from missing

from ..core.operation import Upload
from .check import Different, Sent, check, upload_name
from .detector import LABELS, detect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..client import Client
    from ..project import Project
    from .detector import Box

IMAGES = tuple(sorted(Path(__file__).with_name("images").glob("*.jpg")))
"""Twelve tiles of the Hubble eXtreme Deep Field; SOURCE.md beside them says more."""

TITLE = "labelwire demo: Hubble eXtreme Deep Field"
MODEL = "brightness-1"

SURE = 0.975
"""Best score of an image's boxes, 0 to 1, from which its prediction becomes an annotation."""

LABEL_CONFIG = f"""\
<View>
  <Header value="Box what shines, by its colour"/>
  <Image name="image" value="$image" zoom="true"/>
  <RectangleLabels name="label" toName="image">
    {" ".join(f'<Label value="{name}" background="{colour}"/>' for name, colour in LABELS.items())}
  </RectangleLabels>
</View>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a stage is: `done` of `total` things."""

    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage that is over: its name, what happened, to how many, and in how many seconds."""

    name: str
    what: str
    count: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the job has done; `url` is the page at which a person sees it, `export` the file that was checked."""

    project: int
    url: str
    export: Path
    tasks: int
    boxes: int
    annotations: int
    stages: Sequence[Stage]


def run(
    client: Client,
    folder: Path,
    *,
    images: Sequence[Path] = IMAGES,
    title: str = TITLE,
    watch: Callable[[Step], None] = lambda _step: None,
) -> Outcome:
    """Runs the job in a new project, which it leaves on the server.

    Args:
        folder: takes the export.
        images: at most 100 files, each with a name of its own that the server keeps (letters, digits, - and _).
        watch: is told how far each stage is.

    Raises:
        Different: when something came back otherwise than it went in.
    """
    clock = _Clock(watch)
    project = _make(client, clock, title)
    tasks = _upload(client, clock, project.id, images)
    sent = _detect(clock, tasks)
    _predict(client, clock, project.id, sent)
    again = _reopen(client, clock, project.id, sent)
    sent = _annotate(client, clock, again.id, sent)
    export = _export(client, clock, again.id, folder)
    _check(client, clock, sent, export, tasks)
    return Outcome(
        project=project.id,
        url=f"{client.url}/projects/{project.id}/data",
        export=export,
        tasks=len(sent),
        boxes=sum(len(one.result) for one in sent.values()),
        annotations=sum(one.annotated for one in sent.values()),
        stages=tuple(clock.stages),
    )


def regions(boxes: Sequence[Box], width: int, height: int) -> list[dict[str, Any]]:
    """Boxes in pixels as Label Studio's regions, which are in percent of the image's width and height (pixels)."""
    return [
        {
            "id": f"object-{number}",
            "from_name": "label",
            "to_name": "image",
            "type": "rectanglelabels",
            "original_width": width,
            "original_height": height,
            "image_rotation": 0,
            "score": box.score,
            "value": {
                "x": 100 * box.left / width,
                "y": 100 * box.top / height,
                "width": 100 * box.width / width,
                "height": 100 * box.height / height,
                "rotation": 0,
                "rectanglelabels": [box.label],
            },
        }
        for number, box in enumerate(boxes, start=1)
    ]


def best(result: Sequence[Mapping[str, Any]]) -> float:
    """The best score among regions, 0 to 1; 0 where there are none."""
    return max((float(region["score"]) for region in result), default=0.0)


# The stages ------------------------------------------------------------------------------------------------------


def _make(client: Client, clock: _Clock, title: str) -> Project:
    # Without the model version, the Data Manager shows and filters no scores.
    with clock.stage("project", f"made, with the labels {', '.join(LABELS)}", total=1):
        return client.start_project(title=title, label_config=LABEL_CONFIG, model_version=MODEL)


def _upload(client: Client, clock: _Clock, project: int, images: Sequence[Path]) -> dict[int, tuple[str, Path]]:
    """By task id: the path of the task's image on the server, and the file that it was uploaded from."""
    with clock.stage("upload", "images uploaded, each a task", total=len(images)):
        client.imports.upload(project, [Upload(path.name, path, "image/jpeg") for path in images])
        names = {path.name: path for path in images}
        places = {task.id: str(task.data.get("image")) for task in client.tasks.list(project=project)}
        lost = names.keys() - {upload_name(place) for place in places.values()}
        if lost:
            raise Different("The upload", [f"{name} has no task" for name in sorted(lost)])
        return {task: (place, names[upload_name(place)]) for task, place in places.items()}


def _detect(clock: _Clock, tasks: Mapping[int, tuple[str, Path]]) -> dict[int, Sent]:
    sent = {}
    with clock.stage("detect", "objects found in them", total=len(tasks)) as stage:
        for task, (_, path) in tasks.items():
            with Image.open(path) as image:
                sent[task] = Sent(image=path.name, result=regions(detect(image), image.width, image.height))
            stage.tick()
        stage.count = sum(len(one.result) for one in sent.values())
    return sent


def _predict(client: Client, clock: _Clock, project: int, sent: Mapping[int, Sent]) -> None:
    with clock.stage("predict", "predictions imported in one request", total=len(sent)):
        client.imports.predictions(
            project,
            [
                {"task": task, "result": one.result, "score": best(one.result), "model_version": MODEL}
                for task, one in sent.items()
            ],
        )


def _reopen(client: Client, clock: _Clock, project: int, sent: Mapping[int, Sent]) -> Project:
    with clock.stage("read", "tasks read back and compared", total=len(sent)):
        again = client.get_project(project)
        check(sent, again.get_tasks(), where="The project")
        return again


def _annotate(client: Client, clock: _Clock, project: int, sent: Mapping[int, Sent]) -> dict[int, Sent]:
    sure = [task for task, one in sent.items() if best(one.result) >= SURE]
    with clock.stage("annotate", f"predictions from {SURE} on made annotations", total=len(sure)):
        if sure:
            client.actions.run("predictions_to_annotations", project=project, selected=sure)
    return {task: replace(one, annotated=task in sure) for task, one in sent.items()}


def _export(client: Client, clock: _Clock, project: int, folder: Path) -> Path:
    with clock.stage("export", "snapshot made and downloaded as JSON", total=1):
        return client.exports.snapshot(
            project,
            path=folder / f"labelwire-demo-{project}.json",
            serialization_options={"predictions": {"only_id": False}},
        )


def _check(
    client: Client, clock: _Clock, sent: Mapping[int, Sent], export: Path, tasks: Mapping[int, tuple[str, Path]]
) -> None:
    with clock.stage("check", "boxes and images compared with what went in", total=len(tasks)) as stage:
        exported = json.loads(export.read_text("utf-8"))
        check(sent, exported, where="The export")
        aside = export.with_suffix(".image")
        for place, path in tasks.values():
            came = client.files.download(place, path=aside).read_bytes()
            aside.unlink()
            if came != path.read_bytes():
                raise Different("An image", [f"{place} is not {path.name}, byte by byte"])
            stage.tick()
        stage.count = sum(
            len(one["result"]) for task in exported for one in (*task["predictions"], *task["annotations"])
        )


class _Running:
    """A stage under way; `count` is what its report will say."""

    def __init__(self, name: str, total: int, watch: Callable[[Step], None]) -> None:
        self.count = total
        self._name, self._done, self._total, self._watch = name, -1, total, watch
        self.tick()

    def tick(self) -> None:
        self._done = min(self._done + 1, self._total)
        self._watch(Step(name=self._name, done=self._done, total=self._total))


class _Clock:
    """Times the stages."""

    def __init__(self, watch: Callable[[Step], None]) -> None:
        self.stages: list[Stage] = []
        self._watch = watch

    @contextmanager
    def stage(self, name: str, what: str, *, total: int) -> Iterator[_Running]:
        began = perf_counter()
        running = _Running(name, total, self._watch)
        yield running
        self._watch(Step(name=name, done=total, total=total))
        self.stages.append(Stage(name=name, what=what, count=running.count, seconds=perf_counter() - began))

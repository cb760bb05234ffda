"""The short way for tasks of boxes gives what the long one does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwire import formats
from labelwire.formats.plain import PlainTasks

from .conftest import contents

CONFIG = """
<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image"><Label value="Cat"/><Label value="Dog &lt;%d&gt;"/></RectangleLabels>
</View>
"""

numbers = st.one_of(
    st.floats(-20, 120), st.sampled_from([0.0, 100.0, 33.3, 1e-9, 1e300]), st.integers(-5, 105), st.just("7"), st.none()
)
sizes = st.one_of(st.integers(1, 4000), st.sampled_from([0, 640, None, "640", 1 << 20]))


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    plain = draw(st.integers(0, 4))
    value: dict[str, Any] = {
        "x": draw(st.floats(0, 50)),
        "y": draw(st.floats(0, 50)),
        "width": draw(st.floats(0.1, 50)),
        "height": draw(st.floats(0.1, 50)),
        "rotation": 0,
        "rectanglelabels": ["Cat" if draw(st.booleans()) else "Dog <%d>"],
    }
    item: dict[str, Any] = {
        "id": draw(st.text("abc", min_size=1, max_size=6)),
        "type": "rectanglelabels",
        "from_name": "box",
        "to_name": "image",
        "original_width": 640,
        "original_height": 480,
        "value": value,
    }
    if not plain:
        odd = draw(st.sampled_from([*value, *item]))
        where = value if odd in value else item
        choice = draw(st.integers(0, 2))
        if choice == 0:
            where.pop(odd)
        elif odd in ("original_width", "original_height"):
            where[odd] = draw(sizes)
        elif odd == "rectanglelabels":
            where[odd] = draw(st.sampled_from([[], ["Cat", "Dog <%d>"], ["Cow"], "Cat", [1], None]))
        elif odd == "value":
            where[odd] = None
        else:
            where[odd] = draw(numbers)
        item |= draw(
            st.sampled_from([{}, {"item_index": 1}, {"parentID": "a"}, {"meta": {"text": ["x"]}}, {"score": 0.5}])
        )
    return item


@st.composite
def tasks(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for number in range(draw(st.integers(1, 3))):
        result = draw(st.lists(items(), max_size=3))
        annotation = {"id": 7, "result": result, "was_cancelled": draw(st.integers(0, 5)) == 0}
        url = draw(st.sampled_from(["/data/upload/1/0123abcd-a %.jpg", "s3://b/ö.png", "", None]))
        task: dict[str, Any] = {"id": number + 1, "data": {"image": url}, "annotations": [annotation]}
        if draw(st.integers(0, 5)) == 0:
            task["annotations"].append({"id": 8, "result": []})
        made.append(task)
    return made


@pytest.mark.parametrize("format", ["coco", "yolo", "voc"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tasks=tasks())
def test_both_ways_write_the_same(
    format: str, tasks: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ways")
    short = converted(tasks, format, folder / "short")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainTasks, "of", lambda *_: None)
        long = converted(tasks, format, folder / "long")
    assert short == long


def converted(tasks: list[dict[str, Any]], format: str, folder: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    report = formats.convert(tasks, format, folder, config=CONFIG).to_dict()
    del report["seconds"], report["place"]
    return contents(folder), report


@pytest.mark.parametrize("format", ["coco", "yolo", "voc"])
def test_the_short_way_is_taken(format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"x": 1.5, "y": 2.5, "width": 3.5, "height": 4.5, "rotation": 0, "rectanglelabels": ["Cat"]}
    item: dict[str, Any] = {"id": "a", "type": "rectanglelabels", "to_name": "image", "value": value}
    item |= {"original_width": 640, "original_height": 480}
    task = {"id": 1, "data": {"image": "a.jpg"}, "annotations": [{"id": 1, "result": [item]}]}
    taken: list[Any] = []
    of = PlainTasks.of

    def noted(*given: Any) -> Any:
        taken.append(of(*given))
        return taken[-1]

    monkeypatch.setattr(PlainTasks, "of", noted)
    formats.convert([task], format, tmp_path / "out", config=CONFIG)
    assert [one is not None for one in taken] == [True]

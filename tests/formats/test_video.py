"""Tracks, frame by frame: as tables, and as the MOT challenge has them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwire import formats
from labelwire.errors import InvalidInput
from labelwire.formats.shapes import Keyframe, Track
from labelwire.formats.tracks import frames
from labelwire.label_config import video

from .conftest import Convert, Task

CONFIG = str(video(boxes=["Car", "Bus"], timeline=["Rain"], choices=["day", "night"]))


def key(frame: int, x: float = 0, *, enabled: bool = True, **more: float) -> dict[str, Any]:
    return {"frame": frame, "x": x, "y": 10, "width": 20, "height": 30, "rotation": 0, "enabled": enabled, **more}


def moving(*keys: dict[str, Any], id: str = "t", label: str = "Car", count: int | None = 10) -> dict[str, Any]:
    value = {"sequence": list(keys), "framesCount": count, "duration": 2, "labels": [label]}
    return {"id": id, "from_name": "box", "to_name": "video", "type": "videorectangle", "value": value}


def stretch(*ranges: tuple[int, int]) -> dict[str, Any]:
    value = {"ranges": [{"start": start, "end": end} for start, end in ranges], "timelinelabels": ["Rain"]}
    return {"id": "r", "from_name": "timeline", "to_name": "video", "type": "timelinelabels", "value": value}


def task(*results: dict[str, Any], id: int = 1) -> Task:
    return {"id": id, "data": {"video": f"s3://b/v{id}.mp4"}, "annotations": [{"id": id, "result": list(results)}]}


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def at(track: Track) -> dict[int, float]:
    """The x of each frame."""
    return {frame: x for frame, x, *_ in frames(track)}


def track(*keys: tuple[int, float, bool], count: int | None = None) -> Track:
    return Track(tuple(Keyframe(frame, None, x, 0, 1, 1, 0, on) for frame, x, on in keys), count)


def test_boxes_move_straight_from_one_keyframe_to_the_next() -> None:
    found = list(frames(Track((Keyframe(2, None, 0, 10, 20, 30, 350), Keyframe(6, None, 8, 2, 40, 10, 10)), 6)))
    assert found == [
        (2, 0, 10, 20, 30, 350),
        (3, 2, 8, 25, 25, 265),
        (4, 4, 6, 30, 20, 180),
        (5, 6, 4, 35, 15, 95),
        (6, 8, 2, 40, 10, 10),
    ]


def test_a_box_that_is_switched_off_is_gone_until_its_next_keyframe() -> None:
    assert at(track((1, 0, True), (3, 2, False), (6, 5, True), (8, 7, False), count=20)) == {
        1: 0,
        2: 1,
        3: 2,
        6: 5,
        7: 6,
        8: 7,
    }


def test_a_box_that_is_left_on_stays_to_the_end_of_the_video() -> None:
    assert at(track((3, 5, True), count=6)) == {3: 5, 4: 5, 5: 5, 6: 5}
    assert at(track((3, 5, True))) == {3: 5}


@given(
    keys=st.lists(st.tuples(st.integers(0, 60), st.floats(-50, 150), st.booleans()), min_size=1, max_size=8),
    count=st.none() | st.integers(1, 80),
)
def test_every_frame_is_there_once_and_lies_between_its_keyframes(
    keys: list[tuple[int, float, bool]], count: int | None
) -> None:
    one = track(*sorted(keys, key=lambda key: key[0]), count=count)
    found = list(frames(one))
    numbers = [frame for frame, *_ in found]
    assert numbers == sorted(set(numbers))
    known: dict[int, float] = {}
    for frame, x, _ in sorted(keys, key=lambda key: key[0]):
        known.setdefault(frame, x)
    assert {frame: x for frame, x, *_ in found if frame in known} == known
    for frame, x, *_ in found:
        before = known[max(there for there in known if there <= frame)]
        after = known.get(min((there for there in known if there >= frame), default=-1), before)
        assert min(before, after) - 1e-9 <= x <= max(before, after) + 1e-9


def test_a_table_has_a_row_for_each_frame_in_percent_and_pixels(convert: Convert) -> None:
    results = [moving(key(1), key(3, 10, enabled=False)), stretch((2, 5), (8, 9))]
    report, folder = convert([task(*results)], "video-frames", config=CONFIG, size=(200, 100))
    found = rows(folder / "frames.csv")
    assert [(one["frame"], float(one["x"]), float(one["x_px"])) for one in found] == [
        ("1", 0, 0),
        ("2", 5, 10),
        ("3", 10, 20),
    ]
    assert [found[1][key] for key in ("task", "annotation", "video", "region", "label")] == [
        "1",
        "1",
        "v1.mp4",
        "t",
        "Car",
    ]
    ranges = rows(folder / "ranges.csv")
    assert [(one["label"], one["start"], one["end"]) for one in ranges] == [("Rain", "2", "5"), ("Rain", "8", "9")]
    assert report.regions_out == 2


def test_without_the_videos_size_there_are_no_pixels(convert: Convert) -> None:
    _, folder = convert([task(moving(key(1), count=1), id=1)], "video-frames", config=CONFIG)
    assert rows(folder / "frames.csv")[0]["x_px"] == ""
    assert not (folder / "ranges.csv").exists()
    _, folder = convert([task(moving(key(1), count=1, id='a"b'), stretch((1, 2)))], "video-frames-jsonl", config=CONFIG)
    (line,) = (json.loads(one) for one in (folder / "frames.jsonl").read_text().splitlines())
    assert line["region"] == 'a"b'
    assert (line["frame"], line["width"], "x_px" in line) == (1, 20, False)
    assert json.loads((folder / "ranges.jsonl").read_text())["end"] == 2


def test_names_with_commas_and_quotes_stay_in_their_cells(convert: Convert) -> None:
    _, folder = convert([task(moving(key(1), id='a,"b"\n', count=1))], "video-frames", config=CONFIG)
    assert rows(folder / "frames.csv")[0]["region"] == 'a,"b"\n'


def test_a_track_without_end_is_reported_and_costs_nothing(convert: Convert) -> None:
    results = [moving(key(1), id="long", count=2**50), moving(key(-(2**50)), id="early"), moving(key(1), id="fine")]
    choice = {"id": "c", "from_name": "choice", "to_name": "video", "type": "choices", "value": {"choices": ["day"]}}
    for name in ("video-frames", "mot"):
        report, _ = convert([task(*results, choice)], name, config=CONFIG, size=(200, 100))
        assert report.counts == {
            "a track that goes beyond a million frames": 2,
            "an answer, which the format does not hold": 1,
        }
        assert report.regions_out == 1


def gt(folder: Path, name: str = "v1") -> list[list[float]]:
    return [list(map(float, line.split(","))) for line in (folder / name / "gt" / "gt.txt").read_text().splitlines()]


def test_mot_has_a_line_for_each_box_in_the_order_of_frames(convert: Convert) -> None:
    results = [moving(key(1), key(2, 10, enabled=False)), moving(key(2, 50), label="Bus", id="u", count=3)]
    _, folder = convert([task(*results)], "mot", config=CONFIG, size=(200, 100))
    assert gt(folder) == [
        [1, 1, 1, 11, 40, 30, 1, 1, 1],
        [2, 1, 21, 11, 40, 30, 1, 1, 1],
        [2, 2, 101, 11, 40, 30, 1, 2, 1],
        [3, 2, 101, 11, 40, 30, 1, 2, 1],
    ]
    assert (folder / "v1/gt/labels.txt").read_text() == "Car\nBus\n"
    assert "imWidth=200\nimHeight=100\n" in (folder / "v1/seqinfo.ini").read_text()


def test_a_turned_box_is_upright_in_mot_and_that_is_said(convert: Convert) -> None:
    report, folder = convert([task(moving(key(1, 50, rotation=90), count=1))], "mot", config=CONFIG, size=(200, 100))
    assert gt(folder)[0][2:6] == [71, 11, 30, 40]
    assert report.notes


def test_mot_without_a_size_is_reported(convert: Convert) -> None:
    report, _ = convert([task(moving(key(1)))], "mot", config=CONFIG)
    assert report.counts == {"a task whose video's size nobody says; the option size says it": 1}
    with pytest.raises(InvalidInput, match="size"):
        convert([], "mot", config=CONFIG, size="1920x1080")


def test_many_tracks_come_in_the_order_of_their_numbers(convert: Convert) -> None:
    results = [moving(key(1), id=f"t{place}", count=1) for place in range(12)]
    _, folder = convert([task(*results)], "mot", config=CONFIG, size=(200, 100))
    assert [line[1] for line in gt(folder)] == list(range(1, 13))


boxes = st.tuples(st.integers(0, 80), st.integers(1, 90), st.booleans())


@settings(max_examples=30, deadline=None, derandomize=True)
@given(tracks=st.lists(st.dictionaries(st.integers(1, 12), boxes, min_size=1, max_size=4), min_size=1, max_size=3))
def test_tracks_come_back_from_mot_box_by_box(
    tracks: list[dict[int, tuple[int, int, bool]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    results = [
        moving(*(key(n, x, enabled=on, width=w) for n, (x, w, on) in sorted(one.items())), id=f"t{place}", count=14)
        for place, one in enumerate(tracks)
    ]
    folder = tmp_path_factory.mktemp("mot")
    own: dict[str, Any] = {"size": (1000, 500)}
    formats.convert([task(*results)], "mot", folder / "a", config=CONFIG, **own)
    dataset = formats.read(folder / "a")
    assert dataset.format == "mot"
    formats.convert(dataset.tasks(), "mot", folder / "b", config=CONFIG, **own)
    first, second = gt(folder / "a"), gt(folder / "b")
    assert len(first) == len(second)
    assert all(a == pytest.approx(b, abs=0.011) for a, b in zip(first, second, strict=True))


def test_lines_that_are_no_boxes_are_reported(tmp_path: Path) -> None:
    (tmp_path / "s/gt").mkdir(parents=True)
    (tmp_path / "s/gt/gt.txt").write_text(
        "1,1,1,1,10,10,1,1,1\nx\n2,1,1,1,0,10,1,1,1\n3,1,1,1,9,9,0,1,1\n1,2,nan,1,9,9\n"
    )
    (tmp_path / "s/seqinfo.ini").write_text("[Sequence]\nimWidth=100\nimHeight=100\nseqLength=3\n")
    dataset = formats.read(tmp_path)
    (read,) = dataset.tasks()
    assert read["data"] == {"video": "s"}
    assert len(read["annotations"][0]["result"][0]["value"]["sequence"]) == 1
    assert dataset.report.counts == {"a line that is no box of a track": 3, "a box that is not to be considered": 1}


def test_the_output_does_not_depend_on_batches_nor_on_processes(
    convert: Convert, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [task(moving(key(1), key(4, 9)), stretch((1, number + 1)), id=number) for number in range(7)]
    for name in ("video-frames", "mot"):
        more = {"config": CONFIG, "size": (200, 100), "split": {"train": 0.5, "val": 0.5}}
        _, whole = convert(tasks, name, **more)
        _, apart = convert(tasks, name, workers=2, **more)
        with monkeypatch.context() as patch:
            patch.setattr("labelwire.formats.converting.BATCH_TASKS", 1)
            _, single = convert(tasks, name, **more)
        files = [
            {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
            for folder in (whole, apart, single)
        ]
        assert files[0] == files[1] == files[2]
        assert len(files[0]) > 3

"""Manifests of speech recognition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwire import formats
from labelwire.errors import InvalidInput
from labelwire.label_config import Control, audio

from .conftest import Convert, Task

CLIPS = str(audio(transcription=True))
SEGMENTS = str(audio(Control("TextArea", name="whole"), segments=["Ann", "Ben"], transcription=True))


def said(words: str | list[str], control: str = "transcription", id: str = "t", **value: Any) -> dict[str, Any]:
    lines = [words] if isinstance(words, str) else words
    value = {**value, "text": lines}
    return {"id": id, "from_name": control, "to_name": "audio", "type": "textarea", "value": value}


def segment(start: float, end: float, label: str, id: str, length: float = 12.5, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": [label], **more}
    about = {"id": id, "from_name": "segment", "to_name": "audio", "type": "labels", "original_length": length}
    return {**about, "value": value}


def task(*results: dict[str, Any], id: int = 1, annotations: list[Any] | None = None) -> Task:
    given = [{"id": id, "result": list(results), "completed_by": {"id": 3, "email": "ann@a.example"}}]
    return {
        "id": id,
        "data": {"audio": f"/data/upload/1/0123abcd-{id}.wav"},
        "annotations": given if annotations is None else annotations,
    }


def lines(convert: Convert, tasks: list[Task], **more: Any) -> tuple[formats.Report, list[dict[str, Any]]]:
    report, folder = convert(tasks, "ASR_MANIFEST", **{"config": CLIPS, **more})
    return report, [json.loads(line) for line in (folder / "manifest.json").read_text(encoding="utf-8").splitlines()]


def test_a_clip_without_annotation_never_gets_the_words_of_another(convert: Convert) -> None:
    tasks = [task(said("héllo 🎉")), task(id=2, annotations=[]), task(id=3), task(said("bye"), id=4)]
    report, found = lines(convert, tasks)
    assert [(one["audio_filepath"][-5:], one["text"]) for one in found] == [("1.wav", "héllo 🎉"), ("4.wav", "bye")]
    assert report.counts == {
        "a task without an annotation that counts": 1,
        "a task without a transcription": 1,
    }


def test_a_clip_is_a_line_with_its_length_where_a_result_says_it(convert: Convert) -> None:
    clip = "/data/upload/1/0123abcd-1.wav"
    known = {**said("hello\nthere"), "original_length": 3.25}
    report, found = lines(convert, [task(known), task(said("hm"), id=2)])
    assert found[0] == {"audio_filepath": clip, "duration": 3.25, "text": "hello there", "annotator": "ann@a.example"}
    assert found[1]["duration"] is None
    assert any("duration" in note for note in report.notes)


def test_each_segment_is_a_line_with_its_own_words(convert: Convert) -> None:
    results = [
        segment(0.5, 2, "Ann", "a", channel=1),
        segment(2, 3.1, "Ben", "b"),
        segment(4, 5, "Ben", "silent"),
        said("bye", id="b"),
        said("hi", id="a"),
        said("hi bye", "whole", id="w"),
    ]
    report, found = lines(convert, [task(*results)], config=SEGMENTS, label="speaker")
    assert [one["text"] for one in found] == ["hi bye", "hi", "bye"]
    assert found[0]["duration"] == 12.5
    assert (found[1]["offset"], found[1]["duration"], found[1]["speaker"], found[1]["channel"]) == (0.5, 1.5, "Ann", 1)
    assert (found[2]["offset"], found[2]["duration"], found[2]["speaker"]) == (2, 1.1, "Ben")
    assert report.counts == {"a segment without a transcription": 1}
    assert report.regions_out == 2


def test_of_several_texts_the_named_control_is_the_transcription(convert: Convert) -> None:
    config = str(audio(transcription=True, comment="notes"))
    results = [said("cough at the end", "notes", id="n"), said("hello")]
    report, found = lines(convert, [task(*results)], config=config)
    assert [one["text"] for one in found] == ["hello"]
    assert report.counts == {"an answer, which the format does not hold": 1}
    _, found = lines(convert, [task(*results)], config=config, transcription="notes")
    assert [one["text"] for one in found] == ["cough at the end"]
    with pytest.raises(InvalidInput, match="TextArea"):
        lines(convert, [], config=config, transcription="none")


def test_hostile_values_are_reported_and_the_rest_is_written(convert: Convert) -> None:
    results = [
        {**segment(0, 1, "Ann", "long"), "original_length": "NaN"},
        segment(float("nan"), 1, "Ann", "nan"),
        segment(3, 3, "Ann", "empty"),
        said("words", id="empty"),
        {"id": "x", "type": "textarea", "from_name": "transcription", "to_name": "audio", "value": {"text": {"a": 1}}},
        said("\ud83d", "whole", id="half"),
    ]
    report, found = lines(convert, [task(*results)], config=SEGMENTS)
    assert len(found) == 1
    assert found[0]["duration"] == 12.5
    assert report.counts["a segment without a transcription"] == 2


def test_paths_lead_to_the_clips_that_come_along(convert: Convert, tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    (clips / "1.wav").write_bytes(b"RIFF")
    _, folder = convert([task(said("hi"))], "asr", config=CLIPS, with_media=clips)
    line = json.loads((folder / "manifest.json").read_text())
    assert line["audio_filepath"] == "audio/1.wav"
    assert (folder / line["audio_filepath"]).read_bytes() == b"RIFF"


def test_a_split_has_a_manifest_each(convert: Convert) -> None:
    tasks = [task(said(f"clip {number}"), id=number) for number in range(20)]
    _, folder = convert(tasks, "asr", config=CLIPS, split={"train": 0.5, "test": 0.5})
    counts = {path.name: len(path.read_text().splitlines()) for path in folder.iterdir()}
    assert set(counts) == {"train_manifest.json", "test_manifest.json"}
    assert sum(counts.values()) == 20
    assert all(counts.values())


words = (
    st.text(st.sampled_from('aé🎉 漢"'), min_size=1, max_size=12).map(lambda one: " ".join(one.split())).filter(bool)
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(whole=st.none() | words, parts=st.lists(st.tuples(st.integers(0, 900), st.integers(1, 90), words), max_size=4))
def test_a_manifest_comes_back_as_tasks(
    whole: str | None, parts: list[tuple[int, int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    results = [said(whole, "whole", id="w")] if whole else []
    for place, (start, length, text) in enumerate(parts):
        results += [segment(start / 10, (start + length) / 10, "Ann", f"s{place}"), said(text, id=f"s{place}")]
    if not results:
        return
    folder = tmp_path_factory.mktemp("asr") / "out"
    formats.convert([task(*results)], "asr", folder, config=SEGMENTS)
    dataset = formats.read(folder, config=SEGMENTS)
    assert dataset.format == "asr"
    again = folder / "again"
    formats.convert(dataset.tasks(), "asr", again, config=SEGMENTS)
    first, second = (
        [json.loads(line) for line in (place / "manifest.json").read_text().splitlines()] for place in (folder, again)
    )
    pick = ("audio_filepath", "text", "offset", "label")
    assert [[one.get(key) for key in pick] for one in first] == [[one.get(key) for key in pick] for one in second]


def test_a_manifest_brings_a_configuration_that_fits(convert: Convert) -> None:
    results = [segment(0, 1, "Ann", "a"), said("hi", id="a"), said("hi there", "whole", id="w")]
    _, folder = convert([task(*results)], "asr", config=SEGMENTS)
    dataset = formats.read(folder)
    (read,) = dataset.tasks()
    dataset.config.check(read["annotations"][0]["result"])
    kinds = {result["from_name"]: result["value"] for result in read["annotations"][0]["result"]}
    assert kinds["segment"]["labels"] == ["Ann"]
    assert kinds["transcription"]["text"] == ["hi"]
    assert kinds["whole_transcription"]["text"] == ["hi there"]

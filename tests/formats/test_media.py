"""Media files of an output: found, named as the annotations name them, and measured as a viewer shows them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from labelwire import InvalidInput, formats
from labelwire.formats import FORMATS
from labelwire.formats.media import NO_FILE, UNREADABLE, Folder
from labelwire.formats.media_cache import Cache

from .conftest import IMAGE, annotation, box, contents, task
from .every_kind import CONFIGS, OWN, WRITTEN, kind_of, tasks_of


def picture(wide: int = 40, high: int = 30, turned: int = 1) -> bytes:
    """A JPEG of that many pixels, which its EXIF says to be turned."""
    exif = Image.Exif()
    exif[0x0112] = turned
    stream = io.BytesIO()
    Image.new("RGB", (wide, high), "red").save(stream, "JPEG", exif=exif)
    return stream.getvalue()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of pictures."""
    folder = tmp_path / "pictures"
    for name in ("a.jpg", "b/a.jpg", "deep/er/c.jpg", "0123abcd-d.jpg", "ü ü.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture(40 + len(name)))
    (tmp_path / "outside.jpg").write_bytes(b"not yours")
    return folder


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("a.jpg", "a.jpg"),
        ("s3://bucket/x/a.jpg", "a.jpg"),
        ("s3://bucket/b/a.jpg", "b/a.jpg"),
        ("https://example.com/deep/er/c.jpg?sig=1", "deep/er/c.jpg"),
        ("/data/upload/7/0123abcd-d.jpg", "0123abcd-d.jpg"),
        ("/data/upload/7/89abcdef-a.jpg", "a.jpg"),
        ("/data/local-files/?d=some/b/a.jpg", "b/a.jpg"),
        ("https://example.com/%C3%BC%20%C3%BC.jpg", "ü ü.jpg"),
        ("/tasks/5/resolve/?fileuri=czM6Ly9idWNrZXQvYi9hLmpwZw==", "a.jpg"),
        ("../outside.jpg", None),
        ("/data/local-files/?d=../outside.jpg", None),
        ("https://[broken", None),
        ("a\0.jpg", None),
        ("n" * 5_000, None),
        ("none.jpg", None),
        ("", None),
        ("/", None),
    ],
)
def test_a_file_is_found_by_the_address_that_the_task_has(url: str, file: str | None, pictures: Path) -> None:
    assert Folder(pictures)(url) == (pictures / file if file is not None else None)


def test_an_absolute_path_stays_in_the_folder(pictures: Path, tmp_path: Path) -> None:
    found = Folder(pictures)(str(tmp_path / "outside.jpg"))
    assert found is None


def test_files_come_along_under_the_names_that_the_annotations_have(pictures: Path, tmp_path: Path) -> None:
    urls = ["s3://bucket/x/a.jpg", "s3://bucket/b/a.jpg", "/data/upload/7/0123abcd-d.jpg"]
    tasks = [task(box(1, 1, 9, 9), id=number, image=url) for number, url in enumerate(urls, 1)]
    report = formats.convert(tasks, "coco", tmp_path / "set", config=IMAGE, with_media=pictures)
    images = json.loads((tmp_path / "set" / "result.json").read_text())["images"]
    assert [image["file_name"] for image in images] == ["images/a.jpg", "images/a-2.jpg", "images/d.jpg"]
    for image, file in zip(images, ("a.jpg", "b/a.jpg", "0123abcd-d.jpg"), strict=True):
        assert (tmp_path / "set" / image["file_name"]).read_bytes() == (pictures / file).read_bytes()
    assert report.files == len(contents(tmp_path / "set")) == 4
    assert report.counts == {}


@pytest.mark.parametrize("workers", [0, 2])
def test_files_are_the_same_in_an_archive_and_with_processes(pictures: Path, tmp_path: Path, workers: int) -> None:
    tasks = [task(box(1, 1, 9, 9), id=number, image=url) for number, url in enumerate(["a.jpg", "b/a.jpg"] * 20, 1)]
    choice: Any = {"config": IMAGE, "with_media": pictures, "split": {"train": 0.5, "val": 0.5}}
    formats.convert(tasks, "yolo", tmp_path / "set", workers=workers, **choice)
    formats.convert(tasks, "yolo", tmp_path / "set.zip", **choice)
    with zipfile.ZipFile(tmp_path / "set.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == contents(tmp_path / "set")
    for label in (tmp_path / "set" / "labels").rglob("*.txt"):
        image = tmp_path / "set" / "images" / label.relative_to(tmp_path / "set" / "labels").with_suffix(".jpg")
        assert image.is_file()


@pytest.mark.parametrize("turned", range(1, 9))
def test_the_size_of_an_image_is_that_which_a_viewer_shows(turned: int, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(picture(40, 30, turned))
    tasks = [task(id=1, image="a.jpg", annotations=[annotation()])]
    formats.convert(tasks, "coco", tmp_path / "set", config=IMAGE, with_media=tmp_path)
    (image,) = json.loads((tmp_path / "set" / "result.json").read_text())["images"]
    assert (image["width"], image["height"]) == ((30, 40) if turned > 4 else (40, 30))


def test_a_region_that_does_not_say_the_size_of_its_image_takes_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(picture(200, 100))
    region = box(10, 10, 20, 30, size=(200, 100))
    del region["original_width"], region["original_height"]
    tasks = [task(region, id=1, image="a.jpg")]
    without = formats.convert(tasks, "coco", tmp_path / "without", config=IMAGE)
    assert without.regions_out == 0
    formats.convert(tasks, "coco", tmp_path / "set", config=IMAGE, with_media=tmp_path)
    (found,) = json.loads((tmp_path / "set" / "result.json").read_text())["annotations"]
    assert found["bbox"] == pytest.approx([10, 10, 20, 30])


def test_what_is_not_there_or_no_image_is_reported_and_its_annotations_stay(pictures: Path, tmp_path: Path) -> None:
    (pictures / "broken.jpg").write_bytes(b"no image")
    urls = ["a.jpg", "none.jpg?secret=1", "broken.jpg"]
    tasks = [task(box(1, 1, 9, 9), id=number, image=url) for number, url in enumerate(urls, 1)]
    report = formats.convert(tasks, "coco", tmp_path / "set", config=IMAGE, with_media=pictures)
    assert report.counts == {NO_FILE: 1}
    assert (report.left_out[0].task, report.left_out[0].detail) == (2, "none.jpg")
    assert report.tasks_out == report.regions_out == 3
    assert {path.name for path in (tmp_path / "set" / "images").iterdir()} == {"a.jpg", "broken.jpg"}


def test_a_task_that_is_left_out_brings_no_file(pictures: Path, tmp_path: Path) -> None:
    tasks = [task(box(1, 1, 9, 9), id=1, image="a.jpg"), task(id=2, image="b/a.jpg", annotations=[])]
    formats.convert(tasks, "coco", tmp_path / "set", config=IMAGE, with_media=pictures)
    assert set(contents(tmp_path / "set")) == {"result.json", "images/a.jpg"}


def test_a_function_says_where_files_are_or_why_they_are_not(pictures: Path, tmp_path: Path) -> None:
    def find(url: str) -> Path | None:
        if url == "1":
            raise InvalidInput("it is gone for good")
        return pictures / "a.jpg" if url == "2" else tmp_path / "moved away" if url == "3" else None

    tasks = [task(box(1, 1, 9, 9), id=number, image=str(number)) for number in range(1, 5)]
    report = formats.convert(tasks, "coco", tmp_path / "set", config=IMAGE, with_media=find)
    assert report.counts == {NO_FILE: 2, UNREADABLE: 1}
    assert [one.detail.partition(":")[0] for one in report.left_out] == [
        "it is gone for good",
        "4",
        str(tmp_path / "moved away"),
    ]
    assert len(list((tmp_path / "set" / "images").iterdir())) == 1


@pytest.mark.parametrize("format", [name for name in WRITTEN if FORMATS[name].kinds])
def test_every_format_of_media_takes_them_along(format: str, tmp_path: Path) -> None:
    kind = kind_of(format)
    key = kind
    media = {"image": picture(640, 480)}.get(kind, b"no matter what")
    tasks = tasks_of(kind, 3)
    folder = tmp_path / "media"
    folder.mkdir()
    for number, one in enumerate(tasks):
        one["data"][key] = f"file {number}.jpg"
        (folder / f"file {number}.jpg").write_bytes(media)
    if kind in ("text", "paragraphs"):
        with pytest.raises(InvalidInput, match="cannot be had with media"):
            formats.convert(tasks, format, tmp_path / "set", config=CONFIGS[kind], with_media=folder)
        return
    choice: Any = {"config": CONFIGS[kind], "with_media": folder, **OWN.get(format, {})}
    report = formats.convert(tasks, format, tmp_path / "set", **choice)
    assert NO_FILE not in report.counts
    found = [path for path, content in contents(tmp_path / "set").items() if content == media]
    assert len(found) == report.tasks_out > 0


def test_formats_that_hold_no_media_say_so(pictures: Path, tmp_path: Path) -> None:
    for name in ("json", "csv"):
        with pytest.raises(InvalidInput, match="cannot be had with media"):
            formats.convert([], name, tmp_path / "set", config=IMAGE, with_media=pictures)
    with pytest.raises(InvalidInput, match="no folder"):
        formats.convert([], "coco", tmp_path / "set", config=IMAGE, with_media=tmp_path / "nowhere")


def test_a_cache_gives_what_was_put_in(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    part = cache.part()
    part.write_bytes(b"content")
    place = cache.put("https://a/b.jpg", part, tag='"1"', modified="", seen="first")
    cache.close()
    cache = Cache(tmp_path)
    kept = cache.get("https://a/b.jpg")
    assert kept is not None
    assert (kept.place, kept.size, kept.tag, kept.seen) == (place, 7, '"1"', "first")
    assert place.suffix == ".jpg"
    cache.same("https://a/b.jpg", "second")
    assert (kept := cache.get("https://a/b.jpg")) is not None
    assert kept.seen == "second"
    assert cache.get("https://a/c.jpg") is None
    place.write_bytes(b"cut")
    assert cache.get("https://a/b.jpg") is None
    cache.close()


def test_a_damaged_list_of_a_cache_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite").write_bytes(b"no database" * 1_000)
    cache = Cache(tmp_path)
    assert cache.get("anything \ud800") is None
    cache.close()
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="cannot hold media"):
        Cache(tmp_path / "file")

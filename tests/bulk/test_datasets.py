"""Datasets out of a project with their media, and into one with their files, on the real server."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from PIL import Image

from labelwire import Client, InvalidInput, LocalServer, Unauthorized, formats
from labelwire.core.operation import Upload
from labelwire.data_manager import Column, Filters, Operator, Type
from labelwire.formats.media import NO_FILE

from ..conftest import IMAGE_CONFIG, TEXT_CONFIG, Both
from ..scenario.colours import reaching
from ..scenario.web import Answer, Asked, serving

KEYS: dict[str, Any] = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


def picture(wide: int = 64, high: int = 48, colour: str = "red") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (wide, high), colour).save(stream, "PNG")
    return stream.getvalue()


def box(label: str = "Cat") -> dict[str, Any]:
    value = {"x": 25, "y": 50, "width": 50, "height": 25, "rotation": 0, "rectanglelabels": [label]}
    return {
        "id": "r1",
        "from_name": "box",
        "to_name": "img",
        "type": "rectanglelabels",
        "value": value,
        "original_width": 64,
        "original_height": 48,
    }


def files_in(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def photos(client: Client) -> Iterator[int]:
    """A project of three images with a box each; two of the files have one name."""
    project = client.projects.create(title="Photos", label_config=IMAGE_CONFIG).id
    files = [Upload(name, picture(64, 48, colour)) for name, colour in [("a.png", "red"), ("b b.png", "blue")]]
    client.imports.files(project, [*files, Upload("a.png", picture(64, 48, "green"))], annotations=lambda _: [box()])
    yield project
    client.projects.delete(project)


def test_images_inside_of_parquet_files_are_uploaded(both: Both, client: Client, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.config.HF_DATASETS_OFFLINE = True
    (tmp_path / "beasts" / "data").mkdir(parents=True)
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])})
    rows = {
        "image": [{"bytes": picture(64, 48, colour), "path": None} for colour in ("red", "blue")],
        "label": [1, 0],
    }
    path = tmp_path / "beasts" / "data" / "train.parquet"
    datasets.Dataset.from_dict(rows, features=features).to_parquet(path)
    (tmp_path / "beasts" / "image-000000.png").write_bytes(picture(9, 9, "green"))  # of the same name, and another
    done = both("imports.dataset", None, tmp_path / "beasts")
    try:
        assert (done.format, done.read.counts, len(done.task_ids)) == ("hf", {}, 2)
        tasks = both.all("tasks.read", project=done.project)
        assert [one["annotations"][0]["result"][0]["value"]["choices"] for one in tasks] == [["dog"], ["cat"]]
        assert ["image-000000.png" in tasks[0]["data"]["image"], "image-000001.png" in tasks[1]["data"]["image"]] == [
            True,
            True,
        ]
        assert client.make_request("GET", tasks[0]["data"]["image"]).content == picture(64, 48, "red")
    finally:
        both("projects.delete", done.project)


def test_an_import_of_images_inside_of_files_goes_on(both: Both, client: Client, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    (tmp_path / "beasts" / "data").mkdir(parents=True)
    cells = [{"bytes": picture(20 + number, 10, "red"), "path": None} for number in range(5)]
    path = tmp_path / "beasts" / "data" / "train.parquet"
    made = datasets.Dataset.from_dict({"image": cells}, features=datasets.Features({"image": datasets.Image()}))
    made.to_parquet(path)
    ledger = tmp_path / "beasts.ledger"
    project = client.projects.create(title="Beasts", label_config=IMAGE_CONFIG).id

    def stopped(_: Any) -> None:
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        both("imports.dataset", project, tmp_path / "beasts", ledger=ledger, progress=stopped)
    assert (tmp_path / "beasts.ledger.media").is_dir()
    done = both("imports.dataset", project, tmp_path / "beasts", ledger=ledger)
    assert len(done.task_ids) == len(both.all("tasks.read", project=project)) == 5
    assert not (tmp_path / "beasts.ledger.media").exists()
    client.projects.delete(project)


def test_a_project_becomes_a_dataset_with_its_images(both: Both, photos: int, tmp_path: Path) -> None:
    told: list[Any] = []
    report = both(
        "exports.dataset",
        photos,
        format="coco",
        path=tmp_path / "set",
        with_media=True,
        cache=tmp_path / "cache",
        progress=told.append,
    )
    assert (report.tasks_out, report.regions_out, report.counts) == (3, 3, {})
    found = json.loads((tmp_path / "set" / "result.json").read_text())
    assert [one["file_name"] for one in found["images"]] == ["images/a.png", "images/b_b.png", "images/a-2.png"]
    colours = [
        Image.open(tmp_path / "set" / one["file_name"]).convert("RGB").getpixel((0, 0)) for one in found["images"]
    ]
    assert colours == [(255, 0, 0), (0, 0, 255), (0, 128, 0)]
    assert found["annotations"][0]["bbox"] == pytest.approx([16, 24, 32, 12])
    assert len(told) >= 4


def test_what_is_in_the_cache_is_not_fetched_again(both: Both, photos: int, tmp_path: Path) -> None:
    where = {"with_media": True, "cache": tmp_path / "cache"}
    both("exports.dataset", photos, format="YOLO_WITH_IMAGES", path=tmp_path / "one", **where)
    kept = list((tmp_path / "cache").rglob("*.png"))
    before = {path: path.stat().st_mtime_ns for path in kept}
    assert len(kept) == 3
    both("exports.dataset", photos, format="yolo", path=tmp_path / "two", **where)
    assert {path: path.stat().st_mtime_ns for path in kept} == before
    assert files_in(tmp_path / "one") == files_in(tmp_path / "two")


def test_only_what_a_filter_lets_through(both: Both, photos: int, client: Client, tmp_path: Path) -> None:
    first = min(task.id for task in client.tasks.list(project=photos))
    only = Filters.create(Filters.AND, [Filters.item(Column.id, Operator.EQUAL, Type.Number, first)])
    report = both("exports.dataset", photos, format="json", path=tmp_path / "tasks.json", filters=only)
    assert report.tasks_in == 1
    assert [task["id"] for task in json.loads((tmp_path / "tasks.json").read_text())] == [first]


def test_what_cannot_be_is_refused_before_anything_is_read(both: Both, photos: int, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")
    for options, said in (
        ({"format": "cocoo"}, "Did you mean"),
        ({"format": "coco", "colour": 1}, "no option 'colour'"),
        ({"format": "coco", "path": tmp_path / "there"}, "overwrite=True"),
        ({"format": "csv", "with_media": True}, "cannot be had with media"),
    ):
        with pytest.raises(InvalidInput, match=said):
            both("exports.dataset", photos, **{"path": tmp_path / "set", **options})
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


class Web:
    """Images with an ETag, counted."""

    def __init__(self) -> None:
        self.tag = '"1"'
        self.whole = 0
        self.seen: list[Asked] = []

    def __call__(self, asked: Asked) -> Answer:
        self.seen.append(asked)
        if "gone" in asked.path:
            return Answer(404, b"no", [("Content-Type", "text/plain")])
        body = picture(64, 48, "red" if self.tag == '"1"' else "blue")
        wanted = asked.headers.get("Range", "")
        headers = [("Content-Type", "image/png"), ("ETag", self.tag)]
        if wanted == "bytes=0-0":
            return Answer(206, body[:1], [*headers, ("Content-Range", f"bytes 0-0/{len(body)}")])
        self.whole += 1
        return Answer(200, body, headers)


def test_urls_are_fetched_without_the_token_and_asked_whether_they_are_the_same(
    both: Both, client: Client, tmp_path: Path
) -> None:
    web = Web()
    with serving(web) as there:
        project = client.projects.create(title="From the web", label_config=IMAGE_CONFIG).id
        place = there.url.replace("127.0.0.1", "localhost")
        urls = [f"{place}/a.png?sig=secret", f"{place}/a.png?sig=secret", f"{place}/gone.png"]
        tasks = [{"data": {"image": url}, "annotations": [{"result": [box()]}]} for url in urls]
        client.imports.tasks(project, tasks)

        def run(place: str) -> formats.Report:
            report: formats.Report = both(
                "exports.dataset",
                project,
                format="coco",
                path=tmp_path / place,
                with_media=True,
                cache=tmp_path / "cache",
            )
            return report

        report = run("one")
        assert report.counts == {NO_FILE: 1}
        assert "404" in report.left_out[0].detail
        assert "secret" not in str(report)
        assert web.whole == 1, "one address is one file"
        assert {name for one in web.seen for name in one.headers} & {"Authorization", "Cookie"} == set()
        run("two")
        assert web.whole == 1, "its tag says that it is the same"
        web.tag = '"2"'
        run("three")
        assert web.whole == 2
        client.projects.delete(project)
    one, three = (Image.open(tmp_path / place / "images" / "a.png") for place in ("one", "three"))
    assert one.convert("RGB").getpixel((0, 0)) == (255, 0, 0)
    assert three.convert("RGB").getpixel((0, 0)) == (0, 0, 255)


def test_a_server_that_does_not_know_the_user_ends_it(
    colour: str, server: LocalServer, photos: int, tmp_path: Path
) -> None:
    never = tmp_path / "never"
    with reaching(colour, server.url, "0" * 40) as stranger, pytest.raises(Unauthorized):
        stranger("exports.dataset", photos, format="coco", path=never, with_media=True)
    assert not never.exists()


@pytest.mark.parametrize("presign", [True, False])
def test_media_of_storages_come_along(
    colour: str, presign: bool, reader: LocalServer, media: Path, s3: str, tmp_path: Path
) -> None:
    with reader.client() as client:
        project = client.projects.create(title="Stored", label_config=IMAGE_CONFIG).id
        folder = media / f"p{project}"
        folder.mkdir()
        (folder / "local ü.png").write_bytes(picture(10, 20))
        client.storages.localfiles.create(project=project, path=str(folder), use_blob_urls=True)
        resource = boto3.resource("s3", endpoint_url=s3, region_name="us-east-1", **KEYS)
        bucket = resource.create_bucket(Bucket=f"set-{colour}-{presign}".lower())
        bucket.put_object(Key="deep/cloud a.png", Body=picture(30, 40), ContentType="image/png")
        settings: dict[str, Any] = {"bucket": bucket.name, "s3_endpoint": s3, "region_name": "us-east-1", **KEYS}
        client.storages.s3.create(project=project, use_blob_urls=True, presign=presign, **settings)
        urls = [
            f"/data/local-files/?d=p{project}/local ü.png",
            f"s3://{bucket.name}/deep/cloud a.png",
            f"s3://{bucket.name}/none.png",
            "s3://another/none.png",
            "data:image/png;base64,AAAA",
        ]
        client.imports.tasks(project, [{"data": {"image": url}, "annotations": [{"result": []}]} for url in urls])
        with reaching(colour, reader.url, reader.api_key) as calls:
            report = calls(
                "exports.dataset",
                project,
                format="coco",
                path=tmp_path / "set",
                with_media=True,
                cache=tmp_path / "cache",
            )
    images = json.loads((tmp_path / "set" / "result.json").read_text())["images"]
    sizes = {one["file_name"]: (one["width"], one["height"]) for one in images if one.get("width")}
    assert sizes["images/local ü.png"] == (10, 20)
    assert sizes["images/cloud a.png"] == (30, 40)
    assert report.counts[NO_FILE] + report.tasks_in - report.tasks_out == 3
    assert len(list((tmp_path / "set" / "images").iterdir())) == 2


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A COCO dataset of three images, one of which is not there."""
    folder = tmp_path / "Beasts of prey"
    (folder / "images").mkdir(parents=True)
    for name in ("a.png", "b.png"):
        (folder / "images" / name).write_bytes(picture())
    images = [
        {"id": number, "file_name": f"images/{name}.png", "width": 64, "height": 48}
        for number, name in enumerate("abc", 1)
    ]
    annotations = [
        {"id": n, "image_id": n, "category_id": 7, "bbox": [16, 24, 32, 12], "area": 384, "iscrowd": 0}
        for n in (1, 2, 3)
    ]
    whole = {"images": images, "annotations": annotations, "categories": [{"id": 7, "name": "Cat & dog"}]}
    (folder / "result.json").write_text(json.dumps(whole))
    return folder


def test_a_dataset_becomes_a_project(both: Both, client: Client, dataset: Path, tmp_path: Path) -> None:
    done = both("imports.dataset", None, dataset)
    try:
        project = client.projects.get(done.project)
        assert project.title == "Beasts of prey"
        assert "Cat &amp; dog" in str(project.label_config)
        tasks = client.tasks.list(project=done.project, fields="all", ordering=["tasks:id"]).to_list()
        assert [task.id for task in tasks] == done.task_ids
        assert len(tasks) == 2
        assert done.read.counts == {"a task whose file is not there": 1}
        for task, name in zip(tasks, ("a.png", "b.png"), strict=True):
            (url,) = [value for value in task.data.values() if str(value).startswith("/data/upload/")]
            assert client.make_request("GET", url).content == (dataset / "images" / name).read_bytes()
            (one,) = task.raw["annotations"]
            assert one["result"][0]["value"]["x"] == pytest.approx(25)
        assert "left out, 1" in str(done)
        back = both("exports.dataset", done.project, format="coco", path=tmp_path / "back")
        assert back.regions_out == 2
        found = json.loads((tmp_path / "back" / "result.json").read_text())
        assert [one["bbox"] for one in found["annotations"]] == [pytest.approx([16, 24, 32, 12])] * 2
        assert [one["name"] for one in found["categories"]] == ["Cat & dog"]
    finally:
        client.projects.delete(done.project)


def test_a_dataset_goes_into_a_project_that_is_there(both: Both, client: Client, dataset: Path) -> None:
    whole = json.loads((dataset / "result.json").read_text())
    whole["categories"][0]["name"] = "Dog"
    (dataset / "result.json").write_text(json.dumps(whole))
    project = client.projects.create(title="There already", label_config=IMAGE_CONFIG).id
    done = both("imports.dataset", project, dataset, format="coco")
    tasks = client.tasks.list(project=project, fields="all").to_list()
    assert done.project == project
    assert len(tasks) == 2
    results = [task.raw["annotations"][0]["result"][0] for task in tasks]
    assert [(one["from_name"], one["value"]["rectanglelabels"]) for one in results] == [("box", ["Dog"])] * 2
    client.projects.delete(project)


def test_texts_need_no_files(both: Both, client: Client, tmp_path: Path) -> None:
    tasks = [{"data": {"text": f"text {n}"}, "annotations": [], "predictions": []} for n in range(5)]
    (tmp_path / "tasks.json").write_text(json.dumps(tasks))
    project = client.projects.create(title="Texts", label_config=TEXT_CONFIG).id
    done = both("imports.dataset", project, tmp_path / "tasks.json", format="json")
    assert sorted(task.data["text"] for task in client.tasks.list(project=project)) == [f"text {n}" for n in range(5)]
    assert len(done.task_ids) == 5
    client.projects.delete(project)


def test_files_outside_of_the_dataset_are_not_sent(both: Both, client: Client, dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture())
    whole = json.loads((dataset / "result.json").read_text())
    whole["images"][0]["file_name"] = "../secret.png"
    whole["images"][1]["file_name"] = str(tmp_path / "secret.png")
    (dataset / "images" / "c.png").write_bytes(picture())
    (dataset / "result.json").write_text(json.dumps(whole))
    done = both("imports.dataset", None, dataset)
    assert len(done.task_ids) == 1
    assert client.files.list(done.project).first().name == "c.png"  # type: ignore[union-attr]
    client.projects.delete(done.project)


def test_a_project_that_was_made_for_nothing_is_gone_again(both: Both, client: Client, dataset: Path) -> None:
    before = {project.id for project in client.projects.list(include=["id"])}
    (dataset / "images" / "a.png").write_bytes(b"")  # the server refuses an empty file
    with pytest.raises(InvalidInput, match="empty"):
        both("imports.dataset", None, dataset, format="coco")
    with pytest.raises(InvalidInput, match="There is nothing at"):
        both("imports.dataset", None, dataset / "nowhere")
    with pytest.raises(InvalidInput, match="A ledger is of one project"):
        both("imports.dataset", None, dataset, ledger=dataset / "ledger")
    assert {project.id for project in client.projects.list(include=["id"])} == before

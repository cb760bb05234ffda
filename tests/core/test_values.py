"""JSON, bodies, models and pages."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwire import InvalidInput, UnexpectedReply
from labelwire.core import body, json
from labelwire.core.operation import UNSET, Operation, Page, Reply, Request, Upload
from labelwire.core.pager import counting, following, paged, whole
from labelwire.resources.projects import Project, UserReference
from labelwire.resources.tasks import Task

from .scripted import reply

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)  # fmt: skip


@given(VALUES)
def test_json_goes_out_and_comes_back(value: Any) -> None:
    assert json.decode(reply(200, json.encode(value))) == value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([{"data": {"score": float("nan")}}], r"The data\[0\]\['data'\]\['score'\] is nan"),
        ({"a": [1, float("-inf")]}, r"The data\['a'\]\[1\] is -inf"),
        ({"text": "ab\ud83d"}, r"The data\['text'\] holds half a surrogate pair at position 2"),
        ({"ab\ud83d": 1}, "A key of The data"),
        ({"when": object()}, "is a object"),
        ({(1, 2): 3}, "key of type tuple"),
    ],
)
def test_what_json_has_no_form_for_is_named_with_its_place(value: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        json.encode(value)


def test_what_refers_to_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(InvalidInput):
        json.encode(loop)


def test_common_objects_have_a_form() -> None:
    class Array:
        """As numpy's scalars and arrays do it."""

        def tolist(self) -> list[float]:
            return [0.5]

    value = [datetime(2026, 1, 2, tzinfo=UTC), date(2026, 1, 2), Path("a"), UUID(int=1), Array(), Task({"id": 1})]
    assert json.decode(reply(200, json.encode(value))) == [
        "2026-01-02T00:00:00+00:00", "2026-01-02", "a", "00000000-0000-0000-0000-000000000001", [0.5], {"id": 1},
    ]  # fmt: skip


def test_a_reply_with_nan_or_half_a_surrogate_is_read() -> None:
    got = json.decode(reply(200, b'[NaN, "\\ud83d"]'))
    assert got[0] != got[0]
    assert got[1] == "\ud83d"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><title>Sign in</title>", "web page.*Sign in.*Check the URL"),
        (b'{"id": 1', "not complete JSON"),
        (b"", "with nothing"),
    ],
)
def test_what_is_no_json_is_named(content: bytes, said: str) -> None:
    with pytest.raises(UnexpectedReply, match=said):
        json.decode(reply(200, content))


def test_a_query_leaves_out_what_is_absent_and_writes_what_the_server_reads() -> None:
    params = {"a": None, "b": UNSET, "c": True, "d": [1, 2], "e": "x y&z", "f": 0}
    assert body.query(params) == "?c=true&d=1&d=2&e=x+y%26z&f=0"
    assert body.query({}) == ""


def test_an_upload_is_a_named_part(tmp_path: Path) -> None:
    path = tmp_path / "cat.jpg"
    path.write_bytes(b"\xff\xd8")
    content, headers = body.encode(Request("POST", "/x", uploads=[Upload("cat.jpg", path)]))
    assert content is not None
    assert headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'filename="cat.jpg"' in content
    assert b"\xff\xd8" in content
    with pytest.raises(InvalidInput, match=r"gone\.jpg"):
        body.encode(Request("POST", "/x", uploads=[Upload("gone.jpg", tmp_path / "gone.jpg")]))


class TestModels:
    """Typed attributes over what the server sent."""

    def test_dates_and_nested_objects_are_converted_when_asked_for(self) -> None:
        project = Project({"id": 1, "created_at": "2026-11-23T11:45:44.311352Z", "created_by": {"id": 7}})
        assert project.created_at == datetime(2026, 11, 23, 11, 45, 44, 311352, UTC)
        assert project.created_by == UserReference({"id": 7})
        task = Task({"id": 1, "annotations": [{"id": 2, "result": []}]})
        assert task.annotations is not None
        assert task.annotations[0].id == 2

    def test_nothing_that_the_server_sent_is_lost(self) -> None:
        raw = {"id": 1, "new_field": {"x": 1}}
        task = Task(raw)
        assert task["new_field"] == {"x": 1}
        assert "new_field" in task
        assert dict(task) == raw
        copied = task.to_dict()
        copied["new_field"]["x"] = 2
        assert task.raw["new_field"]["x"] == 1

    def test_odd_and_missing_values_do_not_fail(self) -> None:
        task = Task({"id": 1, "created_at": "not a date", "annotations": "none"})
        odd: tuple[Any, Any] = (task.created_at, task.annotations)
        assert odd == ("not a date", "none")
        assert task.predictions is None

    def test_a_field_is_not_changed_by_accident(self) -> None:
        task = Task({"id": 1})
        with pytest.raises(AttributeError, match="update"):
            task.id = 2
        with pytest.raises(AttributeError):
            task.nonsense = 2  # type: ignore[attr-defined]

    def test_models_compare_copy_and_pickle(self) -> None:
        task = Task({"id": 1, "data": {"a": [1]}})
        assert task == Task({"id": 1, "data": {"a": [1]}})
        assert task != Project({"id": 1, "data": {"a": [1]}})
        assert copy.deepcopy(task) == task
        assert pickle.loads(pickle.dumps(task)) == task  # noqa: S301 - our own bytes

    def test_editors_see_the_fields(self) -> None:
        assert {"id", "data", "annotations", "raw", "to_dict"} <= set(dir(Task({})))
        assert repr(Project({"id": 1, "title": "Cats"})) == "Project(id=1, title='Cats')"


class TestPages:
    """Listings that come in pages."""

    first: Operation[Page[Task]] = paged(
        Request("GET", "/api/tasks/", {"page": 1, "page_size": 2}), Task, "tasks", "total"
    )

    def page(self, *ids: int, total: int) -> Page[Task]:
        return self.first.decode(reply(200, {"tasks": [{"id": one} for one in ids], "total": total}))

    def test_the_next_page_is_asked_for_until_the_total_is_reached(self) -> None:
        page = self.page(1, 2, total=3)
        wanted = following(page, 2)
        assert wanted is not None
        assert wanted.request.params == {"page": 2, "page_size": 2}
        assert following(self.page(3, total=3), 3) is None

    def test_a_listing_that_ends_early_is_an_error_and_not_a_short_list(self) -> None:
        with pytest.raises(UnexpectedReply, match="ended after 2 of 5"):
            following(self.page(total=5), 2)

    def test_a_listing_that_shrinks_while_it_is_read_is_an_error(self) -> None:
        """What moved up was skipped, though the numbers may add up."""
        with pytest.raises(UnexpectedReply, match="shrank from 4 to 3"):
            whole(self.page(3, total=3), 4)
        whole(self.page(3, total=5), 4)
        whole(self.page(1, 2, total=4), None)

    def test_counting_is_one_small_request(self) -> None:
        operation = counting(self.first)
        assert operation.request.params == {"page": 1, "page_size": 1}
        assert operation.decode(reply(200, {"tasks": [{"id": 1}], "total": 165})) == 165

    @pytest.mark.parametrize("odd", [[], {"tasks": []}, {"total": 1}, {"tasks": {}, "total": 1}, None])
    def test_a_page_of_another_shape_is_an_error(self, odd: Any) -> None:
        with pytest.raises(UnexpectedReply):
            self.first.decode(Reply(200, {}, json.encode(odd), "http://server/api/tasks/"))

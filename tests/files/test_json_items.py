"""The items of JSON of any size: the same as `json.loads` finds, in little memory, or an error with its place."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwire import InvalidInput
from labelwire.core.json import encode
from labelwire.files import json_items
from labelwire.files.json_items import items, lines

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ['"', "\\", "},{", "]", "[{", '\\"}, {"', "é😀"]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=3)
LAYOUTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 0, 2]),
        "ensure_ascii": st.booleans(),
        "separators": st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")]),
    }
)


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Windows of a few bytes, so that short texts are cut at every kind of place."""
    if "as_it_is" not in request.fixturenames:
        monkeypatch.setattr(json_items, "WINDOW", 16)


@pytest.fixture
def as_it_is() -> None:
    """Leaves the windows as they are."""


def read(text: bytes) -> list[Any]:
    return [json.loads(item) for item in items(io.BytesIO(text))]


def is_json(value: Any) -> bool:
    """Whether the value can be sent: `json.loads` also takes NaN and halves of surrogate pairs."""
    try:
        encode(value)
    except InvalidInput:
        return False
    return True


def refusal(text: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        list(items(io.BytesIO(text), name="'x.json'"))
    assert str(caught.value).startswith("'x.json'")
    return str(caught.value)


@given(st.lists(OBJECTS | VALUES, max_size=5), LAYOUTS, st.sampled_from([b"", b"\xef\xbb\xbf", b"\n \t" * 9]))
def test_an_array_gives_what_json_loads_gives(values: list[Any], layout: dict[str, Any], before: bytes) -> None:
    assert read(before + json.dumps(values, **layout).encode() + b" \n") == values


@given(OBJECTS, LAYOUTS)
def test_one_object_is_one_item(value: dict[str, Any], layout: dict[str, Any]) -> None:
    assert read(json.dumps(value, **layout).encode()) == [value]


@given(st.lists(OBJECTS, max_size=5), LAYOUTS, st.data())
def test_damaged_text_gives_what_json_loads_gives_or_is_refused(
    values: list[Any], layout: dict[str, Any], data: st.DataObject
) -> None:
    """One byte is taken out, put in or exchanged: whatever comes out is what the text says."""
    text = bytearray(json.dumps([{"a": 1}, *values], **layout).encode())
    at = data.draw(st.integers(0, len(text) - 1))
    text[at : at + data.draw(st.integers(0, 1))] = data.draw(
        st.sampled_from([b"", b",", b"]", b"}", b'"', b"{", b"x", b"0"])
    )
    try:
        wanted = json.loads(bytes(text))
    except ValueError:
        wanted = None
    try:
        got = read(bytes(text))
    except (InvalidInput, UnicodeDecodeError):
        assert wanted is None or not is_json(wanted)
    else:
        assert got == wanted or [wanted] == got


@given(st.lists(OBJECTS, min_size=1, max_size=5), LAYOUTS, st.data())
def test_text_that_ends_early_is_refused(values: list[Any], layout: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(values, **layout).encode()
    with pytest.raises(InvalidInput):
        list(items(io.BytesIO(text[: data.draw(st.integers(0, len(text) - 1))])))


@settings(max_examples=20)
@given(st.integers(1, 40), st.integers(0, 12))
def test_items_that_are_deep_or_long_are_whole(count: int, depth: int) -> None:
    deep: Any = {"k": "},{"}
    for _ in range(depth):
        deep = {"a": [deep, {}, []]}
    values = [{"i": index, "many": [{"x": 1}] * count, "deep": deep} for index in range(count)]
    assert read(json.dumps(values).encode()) == values


def test_an_empty_array_has_no_items() -> None:
    assert read(b"[]") == read(b"\xef\xbb\xbf [ \n ] ") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b'[{"a": 1}', "ends too early, at byte 9"),
        (b'[{"a": "long enough for a few windows", "b": [1, 2, ', "ends too early, at byte 52"),
        (b'[{"a": 1}, {"a": 2},]', "comma"),
        (b'[{"a": "a comma after several windows"}, {"a": "and another item"}, ]', "comma"),
        (b'[{"a": 1} {"a": 2}]', "at byte 10"),
        (b'[{"a": 1}] {"a": 2}', "goes on after its end, at byte 11"),
        (b'{"a": 1}\n{"a": 2}\n', "JSON Lines: say format='jsonl'"),
        (b'[{"a": tru}]', "at byte 8"),
        (b"tasks", "begins with 'tasks'"),
        (b'"text"', "begins with"),
        (b"\xff\xfe[\x00]\x00", "UTF-16"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b'[{"a": 1}, {"data": {"score": NaN}}]', r"item 2: The task['data']['score'] is nan"),
        (b'[{"a": "\\ud83d half a pair"}]', "item 1: The task['a'] holds half a surrogate pair"),
        (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
    ],
)
def test_broken_json_is_named_with_its_place(text: bytes, said: str) -> None:
    assert said in refusal(text)


def test_the_place_is_the_files_and_not_the_windows() -> None:
    text = b"[" + b", ".join(b'{"id": %d}' % index for index in range(1000))
    assert f"at byte {len(text) + 2:,}" in refusal(text + b", !")
    assert "item 1,001: The task['id'] is nan" in refusal(text + b', {"id": NaN}]')


def test_what_is_broken_early_is_refused_before_the_rest_is_read() -> None:
    stream = io.BytesIO(b'[{"a": 1} {"a": 2}, ' + b'{"a": 3}, ' * 100_000 + b'{"a": 4}]')
    with pytest.raises(InvalidInput, match="byte 10"):
        list(items(stream))
    assert stream.tell() < 1000


def test_lines_are_items_and_blank_ones_are_not() -> None:
    text = b'\xef\xbb\xbf{"a": 1}\r\n\n  \n{"b": [1, 2]}\n{"c": "\xc3\xa9"}'
    assert [json.loads(line) for line in lines(io.BytesIO(text))] == [{"a": 1}, {"b": [1, 2]}, {"c": "é"}]
    assert list(lines(io.BytesIO(b""))) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"a": 1}\n\n{"a": \n', "'x', line 3 ends too early"),
        (b'{"a": 1}\n{"a": 2} {"a": 3}\n', "line 2 goes on after its end"),
        (b'{"a": NaN}\n', "line 1: The task['a'] is nan"),
    ],
)
def test_a_bad_line_is_named_with_its_number(text: bytes, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        list(lines(io.BytesIO(text), name="'x'"))
    assert said in str(caught.value)


def test_memory_is_constant(as_it_is: None, tmp_path: Path) -> None:
    result = [{"id": f"r{n}", "value": {"start": n, "text": "},{ “quoted”"}, "type": "labels"} for n in range(6)]
    task = {"id": 1, "annotations": [{"id": 1, "result": result}] * 2, "data": {"text": "word " * 50}}
    one = json.dumps(task, ensure_ascii=False).encode()
    count = 30_000_000 // len(one)
    path = tmp_path / "tasks.json"
    with path.open("wb") as file:
        file.write(b"[")
        file.writelines(_parted(one, count))
        file.write(b"]")
    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            assert sum(len(item) for item in items(stream)) == count * len(one)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def _parted(one: bytes, count: int) -> Iterator[bytes]:
    for index in range(count):
        yield (b", " if index else b"") + one


def test_a_string_that_is_longer_than_many_windows_takes_no_longer_than_its_length() -> None:
    long = encode([{"text": "x y " * (1 << 20)}, {"text": "a"}])
    assert [len(item) for item in items(io.BytesIO(long))] == [(4 << 20) + len('{"text":""}'), 12]


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [float("nan"), float("inf"), -float("inf"), "\ud83d", "half \udc00", "NaN", 1]
)


@given(st.lists(st.fixed_dictionaries({"a": ODD | VALUES, "b": OBJECTS | ODD}), max_size=6), LAYOUTS)
def test_what_python_writes_is_given_as_it_is_to_who_asks_for_it(values: list[Any], layout: dict[str, Any]) -> None:
    text = json.dumps(values, **{**layout, "ensure_ascii": True}).encode()
    there = [json.loads(item) for item in items(io.BytesIO(text), loose=True)]
    assert json.dumps(there) == json.dumps(values)
    of_lines = b"\n".join(json.dumps(value).encode() for value in values)
    there = [json.loads(item) for item in lines(io.BytesIO(of_lines), loose=True)]
    assert json.dumps(there) == json.dumps(values)
    for value in values:
        (one,) = items(io.BytesIO(json.dumps(value, **layout | {"ensure_ascii": True}).encode()), loose=True)
        assert json.dumps(json.loads(one)) == json.dumps(value)


@pytest.mark.parametrize(
    "broken", [b'{"b": }', b'{"b": NaNo}', b'{"b": +Infinity}', b'{"b": nan}', b'{"b": 1', b'{"b": 1}, ', b""]
)
@pytest.mark.parametrize("before", [b"", b'{"a": 1}, ', b'{"a": NaN}, ' * 9])
def test_what_python_does_not_take_either_is_refused(before: bytes, broken: bytes) -> None:
    text = b"[" + before + broken + b', {"c": 1}]'
    with pytest.raises(InvalidInput):
        list(items(io.BytesIO(text), loose=True))


@pytest.mark.usefixtures("as_it_is")
def test_many_tasks_with_nan_are_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    one = json.dumps({"id": 1, "data": {"score": float("nan"), "text": "x" * 900}}).encode()
    with path.open("wb") as file:
        file.write(b"[" + b",".join([one] * 20_000) + b"]")
    with path.open("rb") as file:
        tracemalloc.start()
        count = sum(1 for _ in items(file, loose=True))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 8 << 20

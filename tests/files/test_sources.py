"""Tasks from files of every kind: what they hold, in little memory, and an error with its place for what is broken."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwire import InvalidInput
from labelwire.files.sources import rows

TASKS: list[dict[str, Any]] = [
    {"data": {"text": "Ça va"}, "meta": {"n": 1}},
    {"data": {"text": "a\nb", "more": [1, {"x": None}]}},
]

SEVERAL = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
"""The folder of a test may serve all of its examples."""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    """Writes a file of the name and gives its path."""

    def written(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


Write = Callable[[str, bytes | str], Path]


def data(path: Path, **kwargs: Any) -> list[Any]:
    return [row["data"] for row in rows(path, **kwargs)]


def refusal(source: Any, **kwargs: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        list(rows(source, **kwargs))
    return str(caught.value)


AS_JSON = json.dumps(TASKS).encode()
AS_LINES = b"\n".join(json.dumps(task).encode() for task in TASKS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", AS_JSON),
        ("a.JSON", AS_JSON),
        ("a.jsonl", AS_LINES),
        ("a.ndjson", AS_LINES),
        ("a.json.gz", gzip.compress(AS_JSON, mtime=0)),
        ("a.jsonl.bz2", bz2.compress(AS_LINES)),
        ("a.json.xz", lzma.compress(AS_JSON)),
        ("a.json.zst", pa.compress(AS_JSON, codec="zstd", asbytes=True)),
    ],
)
def test_json_files_give_their_tasks(write: Write, name: str, content: bytes) -> None:
    path = write(name, content)
    assert list(rows(path)) == list(rows(str(path))) == TASKS


def test_the_format_can_be_said(write: Write) -> None:
    assert list(rows(write("export", AS_JSON), format="json")) == TASKS
    assert list(rows(write("wrong.json", AS_LINES), format="jsonl")) == TASKS
    assert "'json'" in refusal(write("export", AS_JSON))
    assert "'yaml'" in refusal(write("export", AS_JSON), format="yaml")


def test_an_iterable_is_passed_through_one_by_one() -> None:
    taken: list[int] = []

    def made() -> Iterator[dict[str, Any]]:
        for number in range(3):
            taken.append(number)
            yield {"n": number}

    assert next(rows(made())) == {"n": 0}
    assert taken == [0]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"text": "one"}, "write [task]"),
        ("no such file.json", "There is no file 'no such file.json'"),
        ('[{"text": "json itself"}]', "There is no file"),
        ("x" * 5000, "There is no file 'xxx"),
        ("https://user:secret@host/a.json?token=secret", "'https://host/a.json' is a web address"),
        (b"[]", "bytes"),
        (io.StringIO("[]"), "open file"),
        (5, "int"),
        ("nonsense://bucket/a.json", "'nonsense://bucket/a.json' cannot be opened"),
        ("memory://there/is/none.json", "There is no 'memory://there/is/none.json'"),
    ],
)
def test_what_is_no_source_is_refused_in_plain_words(source: Any, said: str) -> None:
    refused = refusal(source)
    assert said in refused
    assert "secret" not in refused


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


def test_a_missing_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        rows(tmp_path / "none.json")  # nothing was asked of it yet


def test_urls_are_read_and_read_twice() -> None:
    with fsspec.open("memory://folder/a.csv.gz", "wb") as file:
        file.write(gzip.compress(b"text,n\na,1\nb,\n"))
    assert list(rows("memory://folder/a.csv.gz")) == [{"data": {"text": "a", "n": 1}}, {"data": {"text": "b", "n": ""}}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[{"a": 1}, [2]]', "task 2: Expected `object`, got `array`"),
        (b'[{"a": 1}, {"a": "\xff"}]', "not UTF-8: there is a byte 0xff in task 2"),
        (b'[{"data": {"score": NaN}}]', "item 1: The task['data']['score'] is nan"),
        (b'[{"a": 1e999}]', "task 1: Number out of range"),
        (b'[{"a": 1}', "ends too early"),
    ],
)
def test_broken_json_is_refused_with_its_place(write: Write, content: bytes, said: str) -> None:
    assert said in refusal(write("a.json", content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json.gz", gzip.compress(AS_JSON, mtime=0)[:-12]),
        ("a.json.gz", AS_JSON),
        ("a.json.bz2", AS_JSON),
        ("a.json.xz", lzma.compress(AS_JSON)[:-12]),
        ("a.json.zst", AS_JSON),
        ("a.parquet", AS_JSON),
    ],
)
def test_damaged_files_are_refused(write: Write, name: str, content: bytes) -> None:
    assert repr(str(write(name, content))) in refusal(write(name, content))


def test_a_line_of_text_is_a_task(write: Write) -> None:
    path = write("a.txt", "\ufeffone\r\n\n two \n  \nthree\u2028still three")
    assert data(path) == [{"$undefined$": line} for line in ("one", " two ", "three\u2028still three")]
    assert "line 3 has a byte 0xe9" in refusal(write("latin.txt", b"one\ntwo\ncaf\xe9\n"))


def test_parquet_is_read_in_batches(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    wanted = [{"text": f"t{n}", "n": n, "score": None if n % 2 else n / 4} for n in range(2500)]
    pq.write_table(pa.Table.from_pylist(wanted), path)
    assert data(path) == wanted
    whole = tmp_path / "whole.pq"
    pq.write_table(pa.Table.from_pylist([{"data": {"text": "x"}, "meta": {"k": 1}}]), whole)
    assert list(rows(whole)) == [{"data": {"text": "x"}, "meta": {"k": 1}}]
    assert data(write("a.parquet.gz", gzip.compress(path.read_bytes()))) == wanted


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.parquet", 'pip install "labelwire[arrow]"'),
        ("a.json.zst", 'pip install "labelwire[arrow]"'),
        ("memory://a.json", 'pip install "labelwire[fsspec]"'),
    ],
)
def test_a_missing_extra_is_named(write: Write, monkeypatch: pytest.MonkeyPatch, name: str, said: str) -> None:
    source = name if "://" in name else write(name, b"")
    for module in ("pyarrow", "pyarrow.parquet", "fsspec"):
        monkeypatch.setitem(sys.modules, module, None)
    assert said in refusal(source)


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6) | st.sampled_from(
    [
        "",
        "1",
        "-2",
        "007",
        "1.5",
        ".5",
        "+3",
        "1e3",
        "True",
        "false",
        '"',
        "a,b",
        "x\ny",
        "\r\n",
        "NA",
        " 4",
        "9" * 25,
        "1e999",
    ]
)


@SEVERAL
@given(st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=6))
def test_rows_of_a_csv_are_those_of_the_csv_module(write: Write, cells: list[list[str]]) -> None:
    """Text as it is; numbers and bools as what the text means, and so that nothing of it is lost."""
    sink = io.StringIO()
    csv.writer(sink).writerows([["a", "b"], *cells])
    found = data(write("a.csv", sink.getvalue()))
    assert len(found) == len(cells)
    for row, (first, second) in zip(found, cells, strict=True):
        for value, text in ((row["a"], first), (row["b"], second)):
            if isinstance(value, bool):
                assert str(value).lower() == text.lower()
            elif isinstance(value, (int, float)):
                assert value == type(value)(text)
            else:
                assert value == text


COLUMNS = {
    "int": st.integers(-(2**63), 2**63 - 1).map(str),
    "float": st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.just(""),
    "bool": st.sampled_from(["True", "False", "true", "FALSE", ""]),
    "text": st.text(st.sampled_from("xyz äß,;\"'\n"), max_size=5).map(lambda text: f"t{text}") | st.just(""),
}


@SEVERAL
@given(st.lists(st.tuples(*COLUMNS.values()), min_size=1, max_size=5))
def test_where_nothing_is_lost_a_csv_is_read_as_pandas_reads_it(write: Write, cells: list[tuple[str, ...]]) -> None:
    sink = io.StringIO()
    csv.writer(sink).writerows([list(COLUMNS), *cells])
    path = write("a.csv", sink.getvalue())
    frame = pd.read_csv(path).astype(object)
    wanted = frame.where(frame.notna(), "").to_dict("records")
    for found, row in zip(data(path), wanted, strict=True):
        assert [type(value) for value in found.values()] == [type(value) for value in row.values()]
        if found["float"] != "":  # pandas' own reading of digits may differ in the last bit
            assert found.pop("float") == pytest.approx(row.pop("float"), rel=1e-15)
        assert found == row


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "-2", "0"], [1, -2, 0]),
        (["1", "", "3"], [1, "", 3]),
        (["1", "2.5", ""], [1.0, 2.5, ""]),
        (["007", "8"], ["007", "8"]),
        (["+49", "30"], ["+49", "30"]),
        (["01.5", "2"], ["01.5", "2"]),
        (["9223372036854775807"], [2**63 - 1]),
        (["9223372036854775808", "1"], ["9223372036854775808", "1"]),
        (["12345678901234567890", "0.5"], ["12345678901234567890", "0.5"]),
        (["1e999", "1"], ["1e999", "1"]),
        (["NA", "1"], ["NA", "1"]),
        (["None", "null", "nan"], ["None", "null", "nan"]),
        (["inf", "1.5"], ["inf", "1.5"]),
        (["True", "", "FALSE"], [True, "", False]),
        (["True", "1"], ["True", "1"]),
        ([" 1", "2 "], [1, 2]),
        (["1_000"], ["1_000"]),
        (["٣"], ["٣"]),
        (["0x10", "1"], ["0x10", "1"]),
        (["1\n2", "3"], ["1\n2", "3"]),
        (['""', '""'], ["", ""]),
    ],
)
def test_a_column_has_one_type_and_loses_nothing(write: Write, cells: list[str], values: list[Any]) -> None:
    body = "".join(f'x,"{cell}"\n' if cell != '""' else 'x,""\n' for cell in cells)
    found = [row["n"] for row in data(write("a.csv", "t,n\n" + body))]
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


def test_the_type_is_that_of_the_whole_column(write: Write) -> None:
    body = "".join(f"{n},x\n" for n in range(3000)) + "last,x\n"
    assert data(write("a.csv", "n,t\n" + body))[0] == {"n": "0", "t": "x"}


def test_separators(write: Write) -> None:
    assert data(write("a.csv", "a;b\n1;x,y\n")) == [{"a": 1, "b": "x,y"}]
    assert data(write("a.csv", "a,b;c\n1,2\n")) == [{"a": 1, "b;c": 2}]
    assert data(write("a.tsv", "a\tb\nx,y\t2\n")) == [{"a": "x,y", "b": 2}]


def test_headers_as_pandas_names_them(write: Write) -> None:
    for header in ("a,a", "a,a,a.1", "a.1,a,a", ",b,", "Unnamed: 1,,", "a,a,a"):
        path = write("a.csv", f"{header}\n{','.join('x' * (header.count(',') + 1))}\n")
        assert list(data(path)[0]) == list(pd.read_csv(path).columns)


def test_what_spreadsheets_write(write: Write) -> None:
    assert data(write("a.csv", b'\xef\xbb\xbfa,b\r\n"x ""y""\r\nz",1\r\n\r\n')) == [{"a": 'x "y"\r\nz', "b": 1}]
    assert data(write("mac.csv", "a,b\rx,1\ry,2\r")) == [{"a": "x", "b": 1}, {"a": "y", "b": 2}]
    assert data(write("header.csv", "a,b\n")) == []
    assert data(write("blank.csv", "\n\na,b\n  \n1,2")) == [{"a": 1, "b": 2}]


def test_a_long_text_fits_in_a_field_and_the_process_keeps_its_limit(write: Write) -> None:
    limit = csv.field_size_limit()
    assert len(data(write("a.csv", f"a,b\n{'x' * 300_000},1\n"))[0]["a"]) == 300_000
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b'a,b\n"x\ny",1\n\n1,2,3\n', "line 5: 3 fields between commas, and the header has 2"),
        (b"a,b\n1,2\n3\n", "line 3: 1 fields"),
        (b'a,b\n1,2\n"x,3\n4,5\n', "a quote in the row at line 3 is never closed"),
        (b"a,b\ncaf\xe9,1\n", "not UTF-8: line 2 has a byte 0xe9"),
        (b"\xff\xfea\x00,\x00b\x00", "not UTF-8"),
    ],
)
def test_a_broken_csv_is_refused_with_its_line_before_its_first_row(write: Write, content: bytes, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        next(rows(write("a.csv", content)))
    assert said in str(caught.value)


@pytest.mark.parametrize("kind", ["json", "jsonl", "csv", "txt"])
def test_memory_is_constant(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    text = "word " * 200
    line = {
        "json": json.dumps({"data": {"text": text, "n": 1}}) + ",\n",
        "jsonl": json.dumps({"data": {"text": text, "n": 1}}) + "\n",
        "csv": f"{text},1\n",
        "txt": f"{text}\n",
    }[kind]
    count = 30_000_000 // len(line)
    with path.open("w") as file:
        file.write({"json": "[", "csv": "text,n\n"}.get(kind, ""))
        file.writelines(line for _ in range(count - 1))
        file.write(line.rstrip(",\n") + {"json": "]"}.get(kind, ""))
    tracemalloc.start()
    try:
        assert sum(1 for _ in rows(path)) == count
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()

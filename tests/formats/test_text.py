"""Texts with spans: CoNLL and spaCy's DocBin, judged by spaCy, and texts that come from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin
from spacy.training.converters.conll_ner_to_docs import conll_ner_to_docs

from labelwire import formats
from labelwire.errors import InvalidInput
from labelwire.formats.spans import Span, apart
from labelwire.formats.tokens import finder
from labelwire.label_config import html, paragraphs, text

from .conftest import Convert, Task

CONFIG = str(text(spans=["Person", "City", "Job title"], choices={"mood": ["good", "bad"]}))
HTML = str(html(spans=["Person"]))
DIALOGUE = str(paragraphs(spans=["Person"]))


def units(text: str, at: int) -> int:
    """An offset as the editor counts it."""
    return len(text[:at].encode("utf-16-le")) // 2


def span(shown: str, quote: str, label: str | list[str], id: str = "", at: int | None = None) -> dict[str, Any]:
    start = shown.index(quote) if at is None else at
    labels = [label] if isinstance(label, str) else label
    value = {"start": units(shown, start), "end": units(shown, start + len(quote)), "text": quote, "labels": labels}
    return {"id": id or f"{start}{quote}", "from_name": "span", "to_name": "text", "type": "labels", "value": value}


def task(shown: str, *results: dict[str, Any], id: int = 1) -> Task:
    return {"id": id, "data": {"text": shown}, "annotations": [{"id": id, "result": list(results)}]}


def relation(source: str, target: str) -> dict[str, Any]:
    return {"type": "relation", "from_id": source, "to_id": target, "direction": "right", "labels": ["works in"]}


def conll(convert: Convert, tasks: list[Task], **more: Any) -> tuple[formats.Report, str]:
    report, folder = convert(tasks, "CONLL2003", **{"config": CONFIG, **more})
    return report, (folder / "result.conll").read_text(encoding="utf-8")


def tagged(written: str) -> list[tuple[str, str]]:
    """Token and label of each line."""
    lines = [line.split(" ") for line in written.splitlines() if line and not line.startswith("-DOCSTART-")]
    return [(line[0], line[-1]) for line in lines]


def docs(place: Path) -> list[Doc]:
    return list(DocBin().from_disk(place).get_docs(spacy.blank("en").vocab))


def found(dataset: formats.Dataset) -> list[tuple[str, list[tuple[str, str]]]]:
    """Text of each task with the quotes and labels of its spans, as the editor would show them."""
    read = []
    for one in dataset.tasks():
        shown = one["data"]["text"]
        encoded = shown.encode("utf-16-le")
        marks = []
        for result in one["annotations"][0]["result"]:
            if result["type"] == "labels":
                value = result["value"]
                quote = encoded[2 * value["start"] : 2 * value["end"]].decode("utf-16-le")
                marks += [(quote, label) for label in value["labels"]]
        read.append((shown, sorted(marks)))
    return read


def test_spacy_reads_the_conll_that_is_written(convert: Convert) -> None:
    first = "Anna Maria Lopez works in New York."
    second = "No one.\n\nBut Bob, in Rome!"
    tasks = [
        task(first, span(first, "Anna Maria Lopez", "Person"), span(first, "New York", "City")),
        task(second, span(second, "Bob", "Person"), span(second, "Rome", "City"), id=2),
    ]
    _, written = conll(convert, tasks)
    read: list[Doc] = list(conll_ner_to_docs(written, n_sents=0, no_print=True))  # type: ignore[no-untyped-call]
    entities = [[(one.text, one.label_) for one in doc.ents] for doc in read]
    assert entities == [[("Anna Maria Lopez", "Person"), ("New York", "City")], [("Bob", "Person"), ("Rome", "City")]]
    assert written.startswith("-DOCSTART- -X- O O\n\nAnna -X- _ B-Person\nMaria -X- _ I-Person\n")


def test_offsets_behind_an_emoji_are_those_of_the_editor(convert: Convert) -> None:
    shown = "👩🏽\u200d🚀🎉 ok, Anna 👍 Rome"
    _, written = conll(convert, [task(shown, span(shown, "Anna", "Person"), span(shown, "Rome", "City"))])
    assert [pair for pair in tagged(written) if pair[1] != "O"] == [("Anna", "B-Person"), ("Rome", "B-City")]
    _, folder = convert([task(shown, span(shown, "Anna", "Person"))], "spacy", config=CONFIG)
    assert [one.text for one in docs(folder / "result.spacy")[0].ents] == ["Anna"]


def test_a_span_within_a_word_is_not_lost(convert: Convert) -> None:
    shown = "unbelievable"
    report, written = conll(convert, [task(shown, span(shown, "believ", "City"))])
    assert tagged(written) == [("un", "O"), ("believ", "B-City"), ("able", "O")]
    assert report.regions_out == 1


def test_of_spans_that_overlap_the_longest_is_written_and_the_others_are_reported(convert: Convert) -> None:
    shown = "University of New York City"
    spans = [
        span(shown, "New York", "City", "inner"),
        span(shown, shown, "Person", "outer"),
        span(shown, "City", "City"),
    ]
    report, written = conll(convert, [task(shown, *spans)])
    assert {label for _, label in tagged(written)} == {"B-Person", "I-Person"}
    assert report.counts == {"a span that overlaps a longer one": 2}
    assert report.left_out[0].region == "inner"
    assert (report.regions_in, report.regions_out) == (3, 1)


def test_a_task_is_written_once_however_many_have_labeled_it(convert: Convert) -> None:
    one = task("Anna", span("Anna", "Anna", "Person"))
    one["annotations"].append({"id": 9, "result": [], "updated_at": "2000-01-01"})
    report, written = conll(convert, [one])
    assert written.count("-DOCSTART-") == 1
    assert report.not_chosen == 1


def test_two_spans_side_by_side_are_two(convert: Convert) -> None:
    shown = "Anna Bob"
    tasks = [task(shown, span(shown, "Anna", "Person"), span(shown, "Bob", "Person"))]
    assert tagged(conll(convert, tasks)[1]) == [("Anna", "B-Person"), ("Bob", "B-Person")]
    assert tagged(conll(convert, tasks, scheme="BILOU")[1]) == [("Anna", "U-Person"), ("Bob", "U-Person")]


def test_a_label_with_a_space_stays_one_column(convert: Convert) -> None:
    report, written = conll(convert, [task("chief cook", span("chief cook", "chief cook", "Job title"))])
    assert tagged(written) == [("chief", "B-Job_title"), ("cook", "I-Job_title")]
    assert any("White space" in said for said in report.notes)


def test_what_is_no_span_is_reported(convert: Convert) -> None:
    shown = "Anna  Bob"
    results = [
        span(shown, "Anna", ["Person", "City"], "a"),
        span(shown, "  ", "Person", "blank"),
        {**span(shown, "Bob", "Person", "bare"), "value": {"start": 6, "end": 9, "text": "Bob"}},
        {**span(shown, "Bob", "Person", "far"), "value": {"start": 6, "end": 99, "labels": ["Person"]}},
        {"id": "m", "from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["good"]}},
        relation("a", "blank"),
    ]
    report, written = conll(convert, [task(shown, *results)])
    assert tagged(written) == [("Anna", "B-Person"), ("Bob", "O")]
    assert report.counts == {
        "a region that cannot be understood": 1,
        "a span without a visible character": 1,
        "a region without a label": 1,
        "a further label of a span": 1,
        "an answer, which the format does not hold": 1,
        "a relation, which the format does not hold": 1,
    }


def test_a_text_behind_an_address_is_reported(convert: Convert) -> None:
    config = CONFIG.replace('value="$text"', 'value="$text" valueType="url"')
    report, written = conll(convert, [task("https://a.example/text.txt")], config=config)
    assert written == ""
    assert report.counts == {"a task whose text is not in it": 1}


def test_a_line_end_of_two_characters_counts_as_one_for_a_browser(convert: Convert) -> None:
    shown = "one\r\ntwo\r\nAnna three"
    seen = shown.replace("\r\n", "\n")
    _, written = conll(convert, [task(shown, span(seen, "Anna", "Person"))])
    assert ("Anna", "B-Person") in tagged(written)


@pytest.mark.parametrize("breaks", [True, False])
def test_html_is_written_as_the_text_that_it_shows(convert: Convert, breaks: bool) -> None:
    page = "<style>p {}</style><h1>🎉 News</h1><p>Says<br>Anna &amp; Bob</p><p>Anna</p>"
    plain = "🎉 NewsSays\nAnna & BobAnna" if breaks else "🎉 NewsSaysAnna & BobAnna"
    start = units(plain, plain.index("Anna"))
    value = {
        "start": "/p[1]/text()[2]",
        "end": "/p[1]/text()[2]",
        "startOffset": 0,
        "endOffset": 10,
        "globalOffsets": {"start": start, "end": start + 10},
        "text": "Anna & Bob",
        "hypertextlabels": ["Person"],
    }
    result = {"id": "a", "from_name": "span", "to_name": "html", "type": "hypertextlabels", "value": value}
    one = {"id": 1, "data": {"html": page}, "annotations": [{"id": 1, "result": [result]}]}
    _, written = conll(convert, [one], config=HTML)
    assert tagged(written) == [
        *[("🎉", "O"), ("News", "O"), ("Says", "O")],
        *[("Anna", "B-Person"), ("&", "I-Person"), ("Bob", "I-Person"), ("Anna", "O")],
    ]


def test_a_quote_that_is_twice_in_a_page_is_not_guessed(convert: Convert) -> None:
    value = {"start": "/p/text()", "end": "/p/text()", "startOffset": 0, "endOffset": 4, "text": "Anna"}
    result = {"id": "a", "from_name": "span", "to_name": "html", "type": "hypertextlabels"}
    result["value"] = {**value, "hypertextlabels": ["Person"]}  # type: ignore[assignment]
    one = {"id": 1, "data": {"html": "<p>Anna</p><p>Anna</p>"}, "annotations": [{"id": 1, "result": [result]}]}
    report, _ = conll(convert, [one], config=HTML)
    assert report.counts == {"a span whose place in the text cannot be told": 1}


def test_each_paragraph_is_a_sentence(convert: Convert) -> None:
    said = [{"author": "A", "text": "👋 I am Anna"}, {"author": "B", "text": "Bob"}, {"author": "A", "text": "ok"}]
    value = {
        "start": "0",
        "end": "1",
        "startOffset": 8,
        "endOffset": 3,
        "text": "Anna\nBob",
        "paragraphlabels": ["Person"],
    }
    result = {"id": "a", "from_name": "span", "to_name": "dialogue", "type": "paragraphlabels", "value": value}
    one = {"id": 1, "data": {"dialogue": said}, "annotations": [{"id": 1, "result": [result]}]}
    _, written = conll(convert, [one], config=DIALOGUE)
    blocks = written.removeprefix("-DOCSTART- -X- O O\n\n").strip().split("\n\n")
    assert [tagged(block)[-1] for block in blocks] == [("Anna", "B-Person"), ("Bob", "B-Person"), ("ok", "O")]


def test_words_of_other_scripts_are_not_cut() -> None:
    words = finder("words")
    assert words("शिक्षा है।") == ["शिक्षा", "है", "।"]
    assert words("cafe\u0301 it's e-mail 3.14 \U0001f1e9 👩🏽\u200d🚀") == [
        *["cafe\u0301", "it's", "e-mail", "3.14", "\U0001f1e9", "👩🏽\u200d🚀"]
    ]


def bare(said: str) -> str:
    """Without white space."""
    return "".join(said.split())


texts = st.text(st.sampled_from("aB3é́,.-' \t\n\r🎉\u200dש漢"), min_size=1, max_size=40)


@st.composite
def marked(draw: st.DrawFn) -> Task:
    """A task with spans that do not overlap, at any place of any text."""
    shown = draw(texts)
    ends = sorted(draw(st.lists(st.integers(0, len(shown)), max_size=6, unique=True)))
    pairs = list(zip(ends[::2], ends[1::2], strict=False))
    labels = draw(st.lists(st.sampled_from(["Person", "City"]), min_size=len(pairs), max_size=len(pairs)))
    marks = zip(pairs, labels, strict=True)
    return task(shown, *(span(shown, shown[a:b], label, at=a) for (a, b), label in marks))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(one=marked())
def test_every_visible_character_comes_back_from_conll_under_its_label(
    one: Task, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("conll") / "out"
    formats.convert([one], "conll", folder, config=CONFIG)
    shown = one["data"]["text"]
    read = found(formats.read(folder / "result.conll", "conll", tasks="documents"))
    marks = [result["value"] for result in one["annotations"][0]["result"]]
    assert bare("".join(there for there, _ in read)) == bare(shown)
    expected = sorted((bare(one["text"]), one["labels"][0]) for one in marks if one["text"].strip())
    if "\n" not in shown and "\r" not in shown:
        assert sorted((bare(quote), label) for _, there in read for quote, label in there) == expected


@settings(max_examples=60, deadline=None, derandomize=True)
@given(one=marked())
def test_texts_come_back_from_spacy_as_they_were(one: Task, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("spacy") / "out"
    report = formats.convert([one], "spacy", folder, config=CONFIG)
    ((shown, marks),) = found(formats.read(folder / "result.spacy"))
    assert shown == one["data"]["text"]
    if report.regions_out == report.regions_in:
        values = [result["value"] for result in one["annotations"][0]["result"]]
        assert marks == sorted((value["text"].strip(), value["labels"][0]) for value in values)


def test_spacy_has_entities_spans_categories_and_relations(convert: Convert) -> None:
    shown = "Anna leads New York University."
    results = [
        span(shown, "Anna", "Person", "a"),
        span(shown, "New York University", "Job title", "u"),
        span(shown, "New York", "City", "c"),
        {"id": "m", "from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["good"]}},
        relation("a", "c"),
    ]
    report, folder = convert([task(shown, *results, id=7)], "spacy", config=CONFIG)
    (doc,) = DocBin(store_user_data=True).from_disk(folder / "result.spacy").get_docs(spacy.blank("en").vocab)
    assert doc.text == shown
    assert [(one.text, one.label_) for one in doc.ents] == [("Anna", "Person"), ("New York University", "Job title")]
    assert [one.text for one in doc.spans["sc"]] == ["Anna", "New York University", "New York"]
    assert doc.cats == {"good": 1.0, "bad": 0.0}
    assert doc.user_data["task"] == 7
    (one,) = doc.user_data["relations"]
    assert (one["source"], one["target"]) == ((0, 4), (11, 19))
    assert (one["direction"], one["labels"]) == ("right", ("works in",))
    assert report.regions_out == 3
    assert not report.counts
    (read,) = formats.read(folder).tasks()
    kinds = [result["type"] for result in read["annotations"][0]["result"]]
    assert kinds == ["labels", "labels", "labels", "choices", "relation"]


def test_what_does_not_fit_spacys_tokens_is_unknown_and_not_outside(convert: Convert) -> None:
    shown = "unbelievable Anna"
    one = task(shown, span(shown, "believ", "City"), span(shown, "Anna", "Person"))
    report, folder = convert([one], "spacy", config=CONFIG)
    (doc,) = docs(folder / "result.spacy")
    assert [token.ent_iob_ for token in doc] == ["", "B"]
    assert sum(report.counts.values()) == 1
    _, folder = convert([one], "spacy", config=CONFIG, alignment="expand")
    assert [one.text for one in docs(folder / "result.spacy")[0].ents] == ["unbelievable", "Anna"]


@pytest.mark.parametrize("format", ["conll", "spacy"])
def test_the_output_does_not_depend_on_batches_nor_on_processes(
    convert: Convert, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = ["Anna in Rome", "Bob 🎉", "Zoe, alone"]
    tasks = [task(said, span(said, said.split()[0], "Person"), id=number) for number, said in enumerate(shown * 4)]
    split = {"train": 0.5, "test": 0.5}
    _, whole = convert(tasks, format, config=CONFIG, split=split)
    _, apart = convert(tasks, format, config=CONFIG, split=split, workers=2)
    monkeypatch.setattr("labelwire.formats.converting.BATCH_TASKS", 1)
    _, single = convert(tasks, format, config=CONFIG, split=split)
    files = [{path.name: path.read_bytes() for path in folder.iterdir()} for folder in (whole, apart, single)]
    assert files[0] == files[1] == files[2]
    assert set(files[0]) == {f"{name}.{format}" for name in split}
    assert all(files[0].values())


@pytest.mark.parametrize(
    ("format", "own"),
    [
        ("conll", {"scheme": "IOB"}),
        ("conll", {"tokens": []}),
        ("spacy", {"language": "xyz"}),
        ("spacy", {"alignment": 1}),
    ],
)
def test_an_option_that_there_is_not_is_an_error_before_anything_is_written(
    convert: Convert, tmp_path: Path, format: str, own: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput):
        convert([], format, config=CONFIG, **own)
    assert not list(tmp_path.iterdir())


spans = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda one: Span(one[0], sum(one), ("x",), "")), max_size=12
)


@given(given_spans=spans)
def test_the_longest_spans_stay_and_none_of_them_overlap(given_spans: list[Span]) -> None:
    kept = apart(given_spans)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    for one in given_spans:
        over = [other for other in kept if other.start < one.end and one.start < other.end]
        assert over
        assert max(other.end - other.start for other in over) >= one.end - one.start


SCHEMES = {
    "BIO": "B-PER I-PER O B-LOC B-LOC",
    "IOB1": "I-PER I-PER O I-LOC B-LOC",
    "BILOU": "B-PER L-PER O U-LOC U-LOC",
    "BIOES": "B-PER E-PER O S-LOC S-LOC",
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("line", ["{}\t{}\n", "{} NNP I-NP {}\n"])
def test_conll_is_read_in_every_scheme(tmp_path: Path, scheme: str, line: str) -> None:
    tokens = ["Anna", "Lopez", "in", "Rome", "Paris"]
    lines = [line.format(token, tag) for token, tag in zip(tokens, SCHEMES[scheme].split(), strict=True)]
    (tmp_path / "a.conll").write_text("-DOCSTART- -X- O O\n\n" + "".join(lines) + "\nNext O\n", encoding="utf-8")
    dataset = formats.read(tmp_path / "a.conll")
    assert found(dataset) == [
        ("Anna Lopez in Rome Paris", [("Anna Lopez", "PER"), ("Paris", "LOC"), ("Rome", "LOC")]),
        ("Next", []),
    ]
    assert dataset.config["span"].get("name") == "span"
    assert dataset.report.regions_out == 3


ROWS: dict[str, Callable[[str], Any]] = {
    "doccano": lambda said: {"text": said, "label": [[3, 7, "PER"]]},
    "prodigy": lambda said: {"text": said, "spans": [{"start": 3, "end": 7, "label": "PER"}]},
    "offsets": lambda said: {"text": said, "entities": [{"start_offset": 3, "end_offset": 7, "label": "PER"}]},
    "spacy": lambda said: [said, {"entities": [[3, 7, "PER"]]}],
}


@pytest.mark.parametrize("kind", ROWS)
def test_spans_of_other_tools_are_read(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "texts.json"
    file.write_text(json.dumps([ROWS[kind]("🎉, Anna"), ROWS[kind]("short")]), encoding="utf-8")
    dataset = formats.read(file)
    assert dataset.format == "texts"
    assert found(dataset) == [("🎉, Anna", [("Anna", "PER")]), ("short", [])]
    assert dataset.report.counts == {"a span outside of its text": 1}


def test_a_table_of_texts_and_labels_is_read(tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_text('text,label,source\n"good, very",pos,web\nbad,neg,web\n', encoding="utf-8")
    dataset = formats.read(file, "texts")
    tasks = list(dataset.tasks())
    assert [one["annotations"][0]["result"][0]["value"] for one in tasks] == [
        {"choices": ["pos"]},
        {"choices": ["neg"]},
    ]
    assert tasks[0]["data"] == {"text": "good, very", "source": "web"}
    for one in tasks:
        dataset.config.check(one["annotations"][0]["result"])

"""parse_config gives what 0.0.34 gave, and is right where that one crashed or was wrong."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwire.errors import InvalidInput
from labelwire.utils import chunk, parse_config

if TYPE_CHECKING:
    from collections.abc import Callable

# The results of a run of label-studio-sdk 0.0.34.
RECORDED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "parse_config_0.0.34.json").read_text(encoding="utf-8")
)["cases"]

CHOICES = '<View><Image name="i" value="$a"/><Choices name="{name}" toName="i"><Choice value="é"/></Choices></View>'


@pytest.mark.parametrize("case", RECORDED)
def test_the_results_of_0_0_34(case: str) -> None:
    config, expected = RECORDED[case]["config"], RECORDED[case]["result"]
    result = parse_config(config)
    assert result == expected
    assert list(result) == list(expected)  # in the config's order
    assert parse_config(config.encode()) == expected


@pytest.mark.parametrize("nothing", ["", b"", None])
def test_nothing_has_no_controls(nothing: str | bytes | None) -> None:
    assert parse_config(nothing) == {}


def test_spaces_and_commas_in_to_name() -> None:
    texts = '<Text name="a" value="$x"/><Text name="b" value="$y"/>'
    config = f'<View>{texts}<Pairwise name="p" toName=" a, b ,"/></View>'
    control = parse_config(config)["p"]
    assert control["to_name"] == ["a", "b"]
    assert control["inputs"] == [{"type": "Text", "value": "x"}, {"type": "Text", "value": "y"}]


def test_a_name_that_has_spaces_is_found() -> None:
    config = '<View><Text name=" a" value="$x"/><Choices name="c" toName=" a"/></View>'
    assert parse_config(config)["c"]["to_name"] == [" a"]
    assert parse_config(config)["c"]["inputs"] == [{"type": "Text", "value": "x"}]


def test_two_controls_do_not_share_an_input() -> None:
    config = '<View><Text name="t" value="$x"/><Choices name="c" toName="t"/><Rating name="r" toName="t"/></View>'
    controls = parse_config(config)
    controls["c"]["inputs"][0]["value"] = "changed"
    assert controls["r"]["inputs"][0]["value"] == "x"


def test_a_missing_target_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    parse_config('<View><Choices name="c" toName="nothing"/></View>')
    assert "'nothing'" in caplog.text
    assert "'c'" in caplog.text


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16", "gb18030"])
def test_a_declared_encoding(encoding: str) -> None:
    config = f'<?xml version="1.0" encoding="{encoding}"?>' + CHOICES.format(name="c")
    # 0.0.34 took the bytes, and raised a ValueError for the string.
    assert parse_config(config.encode(encoding)) == parse_config(config)
    assert parse_config(config)["c"]["labels"] == ["é"]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_bytes_are_utf_8_unless_they_say_otherwise(mark: bytes) -> None:
    assert parse_config(mark + CHOICES.format(name="c").encode())["c"]["labels"] == ["é"]


def test_depth_has_no_limit() -> None:
    config = "<View>" * 5000 + CHOICES.format(name="c") + "</View>" * 5000
    assert list(parse_config(config)) == ["c"]  # 0.0.34 stopped at a depth of 256


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("<View>", "line 1, column 7"),
        ("<View>\n  <Image></View>", "mismatched tag, line 2, column 12"),
        ('<View>\n<Header value="a & b"/></View>', "line 2, column 19"),
        ("<View>&nbsp;</View>", "undefined entity, line 1, column 7"),
        ("some text", "line 1, column 1"),
        ("   ", "no element found"),
        ("<View/><View/>", "line 1, column 8"),
        ('\n<?xml version="1.0"?><View/>', "line 2, column 1"),
        ("<View>\ud800</View>", "character 6"),
        ("<View>\x00</View>", "line 1, column 7"),
        (b"<View>\xff</View>", "not text in utf-8"),
        (b'<?xml version="1.0" encoding="klingon"?><View/>', "not text in klingon"),
        (b'<?xml version="1.0" encoding="rot13"?><Ivrj/>', "not text in rot13"),
    ],
)
def test_what_is_not_xml(config: str | bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        parse_config(config)


@pytest.mark.parametrize("config", [5, ["<View/>"], {"config": "<View/>"}])
def test_what_is_not_text(config: Any) -> None:
    with pytest.raises(InvalidInput, match=type(config).__name__):
        parse_config(config)


ENTITIES = '<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize("before", ["", "\ufeff", "\n ", '<?xml version="1.0"?>\n', "<!-- <a> -->", "<?pi ?> <!-- -->"])
@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE View>",
        f"<!DOCTYPE View [{ENTITIES}]>",
        '<!DOCTYPE View [<!ENTITY j SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE View SYSTEM "http://127.0.0.1:9/none.dtd">',
    ],
)
def test_a_doctype_is_refused(before: str, doctype: str) -> None:
    config = f"{before}{doctype}<View>&j;</View>"
    started = time.process_time()
    for text in (config, config.encode()):
        with pytest.raises(InvalidInput, match="DOCTYPE"):
            parse_config(text)
    assert time.process_time() - started < 0.1  # seconds: nothing was expanded


def test_a_doctype_in_an_encoding_that_hides_it() -> None:
    config = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE View><View/>'
    with pytest.raises(InvalidInput, match="DOCTYPE"):
        parse_config(config.encode("utf-16"))


def test_the_word_doctype_elsewhere_is_harmless() -> None:
    assert parse_config('<View><!-- <!DOCTYPE x> --><Header value="&lt;!DOCTYPE x>"/></View>') == {}


def test_a_long_prolog_is_read_at_once() -> None:
    started = time.process_time()
    with pytest.raises(InvalidInput, match="no element found"):
        parse_config(" " * 200_000 + "<!-- x -->" * 20_000)
    assert time.process_time() - started < 1  # seconds: no search for other ways to match


# What XML allows in an attribute, without the white space that it turns into spaces.
words = st.text(
    st.characters(min_codepoint=32, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff\x7f"),
    min_size=1,
)


@settings(deadline=None)
@given(st.lists(st.tuples(words, st.none() | words), max_size=8), words)
def test_labels_come_back_as_they_were_written(labels: list[tuple[str, str | None]], name: str) -> None:
    tags = "".join(
        f"<Label value={quoteattr(value)}{f' alias={quoteattr(alias)}' if alias else ''}/>" for value, alias in labels
    )
    config = f'<View><Labels name={quoteattr(name)} toName="t">{tags}</Labels><Text name="t" value="$x"/></View>'
    control = parse_config(config)[name]
    assert control["labels"] == list(dict.fromkeys(alias or value for value, alias in labels))
    assert set(control["labels_attrs"]) == set(control["labels"])
    assert control["inputs"] == [{"type": "Text", "value": "x"}]


@settings(deadline=None)
@given(st.text() | st.binary())
def test_whatever_it_is_the_answer_is_a_dict_or_invalid_input(config: str | bytes) -> None:
    with suppress(InvalidInput):
        assert isinstance(parse_config(config), dict)


@pytest.mark.parametrize(
    ("slices", "expected"),
    [
        (lambda: chunk([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]),
        (lambda: chunk([], 2), []),
        (lambda: chunk((1, 2, 3), 2), [(1, 2), (3,)]),
        (lambda: chunk("abcde", 2), ["ab", "cd", "e"]),
        (lambda: chunk(range(5), 2), [range(2), range(2, 4), range(4, 5)]),
        (lambda: chunk([1, 2], 10), [[1, 2]]),
    ],
)
def test_chunks_of_0_0_34(slices: Callable[[], Any], expected: list[object]) -> None:
    assert list(slices()) == expected


@settings(deadline=None)
@given(st.lists(st.integers()), st.integers(1, 10))
def test_chunks_hold_every_item_once(items: list[int], n: int) -> None:
    pieces = list(chunk(items, n))
    assert [item for piece in pieces for item in piece] == items
    assert all(len(piece) == n for piece in pieces[:-1])


@pytest.mark.parametrize("n", [0, -1])
def test_a_chunk_without_items(n: int) -> None:
    # 0.0.34 gave no chunk at all for -1, without a word.
    with pytest.raises(InvalidInput, match="one item at least"):
        chunk([1, 2, 3], n)

"""Configurations built in Python."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from labelwire import InvalidInput
from labelwire import label_config as lc

KINDS: dict[str, lc.LabelConfig] = {
    "image": lc.image(
        boxes=["Cat", lc.Label("Dog", alias="d", background="red", hotkey="q")],
        polygons=["Road"],
        keypoints=["eye"],
        ellipses=["iris"],
        brushes=["Sky"],
        choices={"weather": ["sun", "rain"]},
        several={"more": ["a", "b"]},
        taxonomy=[lc.Label("Animal", "Cat", lc.Label("Dog", "Pug"))],
        rating=True,
        number=(0, 10),
        comment=True,
        date=True,
        relations=["next to"],
    ),
    "shapes": lc.image(boxes=True, polygons=True, keypoints=True, ellipses=True, brushes=True),
    "text": lc.text(spans=["PER", "ORG"], relations=["works for"], choices=["good", "bad"]),
    "html": lc.html(spans=["PER"]),
    "paragraphs": lc.paragraphs(spans=["PER"]),
    "audio": lc.audio(segments=["Speech", "Noise"], transcription=True),
    "transcript": lc.audio(transcription=True),
    "video": lc.video(boxes=["Car"], timeline=["Crash"]),
    "pairwise": lc.pairwise(choices=["same", "different"], rating=3),
    "series": lc.time_series(columns=["a", "b"], segments=["run"]),
    "series_url": lc.time_series(columns=["a", "b"], segments=["run"], url=True, time_format="%Y-%m-%d"),
    "table": lc.table(choices=["right", "wrong"]),
    "ranking": lc.ranking(buckets=["good", "bad"]),
    "escaped": lc.text(choices=["a & b", '<b>"q"\'', "tab\tline\n", "é😀"]),
}


def test_a_configuration_as_it_is_written() -> None:
    config = lc.image(boxes=["Cat", lc.Label("R & D", background="#f00")], choices={"weather": ["sun", "rain"]})
    assert str(config) == (
        "<View>\n"
        '  <RectangleLabels name="box" toName="image">\n'
        '    <Label value="Cat"/>\n'
        '    <Label value="R &amp; D" background="#f00"/>\n'
        "  </RectangleLabels>\n"
        '  <Image name="image" value="$image"/>\n'
        '  <Header value="weather"/>\n'
        '  <Choices name="weather" toName="image" choice="single">\n'
        '    <Choice value="sun"/>\n'
        '    <Choice value="rain"/>\n'
        "  </Choices>\n"
        "</View>"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_built_reads_the_same_and_every_control_has_its_object(kind: str) -> None:
    config = KINDS[kind]
    assert lc.parse(str(config)) == config
    for control in config.controls.values():
        assert control.to_name
        assert set(control.to_name) <= set(config.objects)


def test_parts_are_put_together_freely() -> None:
    config = lc.LabelConfig(
        lc.ObjectTag("Image", name="img", value="$photo", zoom=True),
        lc.Tag(
            "View", lc.Control("Choices", "sun", "rain", name="sky", required=True, choice="multiple"), style="flex"
        ),
        lc.Comment(" mine "),
    )
    assert config.root.tag == "View"
    assert config.controls["sky"].to_name == ("img",)
    assert config.controls["sky"].label_names == ("sun", "rain")
    assert config.objects["img"].data_key == "photo"
    assert 'zoom="true"' in str(config)
    with pytest.raises(InvalidInput, match="say which object 'sky' labels"):
        lc.LabelConfig(lc.Control("Choices", "a", name="sky"))
    with pytest.raises(InvalidInput, match="'sky' labels 'picture', and no tag has that name"):
        lc.image(lc.Control("Choices", "a", name="sky", to_name="picture"))
    assert lc.image(lc.Control("Number", name="age", min=0), boxes=["a"]).controls["age"].to_name == ("image",)


def test_questions_have_their_names_and_bounds() -> None:
    config = lc.text(rating={"style": 7}, number={"age": (0, 120)}, comment=["why", "how"], date="born", key="body")
    assert list(config.controls) == ["why", "how", "style", "age", "born"]
    assert config.controls["style"].get("maxRating") == "7"
    assert (config.controls["age"].get("min"), config.controls["age"].get("max")) == ("0", "120")
    assert config.data_keys == ("body",)
    assert lc.text(number=True).controls["number"].get("min") == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"boxes": "Cat"}, r"labels are a list, not the string 'Cat'"),
        ({"boxes": [""]}, "a label is a string that is not empty"),
        ({"boxes": [3]}, "a label is a string"),
        ({"choices": "sun"}, "labels are a list"),
        ({"choices": {"a,b": ["x"]}}, "without a comma"),
        ({"boxes": ["a"], "choices": {"box": ["x"]}}, "two tags are named 'box'"),
    ],
)
def test_what_cannot_be_built_is_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        lc.image(**arguments)


def test_an_argument_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError, match="boxen"):
        lc.image(boxen=["a"])  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_has_every_key(kind: str) -> None:
    config = KINDS[kind]
    assert set(config.sample_task()) == set(config.data_keys)


def test_samples_have_the_shape_that_their_tags_show() -> None:
    assert lc.parse('<View><Image name="i" valueList="$pages"/></View>').sample_task() == {
        "pages": ["/static/samples/sample.jpg"]
    }
    repeated = '<View><Repeater on="$p"><Audio name="a_{{idx}}" value="$p[{{idx}}].url"/></Repeater></View>'
    assert lc.parse(repeated).sample_task() == {"p": [{"url": "/static/samples/game.wav"}] * 2}
    nested = lc.parse('<View><Text name="t" value="$a.b.c"/></View>').sample_task()
    assert isinstance(nested["a"]["b"]["c"], str)
    assert set(KINDS["series"].sample_task()["series"]) == {"time", "a", "b"}
    assert KINDS["series_url"].sample_task()["series"].startswith("/samples/time-series.csv?time=time&values=a,b")


def test_configurations_are_values() -> None:
    config = KINDS["image"]
    again = pickle.loads(pickle.dumps(config))  # noqa: S301 - our own
    assert again == config
    assert hash(again) == hash(config)
    assert copy.deepcopy(config) == config
    with pytest.raises(AttributeError):
        config.nodes = ()  # type: ignore[misc]
    assert repr(lc.Label("a", hotkey="q")) == "Label('Label', value='a', hotkey='q')"

"""Configurations read and written; what the server's own parser made of the same ones was recorded on 1.23.2."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwire import InvalidInput
from labelwire import label_config as lc

REPEATER = """
<View>
  <Repeater on="$pages" indexFlag="{{idx}}"><View>
    <Image name="page_{{idx}}" value="$pages[{{idx}}].url"/>
    <RectangleLabels name="box_{{idx}}" toName="page_{{idx}}"><Label value="Title"/></RectangleLabels>
    <Choices name="kind_{{idx}}" toName="page_{{idx}}" perRegion="true" whenTagName="box_{{idx}}">
      <Choice value="a"/><Choice value="b"/>
    </Choices>
  </View></Repeater>
</View>"""
ALIASES = """
<View>
  <Labels name="ner" toName="txt">
    <View><Label value="Person" alias="PER" background="red" hotkey="p"/><Label value="Place"/></View>
    <Label value="Person" alias="PER"/>
  </Labels>
  <Text name="txt" value="$body"/>
</View>"""
NESTED = """
<View>
  <Taxonomy name="tax" toName="txt">
    <Choice value="Animal"><Choice value="Cat"/><Choice value="Dog" alias="d"/></Choice><Choice value="Cat"/>
  </Taxonomy>
  <Text name="txt" value="$body.main"/>
</View>"""
DYNAMIC = """
<View>
  <Choices name="c" toName="txt" value="$options" allowNested="true"/>
  <Labels name="l" toName="txt" value="$labels"><Label value="fixed"/></Labels>
  <Text name="txt" value="$body"/>
</View>"""
CONDITIONS = """
<View>
  <Text name="txt" value="$body"/>
  <Filter name="f" toName="l"/>
  <Labels name="l" toName="txt"><Label value="A"/></Labels>
  <TextArea name="why" toName="txt" perRegion="true" whenLabelValue="A"/>
  <Choices name="c" toName="txt" visibleWhen="choice-selected" whenTagName="c2" whenChoiceValue="x" required="true">
    <Choice value="y"/>
  </Choices>
  <Choices name="c2" toName="txt"><Choice value="x"/></Choices>
</View>"""
SEVERAL = """
<View>
  <Pairwise name="pw" toName="a,b"/>
  <Image name="a" valueList="$left"/><Image name="b" value="$right"/>
  <Rating name="r" toName="a,b"/>
  <Relations><Relation value="same"/></Relations>
</View>"""
UNKNOWN = """
<View>
  <Hologram name="h" value="$cloud" depth="3"/>
  <HologramLabels name="hl" toName="h" future="yes"><Label value="x" shape="cone"/></HologramLabels>
  <Sparkles/>
</View>"""

# (type, to_name, labels, types of the inputs) by the control's name
SERVER: list[tuple[str, dict[str, tuple[str, list[str], list[str], list[str]]]]] = [
    (
        REPEATER,
        {
            "box_{{idx}}": ("RectangleLabels", ["page_{{idx}}"], ["Title"], ["Image"]),
            "kind_{{idx}}": ("Choices", ["page_{{idx}}"], ["a", "b"], ["Image"]),
        },
    ),
    (ALIASES, {"ner": ("Labels", ["txt"], ["PER", "Place"], ["Text"])}),
    (NESTED, {"tax": ("Taxonomy", ["txt"], ["Animal", "Cat", "d"], ["Text"])}),
    (DYNAMIC, {"c": ("Choices", ["txt"], [], ["Text"]), "l": ("Labels", ["txt"], ["fixed"], ["Text"])}),
    (
        CONDITIONS,
        {
            "l": ("Labels", ["txt"], ["A"], ["Text"]),
            "why": ("TextArea", ["txt"], [], ["Text"]),
            "c": ("Choices", ["txt"], ["y"], ["Text"]),
            "c2": ("Choices", ["txt"], ["x"], ["Text"]),
        },
    ),
    (
        SEVERAL,
        {"pw": ("Pairwise", ["a", "b"], [], ["Image", "Image"]), "r": ("Rating", ["a", "b"], [], ["Image", "Image"])},
    ),
    (UNKNOWN, {"hl": ("HologramLabels", ["h"], ["x"], ["Hologram"])}),
]


@pytest.mark.parametrize(("xml", "view"), SERVER)
def test_controls_are_those_that_the_server_sees(xml: str, view: dict[str, Any]) -> None:
    config = lc.parse(xml)
    ours = {
        name: (
            control.tag,
            list(control.to_name),
            list(control.label_names),
            [config.objects[to].tag for to in control.to_name],
        )
        for name, control in config.controls.items()
    }
    assert ours == view
    assert list(ours) == list(view)


@pytest.mark.parametrize("xml", [xml for xml, _ in SERVER])
def test_what_is_written_reads_the_same(xml: str) -> None:
    config = lc.parse(xml)
    assert lc.parse(str(config)) == config
    assert str(lc.parse(str(config))) == str(config)


def test_labels_conditions_and_keys() -> None:
    person, place, _ = lc.parse(ALIASES).controls["ner"].labels
    assert (person.value, person.key, person.alias) == ("Person", "PER", "PER")
    assert (person.background, person.hotkey) == ("red", "p")
    assert (place.key, place.alias) == ("Place", None)
    animal, cat = lc.parse(NESTED).controls["tax"].labels
    assert [label.key for label in animal.labels] == ["Cat", "d"]
    assert cat.labels == ()
    config = lc.parse(CONDITIONS)
    assert config.controls["why"].per_region
    assert config.controls["why"].conditions == {"whenLabelValue": "A"}
    assert config.controls["c"].required
    assert config.controls["c"].conditions["visibleWhen"] == "choice-selected"
    assert lc.parse(NESTED).data_keys == ("body",)
    assert lc.parse(REPEATER).data_keys == ("pages",)
    assert lc.parse(DYNAMIC).data_keys == ("options", "labels", "body")
    assert lc.parse(DYNAMIC).controls["l"].dynamic
    assert not lc.parse(ALIASES).controls["ner"].dynamic
    assert lc.parse(SEVERAL).relation_labels == ("same",)


def test_what_a_repeater_makes_is_found_by_its_number() -> None:
    config = lc.parse(REPEATER)
    assert config.find_control("box_12") is config.controls["box_{{idx}}"]
    assert config.find_control("box_x") is None
    found = config["box_12"].box(0, 0, 5, 5, label="Title", image_size=(10, 10))
    assert (found["from_name"], found["to_name"]) == ("box_12", "page_12")
    assert config.problems([found]) == []
    with pytest.raises(KeyError, match="no control is named 'boxx'"):
        config["boxx"]


def test_comments_texts_and_unknown_things_are_kept() -> None:
    xml = (
        '<!-- {"data": 1} --><View><!-- a --><Style>.a > b { x: "1" }\n</Style>'
        "<Header>Look <b>here</b>!</Header></View><!--z-->"
    )
    config = lc.parse(xml)
    assert lc.parse(str(config)) == config
    assert ".a &gt; b" in str(config)
    assert "Look <b>here</b>!" in str(config)
    assert str(config).startswith('<!-- {"data": 1} -->')
    assert str(config).endswith("<!--z-->")
    assert 'depth="3"' in str(lc.parse(UNKNOWN))


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<View><a></View>", "mismatched tag"),
        ("", "no element found"),
        ('<!DOCTYPE v [<!ENTITY a "b">]><View>&a;</View>', "DOCTYPE"),
        ("<View>&nothing;</View>", "undefined entity"),
        ("<a>" * 1000 + "</a>" * 1000, "nested more than 200 tags deep"),
    ],
)
def test_what_is_not_a_configuration_is_refused(xml: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        lc.parse(xml)


letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
allowed = st.text(letters | st.sampled_from("\t\n\r<>&\"'"), max_size=12)
tag_names = st.sampled_from(["View", "Label", "Choice", "Choices", "Text", "Header", "Style", "Unknown", "x-y", "Ä"])


def tags(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lc.Tag.of,
        tag_names,
        st.dictionaries(st.sampled_from(["width", "style", "x-y", "on"]), allowed, max_size=3),
        st.lists(children, max_size=3),
    )


@settings(deadline=None, max_examples=150)
@given(st.recursive(allowed, tags, max_leaves=12).filter(lambda node: isinstance(node, lc.Tag)))
def test_any_tags_read_as_they_were_written(tag: lc.Tag) -> None:
    once = lc.parse(str(tag))
    assert lc.parse(str(once)) == once
    assert once.to_xml() == str(tag)


@settings(deadline=None, max_examples=100)
@given(st.lists(allowed.filter(bool), min_size=1, max_size=4, unique=True), allowed)
def test_any_labels_survive(labels: list[str], key: str) -> None:
    config = lc.image(boxes=labels, choices={"q": [lc.Label(label, alias=key or None) for label in labels]})
    again = lc.parse(str(config))
    assert again == config
    assert list(again.controls["box"].label_names) == labels


@pytest.mark.parametrize("text", ["\x00", "\x1f", "\ud800", "\ufffe"])
def test_what_xml_cannot_hold_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInput, match="'value' of <Label>"):
        str(lc.image(boxes=["a" + text]))


def test_namespaces_are_left_out() -> None:
    config = lc.parse('<View xmlns="urn:x" xmlns:y="urn:y"><Text name="t" y:value="$t" value="$t"/></View>')
    assert list(config.objects) == ["t"]

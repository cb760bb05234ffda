"""From a model's output to a prediction: which control takes which finding, and by what label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from ..errors import InvalidInput
from . import texts, vision
from .findings import OBJECTS, TAGS, Family, Finding, Form, Output

if TYPE_CHECKING:
    from ..label_config import Control, LabelConfig

SURE = 0.5
"""The score from which on one of several choices is made."""

Unknown = Literal["raise", "skip"]


class Reading(Struct, frozen=True, kw_only=True):
    """How a model's outputs become predictions.

    Attributes:
        labels: the configuration's label for each of the model's; None leaves those out. Others keep their names.
        unknown: "skip" leaves out what the configuration has no label for, which else is an error.
        label: the label of what has none in the model: an answer's span, the stretches of speech, boxes without
            classes. A control's only label is taken by itself.
        control: the name of the control, or the names of several, where more than one fits.
        threshold: the score below which findings are left out; for choices of which several can be made 0.5.
        image_size: (width, height) in pixels, for outputs that do not say it: boxes of supervision and transformers.
    """

    labels: Mapping[str, str | None] = {}
    unknown: Unknown = "raise"
    label: str | None = None
    control: str | Sequence[str] | None = None
    threshold: float | None = None
    image_size: tuple[int, int] | None = None


def output_of(given: Any) -> Output:
    """What was found, by whatever the model's package gives.

    Raises:
        InvalidInput: for an output that is none of those known.
    """
    if hasattr(given, "orig_shape") and hasattr(given, "names"):
        return vision.from_ultralytics(given)
    if hasattr(given, "xyxy") and hasattr(given, "class_id"):
        return vision.from_supervision(given)
    if hasattr(given, "ents") and hasattr(given, "cats"):
        return texts.from_spacy(given)
    if isinstance(given, Mapping):
        return _of_mapping(given)
    if isinstance(given, Sequence) and not isinstance(given, str):
        return _of_list(given)
    raise _strange(given)


def prediction_of(
    given: Any,
    config: LabelConfig,
    *,
    text: str | None = None,
    model_version: str | None = None,
    reading: Reading | None = None,
) -> dict[str, Any]:
    """A prediction, `{"result": […], "score": …, "model_version": …}`; its score is the mean of its regions'.

    Args:
        given: ultralytics' `Results`, supervision's `Detections`, spaCy's `Doc`, or what a transformers pipeline gives
            for one input.
        text: what offsets point into, for pipelines that do not say it.

    Raises:
        InvalidInput: for a label that the configuration has not, and where no control fits, or more than one.
    """
    reading = reading or Reading()
    output = output_of(given)
    if text is not None and output.text is not None and output.text != text:
        raise InvalidInput("the text that the model has read is not the task's: its offsets would point elsewhere")
    said = output.text if output.text is not None else text
    controls = _controls(config, output.findings, reading)
    result: list[dict[str, Any]] = []
    scores: list[float] = []
    for family, control in controls.items():
        mine = [one for one in output.findings if one.family == family and _sure(one, reading)]
        for made, score in _results(control, mine, config, reading, output.size or reading.image_size, said):
            result += made
            if score is not None:
                scores.append(score)
    prediction: dict[str, Any] = {"result": result}
    if scores:
        prediction["score"] = sum(scores) / len(scores)
    return prediction if model_version is None else {**prediction, "model_version": model_version}


def _of_mapping(given: Mapping[str, Any]) -> Output:
    if "sequence" in given and "scores" in given:
        return texts.from_zero_shot(given)
    if "answer" in given:
        return texts.from_answer(given)
    if "label" in given and "score" in given:
        return texts.from_classification([given])
    if "text" in given:
        return texts.from_speech(given)
    raise _strange(given)


def _of_list(given: Sequence[Any]) -> Output:
    if not given:
        return Output(())
    first = given[0]
    if len(given) == 1 and (not isinstance(first, Mapping) or "sequence" in first or "answer" in first):
        return output_of(first)  # one input's output, in a list of its own
    if not isinstance(first, Mapping):
        raise InvalidInput(f"this is a list of {len(given)} outputs: each belongs to a task of its own")
    if "box" in first:
        return vision.from_detection(given)
    if "mask" in first:
        return vision.from_segmentation(given)
    if "entity" in first or "entity_group" in first:
        return texts.from_tokens(given)
    if "answer" in first:
        return texts.from_answer(max(given, key=lambda item: float(item["score"])))
    if "label" in first and "score" in first:
        return texts.from_classification(given)
    raise _strange(given)


def _strange(given: object) -> InvalidInput:
    return InvalidInput(
        f"{type(given).__name__} is no output that is known: ultralytics' Results, supervision's Detections, spaCy's "
        "Doc, or what a transformers pipeline gives for one input."
    )


def _controls(config: LabelConfig, findings: Sequence[Finding], reading: Reading) -> dict[Family, Control]:
    """The control for each kind of finding; kinds that no control takes are left out, if one takes another."""
    wanted = [reading.control] if isinstance(reading.control, str) else reading.control
    for name in wanted or ():
        if name not in config.controls:
            raise InvalidInput(f"there is no control {name!r}, only {', '.join(map(repr, config.controls))}")
    found: dict[Family, Control] = {}
    needed: dict[Family, set[Form]] = {}
    for finding in findings:
        needed.setdefault(finding.family, set()).update(finding.forms)
    for family, forms in needed.items():
        fitting = [
            control
            for control in config.controls.values()
            if (wanted is None or control.name in wanted) and any(_takes(control, form, config) for form in forms)
        ]
        if len(fitting) > 1:
            names = ", ".join(f"{control.name!r} (<{control.tag}>)" for control in fitting)
            raise InvalidInput(f"the controls {names} could take the {family}: say which by control=")
        if fitting:
            found[family] = fitting[0]
    if needed and not found:
        tags = dict.fromkeys(tag for forms in needed.values() for form in sorted(forms) for tag in TAGS[form])
        here = ", ".join(f"{control.name!r} (<{control.tag}>)" for control in config.controls.values()) or "none"
        raise InvalidInput(f"no control takes this output: it needs <{'> or <'.join(tags)}>, and there is {here}")
    return found


def _takes(control: Control, form: Form, config: LabelConfig) -> bool:
    if control.tag not in TAGS[form] or (control.per_region and form in ("choices", "text")):
        return False
    on = OBJECTS.get(form)
    shown = [config.find_object(name) for name in control.to_name]
    return on is None or any(one is not None and one.type in on for one in shown)


def _sure(finding: Finding, reading: Reading) -> bool:
    return reading.threshold is None or finding.score is None or finding.score >= reading.threshold


def _results(
    control: Control,
    findings: Sequence[Finding],
    config: LabelConfig,
    reading: Reading,
    size: tuple[int, int] | None,
    text: str | None,
) -> Iterable[tuple[list[dict[str, Any]], float | None]]:
    """The items of the result, with the score of each."""
    if control.tag == "Choices":
        yield from _chosen(control, findings, reading)
        return
    for finding in findings:
        form: Form = next(form for form in finding.forms if _takes(control, form, config))
        around: dict[str, Any] = {} if finding.score is None else {"score": finding.score}
        if form == "text":
            yield [control.write(finding.forms[form], **around)], finding.score
            continue
        if control.type.endswith("labels"):
            label = _label(control, finding.label, reading)
            if label is None:
                continue
            around["label"] = label
        region = _region(control, form, finding.forms[form], size, text, around)
        written = _beside(control, config) if finding.text else None
        said = [] if written is None else [written.write(str(finding.text), region=region)]
        yield [region, *said], finding.score


def _region(
    control: Control,
    form: Form,
    what: Any,
    size: tuple[int, int] | None,
    text: str | None,
    around: dict[str, Any],
) -> dict[str, Any]:
    if form == "mask":
        return control.mask(what, **around)
    if form == "segment":
        return control.segment(*what, **around)
    if form == "span":
        if text is None:
            raise InvalidInput("the output does not say the text that its offsets point into: pass text=")
        return control.span(text, *what, **around)
    if size is None:
        raise InvalidInput("the output does not say how large its image is: pass image_size=(width, height) in pixels")
    around["image_size"] = size
    if form == "box":
        return control.box(*what, clip=True, **around)
    if form == "turned":
        return control.box_about(*what, **around)
    if form == "polygon":
        return control.polygon(what, **around)
    return control.keypoint(*what, **around)


def _chosen(
    control: Control, findings: Sequence[Finding], reading: Reading
) -> Iterable[tuple[list[dict[str, Any]], float | None]]:
    """The best choice, or where several can be made all that are sure enough."""
    ranked = sorted(findings, key=lambda one: one.score or 0.0, reverse=True)
    known = [(label, one.score or 0.0) for one in ranked if (label := _label(control, one.label, reading)) is not None]
    if control.get("choice") == "multiple":
        sure = SURE if reading.threshold is None else reading.threshold
        known = [pair for pair in known if pair[1] >= sure]
    else:
        known = known[:1]
    if known:
        score = sum(score for _, score in known) / len(known)
        yield [control.choose(*(label for label, _ in known), score=score)], score


def _beside(control: Control, config: LabelConfig) -> Control | None:
    """The text area that says what is in a region of the control."""
    areas = [one for one in config.controls.values() if one.tag == "TextArea" and one.per_region]
    return next((one for one in areas if set(one.to_name) & set(control.to_name)), None)


def _label(control: Control, said: str | None, reading: Reading) -> str | None:
    """The configuration's label for the model's, or None for what is left out."""
    known = control.label_names
    if said is None:
        if reading.label is not None:
            return reading.label
        if len(known) == 1:
            return known[0]
        raise InvalidInput(f"the model says no label, and {control.name!r} has {', '.join(known)}: pass label=")
    label = reading.labels.get(said, said)
    if label is None or label in control.spellings or control.dynamic or not control.labels:
        return label
    if reading.unknown == "skip":
        return None
    raise InvalidInput(
        f"{control.name!r} has no label {label!r}; it has {', '.join(known)}. Map it, labels={{{said!r}: …}}, leave it "
        f'out, labels={{{said!r}: None}}, or leave out all such: unknown="skip".'
    )

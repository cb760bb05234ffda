"""From a sample to a task as Label Studio imports it: the inverse of parsing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, TypeAlias

from .model import (
    Annotation,
    Answer,
    Choices,
    Moment,
    Number,
    Preference,
    Ranking,
    Rating,
    Region,
    Relation,
    Reply,
    Sample,
    Taxonomy,
    Text,
)
from .schema import Schema
from .seen import in_units
from .shapes import (
    Bitmask,
    Box,
    Ellipse,
    Frames,
    HtmlSpan,
    Keypoint,
    Mask,
    ParagraphSpan,
    Polygon,
    Segment,
    Shape,
    TextSpan,
    Track,
)

Result: TypeAlias = dict[str, Any]


def task_of(sample: Sample, schema: Schema) -> dict[str, Any]:
    """The task with its annotations and predictions, ready to import."""
    annotations = [_annotation(one, sample, schema) for one in sample.annotations if not one.prediction]
    predictions = [_prediction(one, sample, schema) for one in sample.annotations if one.prediction]
    task: dict[str, Any] = {"data": dict(sample.data), "annotations": annotations, "predictions": predictions}
    return task if sample.id is None else {"id": sample.id, **task}


def results_of(annotation: Annotation, sample: Sample, schema: Schema) -> list[Result]:
    """The annotation's result: regions, answers and relations."""
    found = [result for region in annotation.regions for result in _region(region, sample, schema)]
    found += [_reply(reply) for reply in annotation.replies]
    found += [_relation(one) for one in annotation.relations]
    return found


def _annotation(one: Annotation, sample: Sample, schema: Schema) -> dict[str, Any]:
    made: dict[str, Any] = {"result": results_of(one, sample, schema)}
    if one.ground_truth:
        made["ground_truth"] = True
    if one.skipped:
        made["was_cancelled"] = True
    if one.lead_time is not None:
        made["lead_time"] = one.lead_time
    return made


def _prediction(one: Annotation, sample: Sample, schema: Schema) -> dict[str, Any]:
    made: dict[str, Any] = {"result": results_of(one, sample, schema)}
    if isinstance(one.by, str):
        made["model_version"] = one.by
    if one.score is not None:
        made["score"] = one.score
    return made


def _region(region: Region, sample: Sample, schema: Schema) -> list[Result]:
    media = sample.media.get(region.object)
    size = region.size or ((media.width, media.height) if media and media.width and media.height else None)
    shown = schema.object(region.object)
    value = value_of(region.shape, size, None if shown is None else shown.of(sample.data))
    made: Result = {
        "id": region.id,
        "from_name": region.control,
        "to_name": region.object,
        "type": region.type,
        "value": value,
    }
    if size is not None and isinstance(region.shape, (Box, Ellipse, Polygon, Keypoint, Mask, Bitmask)):
        made |= {"original_width": size[0], "original_height": size[1], "image_rotation": 0}
    for key, given in (("item_index", region.index), ("score", region.score), ("parentID", region.parent)):
        if given is not None:
            made[key] = given
    if region.meta:
        made["meta"] = dict(region.meta)
    if region.hidden:
        made["hidden"] = True
    if not region.labels:
        return [made]
    if region.type.endswith("labels"):
        value[region.type] = list(region.labels)
        return [made]
    # Drawn by a tool without labels, and called something with <Labels>: two results of one region.
    asked = next(
        (one for one in schema.controls.values() if one.type == "labels" and region.object in one.objects), None
    )
    labels = {**made, "type": "labels", "value": {**value, "labels": list(region.labels)}}
    labels["from_name"] = asked.name if asked is not None else region.control
    return [made, labels]


def value_of(shape: Shape, size: tuple[int, int] | None, shown: Any) -> dict[str, Any]:
    """A shape as a result has it: pixels as percent of `size`, code points of the text that is `shown` as its units."""
    wide, high = (size[0] / 100, size[1] / 100) if size else (1.0, 1.0)
    match shape:
        case Box(x, y, width, height, rotation):
            return {"x": x / wide, "y": y / high, "width": width / wide, "height": height / high, "rotation": rotation}
        case Ellipse(x, y, across, down, rotation):
            return {
                "x": x / wide,
                "y": y / high,
                "radiusX": across / wide,
                "radiusY": down / high,
                "rotation": rotation,
            }
        case Polygon(points, closed):
            return {"points": [[x / wide, y / high] for x, y in points], "closed": closed}
        case Keypoint(x, y, width):
            return {"x": x / wide, "y": y / high, "width": width / wide}
        case Mask(rle):
            return {"format": "rle", "rle": list(rle)}
        case Bitmask(png):
            return {"imageDataURL": f"data:image/png;base64,{b64encode(png).decode()}"}
        case TextSpan(start, end, quote):
            text = shown if isinstance(shown, str) else ""
            begin, stop = (in_units(text, start), in_units(text, end)) if text else (start, end)
            return {"start": begin, "end": stop, "text": quote}
        case HtmlSpan(start, end, start_path, end_path, start_offset, end_offset, quote):
            value = {"start": start_path, "end": end_path, "startOffset": start_offset, "endOffset": end_offset}
            offsets = {} if start is None else {"globalOffsets": {"start": start, "end": end}}
            return {**value, **offsets, "text": quote}
        case ParagraphSpan(first, last, start, end, quote):
            spans = {"start": str(first), "end": str(last), "startOffset": start, "endOffset": end}
            return {**spans, "text": quote}
        case Segment(start, end, channel):
            return {"start": start, "end": end} | ({} if channel is None else {"channel": channel})
        case Frames(ranges):
            return {"ranges": [{"start": start, "end": end} for start, end in ranges]}
        case Track():
            return _track(shape)
        case _:
            return {}


def _track(track: Track) -> dict[str, Any]:
    keyframes = []
    for one in track.keyframes:
        made: dict[str, Any] = {"frame": one.frame, "enabled": one.enabled, "rotation": one.rotation}
        made |= {"x": one.x, "y": one.y, "width": one.width, "height": one.height}
        keyframes.append(made if one.time is None else {**made, "time": one.time})
    value: dict[str, Any] = {"sequence": keyframes}
    if track.frame_count is not None:
        value["framesCount"] = track.frame_count
    if track.duration is not None:
        value["duration"] = track.duration
    return value


def _reply(reply: Reply) -> Result:
    made: Result = {
        "from_name": reply.control,
        "to_name": reply.object,
        "type": reply.type,
        "value": answer_value(reply.type, reply.answer),
    }
    return made if reply.region is None else {"id": reply.region, **made}


def answer_value(type: str, answer: Answer) -> dict[str, Any]:
    """An answer as a result has it."""
    match answer:
        case Choices(values):
            return {"choices": list(values)}
        case Taxonomy(paths):
            return {type: [list(path) for path in paths]}
        case Number(value):
            return {"number": value}
        case Rating(stars):
            return {"rating": stars}
        case Text(lines):
            return {"text": list(lines)}
        case Moment(value):
            return {"datetime": value}
        case Preference(side):
            return {"selected": side}
        case Ranking(buckets):
            plain = [*buckets.get("", ())] if set(buckets) == {""} else {k: list(v) for k, v in buckets.items()}
            return {"ranker": plain}
        case _:
            given: Mapping[str, Any] = answer.value
            return dict(given)


def _relation(one: Relation) -> Result:
    made: Result = {"type": "relation", "from_id": one.source, "to_id": one.target, "direction": one.direction}
    return made if not one.labels else {**made, "labels": list(one.labels)}

"""JSON in and out: what cannot be sent is named, what comes in is read whatever it holds."""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import InvalidInput, UnexpectedReply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .operation import Reply


def encode(value: Any, place: str = "The data") -> bytes:
    """The value as UTF-8 JSON. Models, dates, paths, UUIDs and numpy's scalars and arrays are written as JSON's own.

    Args:
        place: what an error calls the value.

    Raises:
        InvalidInput: for NaN, infinity, half a surrogate pair or an object JSON has no form for, with the place.
    """
    try:
        return _encoder.encode(value).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidInput(_fault(value, error, place)) from None


def decode(reply: Reply) -> Any:
    """The reply's body as Python values.

    Raises:
        UnexpectedReply: when it is no JSON, and what it is instead.
    """
    try:
        return loads(reply.body)
    except ValueError:
        raise UnexpectedReply(_not_json(reply)) from None


def loads(text: bytes) -> Any:
    """What the text says.

    Raises:
        ValueError: when it is no JSON.
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Exports written by Python may hold NaN, and text may hold half a surrogate pair: read, not refused.
        return json.loads(text)


def look_like_html(reply: Reply) -> bool:
    """Whether the body is a web page."""
    return "html" in reply.headers.get("Content-Type", "") or reply.body[:64].lstrip()[:1] == b"<"


def _not_json(reply: Reply) -> str:
    place = reply.url.partition("?")[0]
    if not reply.body:
        return f"{place} answered {reply.status} with nothing where JSON was expected."
    if look_like_html(reply):
        title = re.search(rb"<title[^>]*>\s*(.*?)\s*</title>", reply.body[:20_000], re.IGNORECASE | re.DOTALL)
        named = f" (“{title[1].decode(errors='replace')[:80]}”)" if title and title[1] else ""
        return (
            f"{place} answered {reply.status} with a web page{named} and not with Label Studio's JSON. Check the "
            "URL: its host and port, a sub-path such as https://host/labels, and any proxy in between."
        )
    return f"{place} answered {reply.status} with {len(reply.body):,} bytes that are not complete JSON."


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, PurePath) or type(value).__name__ == "UUID":
        return str(value)
    if hasattr(value, "raw"):
        return value.raw
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError


# The standard library's encoder, since it refuses NaN; msgspec would write null and lose the fact.
_encoder = json.JSONEncoder(default=_plain, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _fault(value: Any, error: Exception, place: str) -> str:
    try:
        return next(_faults(value, place), f"{place} cannot be written as JSON: {error}")
    except RecursionError:
        return f"{place} holds itself, or is nested too deeply to be written as JSON."


def _faults(value: Any, place: str) -> Iterator[str]:
    """What is wrong and where; only walked after the encoder has given up."""
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{place} is {value}, which JSON does not have; send None or leave it out."
    elif isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            yield (
                f"{place} holds half a surrogate pair at position {error.start}, which is no text; repair it with "
                "text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')."
            )
    elif isinstance(value, dict):
        for key, item in value.items():
            if key is not None and not isinstance(key, (str, int, float)):
                yield f"{place} has a key of type {type(key).__name__}; JSON's keys are text."
            elif isinstance(key, str):
                yield from _faults(key, f"A key of {place}")
            yield from _faults(item, f"{place}[{key!r}]")
    elif isinstance(value, (list, tuple)):
        for position, item in enumerate(value):
            yield from _faults(item, f"{place}[{position}]")
    elif value is not None and not isinstance(value, (int, float)):
        try:
            simple = _plain(value)
        except TypeError:
            yield f"{place} is a {type(value).__name__}, which JSON has no form for; send its text or its numbers."
        else:
            yield from _faults(simple, place)

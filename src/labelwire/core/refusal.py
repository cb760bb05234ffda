"""From an answer with an error status to the error that says what happened and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import requests
from requests.structures import CaseInsensitiveDict

from .. import errors
from .json import look_like_html
from .redacted import bare, redacted
from .retry import GATEWAY_FAULTS, retry_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .operation import Reply, Request

BY_STATUS: Mapping[int, type[errors.StatusError]] = {
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    429: errors.RateLimited,
}

LEGACY_DISABLED = "legacy token authentication has been disabled"

HINTS: Mapping[int, str] = {
    401: "Check the API key (Account & Settings → Personal Access Token) and that it belongs to this server.",
    403: "The user of this API key is not allowed to do this.",
    429: "Try again later, or send less at a time.",
}


def of_the_path(reply: Reply) -> bool:
    """Whether it is the path or the method that the server does not know, and not the object."""
    return reply.status == 405 or (reply.status == 404 and not _body(reply))


def release_of(reply: Reply) -> str:
    """ "1.23.2 Community" from the answer to /api/version, or "" from any other."""
    about = _body(reply)
    release = about.get("release")
    if not isinstance(release, str):
        return ""
    return f"{release} {edition_of(about)}"


def edition_of(about: Mapping[str, Any]) -> str:
    """ "Community" or "Enterprise", by what /api/version says."""
    enterprise = about.get("edition") == "Enterprise" or "label-studio-enterprise-package" in about
    return "Enterprise" if enterprise else "Community"


def from_reply(request: Request, reply: Reply, secrets: Iterable[str] = (), release: str = "") -> errors.StatusError:
    """The error for this answer. Nothing in it shows a secret or the query."""
    body = _body(reply)
    found = _fields(body.get("validation_errors"))
    fields = {name: [redacted(problem, secrets) for problem in problems] for name, problems in found.items()}
    detail = redacted(_detail(body, reply), secrets)[:2000]
    kind = BY_STATUS.get(reply.status) or (errors.ServerError if reply.status >= 500 else errors.InvalidRequest)
    url = bare(reply.url)
    message = f"{request.method} {url}: {reply.status} {detail or reply_phrase(reply)}".rstrip()
    for name, problems in fields.items():
        message += f"\n  {name}: {' '.join(problems)}"
    hint = _hint(request, reply, body, detail, release)
    if hint:
        message += f"\n{hint}"
    identifier = body.get("id")
    return kind(
        message,
        status=reply.status,
        method=request.method,
        url=url,
        detail=detail,
        fields=fields,
        error_id=identifier if isinstance(identifier, str) else None,
        retry_after=retry_after(reply),
        release=release,
        response=response_of(reply),
    )


def response_of(reply: Reply) -> requests.Response:
    """The reply as a `requests.Response`, which is what a `requests.HTTPError` carries."""
    if isinstance(reply.native, requests.Response):
        return reply.native
    response = requests.Response()
    response.status_code = reply.status
    response.headers = CaseInsensitiveDict(reply.headers)
    response.url = reply.url
    response.reason = reply_phrase(reply)
    response._content = reply.body  # noqa: SLF001 - requests has no public way to make a response
    return response


def reply_phrase(reply: Reply) -> str:
    """“Not Found” for 404, and so on."""
    names = requests.status_codes._codes.get(reply.status, ("",))  # type: ignore[attr-defined]  # noqa: SLF001
    return str(names[0]).replace("_", " ")


def _body(reply: Reply) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return value if isinstance(value, dict) else {"detail": value}


def _detail(body: Mapping[str, Any], reply: Reply) -> str:
    detail = body.get("detail")
    if isinstance(detail, str):
        return detail
    if detail is not None:
        return msgspec.json.encode(detail).decode()
    if body:  # views that answer outside the usual form, such as {"error": "…"}
        return msgspec.json.encode(body).decode()
    if reply.body and not look_like_html(reply):
        return reply.body[:300].decode(errors="replace").strip()
    return ""


def _fields(value: Any, prefix: str = "") -> dict[str, list[str]]:
    """Nested validation messages as `{"field.inner": [messages]}`."""
    found: dict[str, list[str]] = {}
    if isinstance(value, dict):
        for name, item in value.items():
            found.update(_fields(item, f"{prefix}.{name}" if prefix else str(name)))
    elif isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        for position, item in enumerate(value):
            found.update(_fields(item, f"{prefix}[{position}]"))
    elif isinstance(value, list):
        if value:
            found[prefix] = [str(item) for item in value]
    elif value is not None:
        found[prefix] = [str(value)]
    return found


def _hint(request: Request, reply: Reply, body: Mapping[str, Any], detail: str, release: str) -> str:
    if LEGACY_DISABLED in detail:
        return (
            "This server takes no legacy tokens. Make a personal access token (Account & Settings → Personal Access "
            "Token) and pass it as api_key, or let the owner allow legacy tokens (Organization → API Tokens "
            "Settings)."
        )
    if release:
        return (
            f"The server, Label Studio {release}, has no such path: this call needs a newer version or another "
            "edition, or the URL has a wrong sub-path."
        )
    if of_the_path(reply):
        return (
            "The server has no such path: it is older or of another edition than this call needs, or the URL lacks "
            "its sub-path."
        )
    if reply.status in GATEWAY_FAULTS and not request.safe:
        return (
            "A proxy answered for the server, so nobody knows whether this was applied. It was not sent again: "
            "look before you repeat it."
        )
    if reply.status >= 500 and isinstance(body.get("id"), str):
        return f"The server's log has the cause under the id {body['id']}."
    if reply.status == 403 and detail and "permission" not in detail.lower():
        return ""  # the server has said what it is that it forbids
    return HINTS.get(reply.status, "")

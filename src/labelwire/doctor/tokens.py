"""What the token is, whether the server takes it, and how far apart the clocks are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from time import time

from ..client import Client
from ..core import auth
from ..core.refusal import LEGACY_DISABLED
from ..core.retry import NEVER
from ..errors import InvalidInput, LabelwireError, NotFound, Unauthorized
from ..settings import Settings
from .answers import Answer
from .finding import Finding

APART = 60.0
"""Seconds by which clocks may differ."""

KINDS: dict[type[auth.Credential], str] = {
    auth.PersonalAccessToken: "a personal access token",
    auth.AccessToken: "an access token",
    auth.LegacyToken: "a legacy token",
}

NEW = "Make a personal access token (Account & Settings → Personal Access Token), and: labelwire login {url}"


def of_the_clock(answer: Answer) -> Iterator[Finding]:
    """That the clocks differ, where they do."""
    there = answer.time
    if there is None or abs(apart := there - time()) < APART:
        return
    yield Finding(
        "clock",
        "note",
        f"The server's clock is {abs(apart):,.0f} s {'ahead of' if apart > 0 else 'behind'} this machine's.",
        "labelwire does not mind, but signed links to storages may: set both clocks by NTP.",
    )


def of_the_token(found: Settings, answer: Answer, timeout: float) -> Finding:
    """Which kind of token it is, until when it is good, and whose."""
    advice = NEW.format(url=found.url)
    if found.key is None:
        return Finding("token", "wrong", f"There is no token. {found.key_from}".rstrip(), advice)
    try:
        kind = KINDS[type(auth.from_key(found.key))]
    except InvalidInput as error:
        return Finding("token", "wrong", str(error), advice)
    until = _end(found.key)
    day = f"{datetime.fromtimestamp(until, UTC):%Y-%m-%d %H:%M} UTC" if until else ""
    said = f"The token, from {found.key_from}, is {kind}"
    if until and until < (answer.time or time()):
        return Finding("token", "wrong", f"{said}, and has ended on {day}.", advice)
    try:
        with Client(found.url, found.key, timeout=(timeout, timeout), retry=NEVER) as client:
            who = client.users.me().email
    except Unauthorized as error:
        if LEGACY_DISABLED in error.detail:
            return Finding(
                "token",
                "wrong",
                f"{said}, and the organization has legacy tokens disabled.",
                f"{advice}; or let the owner allow them (Organization → API Tokens Settings).",
            )
        return Finding("token", "wrong", f"{said}, and the server does not take it.", advice)
    except NotFound:
        return Finding(
            "token",
            "wrong",
            f"{said}, and this server has none of that kind.",
            "Use the legacy token of Account & Settings.",
        )
    except LabelwireError as error:
        return Finding(
            "token", "wrong", f"{said}, and asking for its user failed: {error}", "See what the message says."
        )
    return Finding("token", "fine", f"{said}{f', good until {day}' if day else ''}. It is {who}'s.")


def _end(key: str) -> float | None:
    """Until when a token says that it is good, in seconds since 1970."""
    until = (auth.claims_of(key) or {}).get("exp")
    return float(until) if isinstance(until, (int, float)) and 0 < until < 1 << 35 else None

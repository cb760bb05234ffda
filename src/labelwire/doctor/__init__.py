"""Why a server cannot be used: the way to it, what answers there, its version, the token.

from labelwire import doctor

for finding in doctor.examine("https://labels.example", api_key="…"):
    print(finding.check, finding.state, finding.found, finding.advice)
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import settings
from ..errors import ConnectionLost, InvalidInput
from .answers import ask
from .finding import Finding, State
from .places import misplaced
from .tokens import of_the_clock, of_the_token
from .words import lost, not_label_studio, of_the_version

__all__ = ["Finding", "State", "examine"]


def examine(
    url: str | None = None,
    api_key: str | None = None,
    *,
    profile: str | None = None,
    timeout: float = 10.0,
    own_server: bool = False,
) -> Iterator[Finding]:
    """What is found, one after another, with what to do where it is wrong; ends where no more can be told.

    Args:
        url, api_key, profile: as of `Client`; where they are left out, the environment and profiles count, as there.
        timeout: seconds for connecting, and for each answer.
        own_server: whether the environment's key goes to the environment's server alone, as for commands.
    """
    try:
        found = settings.resolve(url, api_key, profile=profile, own_server=own_server)
    except InvalidInput as error:
        yield Finding("settings", "wrong", str(error), "Correct it, or log in anew: labelwire login")
        return
    yield Finding("settings", "fine", f"The URL is {found.url}, from {found.url_from}.")
    try:
        answer = ask(found.url, timeout)
    except ConnectionLost as error:
        yield lost(error, found.url)
        return
    if answer.release is None:
        yield misplaced(found.url, answer, timeout) or not_label_studio(answer, found.url)
        return
    yield Finding("way", "fine", "Label Studio answers there.")
    yield of_the_version(answer)
    yield from of_the_clock(answer)
    yield of_the_token(found, answer, timeout)

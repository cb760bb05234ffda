"""What is wrong on the way, and what to do, in a sentence each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..errors import ConnectionLost
from .answers import Answer
from .finding import Finding
from .places import GATEWAY

OLDEST = (1, 8)
"""The oldest Label Studio that labelwire is tested with."""

LOST: Mapping[str, tuple[str, str]] = {
    "REFUSED": (
        "Nothing answers at {host}: no program listens on this port.",
        "Start the server, or correct host and port in the URL; for a server on this machine: labelwire server start",
    ),
    "NAME": (
        "The name {name} is not known.",
        "Correct it in the URL, or join the network or VPN that knows it.",
    ),
    "CONNECT_TIMEOUT": (
        "{host} gives no connection in time.",
        "A firewall may be between, or the VPN is missing; look whether a browser on this machine reaches it.",
    ),
    "TIMEOUT": (
        "{host} takes the connection and does not answer in time.",
        "The server hangs or is overloaded: look at its log, and restart it.",
    ),
    "TLS": (
        "{host} gives no trusted TLS connection.",
        "For a certificate of your own set REQUESTS_CA_BUNDLE to the file of its authority, or pass verify= to Client.",
    ),
    "PROXY": (
        "The proxy that the environment names for {host} cannot be used.",
        "Correct HTTP_PROXY and HTTPS_PROXY, or set NO_PROXY={name} to go without it.",
    ),
    "BROKEN": (
        "What listens at {host} closes the connection without an answer; it may not speak HTTP.",
        "Look whether the port is Label Studio's, and whether the URL should begin with https://.",
    ),
}
"""By kind of fault."""

SPEAKS_HTTP = (
    "{host} speaks http, and the URL says https.",
    "Use http:// in the URL, or the port on which the server has TLS.",
)


def lost(error: ConnectionLost, url: str) -> Finding:
    """Why nothing came."""
    parts = urlsplit(url)
    plain = re.search("wrong.version.number|record layer failure", str(error), re.IGNORECASE)
    found, advice = SPEAKS_HTTP if plain else LOST.get(error.fault, LOST["BROKEN"])
    names = {"host": parts.netloc, "name": parts.hostname}
    return Finding("way", "wrong", found.format(**names), advice.format(**names))


def not_label_studio(answer: Answer) -> Finding:
    """What it is that answers in Label Studio's place."""
    title = f" titled {answer.title!r}" if answer.title else ""
    if answer.status in GATEWAY:
        found = f"A proxy answers {answer.status}: it is up, and does not reach the Label Studio behind it."
        return Finding(
            "way", "wrong", found, "Start Label Studio, or wait until it is up; else correct the proxy's upstream."
        )
    if answer.title is not None and answer.status in (200, 401, 403, 407):
        found = f"A proxy answers with a web page{title} in Label Studio's place ({answer.status})."
        return Finding(
            "way",
            "wrong",
            found,
            "Where it wants a login, pass extra_headers= or oidc_token= to Client, or go around it; if the page is "
            "another program's, correct the URL.",
        )
    found = f"Something else than Label Studio answers there ({answer.status}{title})."
    return Finding("way", "wrong", found, "Correct the port, or add the sub-path under which Label Studio is served.")


def of_the_version(answer: Answer) -> Finding:
    """Which Label Studio it is, and whether it is too old."""
    about = answer.release
    release = about.release if about and about.release else ""
    numbers = tuple(int(one) for one in re.findall(r"\d+", release)[:2])
    said = f"It is Label Studio {release} {about.edition if about else ''}".rstrip()
    if numbers and numbers < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return Finding("version", "wrong", f"{said}, older than {oldest}.", f"Update the server to {oldest} or newer.")
    return Finding("version", "fine", f"{said}.")

"""What is wrong on the way, and what to do, in a sentence each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, select_proxy

from ..errors import ConnectionLost
from .answers import Answer
from .finding import Finding
from .places import GATEWAY

PROXY_LOGIN = 407

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
        "{host} gives no TLS connection.",
        "Look whether the URL is right, and whether a browser on this machine reaches it.",
    ),
    "PROXY": (
        "The proxy {proxy}, which the environment names, gives no way to {host}.",
        "Correct HTTP_PROXY and HTTPS_PROXY, or set NO_PROXY={name} to go without it.",
    ),
    "BROKEN": (
        "What listens at {host} closes the connection without an answer; it may not speak HTTP.",
        "Look whether the port is Label Studio's, and whether the URL should begin with https://.",
    ),
}
"""By kind of fault."""

OF_TLS: Mapping[str, tuple[str, str]] = {
    "wrong.version.number|record layer failure": (
        "{host} speaks http, and the URL says https.",
        "Use http:// in the URL, or the port on which the server has TLS.",
    ),
    "certificate has expired": (
        "The certificate of {host} has expired.",
        "Have it renewed on the server; where a browser takes it, set this machine's clock.",
    ),
    "certificate is not yet valid": (
        "The certificate of {host} is not valid yet.",
        "Look whether this machine's clock is right, and from when the certificate is good.",
    ),
    "mismatch": (
        "The certificate of {host} is for another name.",
        "Use the name that the certificate is for as the URL's host, or have one made for {name}.",
    ),
    "certificate verify failed": (
        "{host} shows a certificate that this machine does not trust.",
        "For a certificate of your own set REQUESTS_CA_BUNDLE to the file of its authority, or pass verify= to Client.",
    ),
}
"""By what OpenSSL says; the first that fits."""


def lost(error: ConnectionLost, url: str) -> Finding:
    """Why nothing came."""
    parts = urlsplit(url)
    known = OF_TLS.items() if error.fault == "TLS" else ()
    of_tls = (words for pattern, words in known if re.search(pattern, str(error), re.IGNORECASE))
    found, advice = next(of_tls, LOST.get(error.fault, LOST["BROKEN"]))
    names = {"host": parts.netloc, "name": parts.hostname, "proxy": proxy(url)}
    return Finding("way", "wrong", found.format(**names), advice.format(**names))


def proxy(url: str) -> str | None:
    """Host and port of the proxy that the environment names for the URL, without the login that it may have."""
    chosen = select_proxy(url, get_environ_proxies(url))
    return urlsplit(chosen if "://" in chosen else f"http://{chosen}").netloc.rpartition("@")[2] if chosen else None


def not_label_studio(answer: Answer, url: str) -> Finding:
    """What it is that answers in Label Studio's place."""
    title = f" titled {answer.title!r}" if answer.title else ""
    between = proxy(url)
    if answer.status == PROXY_LOGIN and between:
        return Finding(
            "way",
            "wrong",
            f"The proxy {between}, which the environment names, wants a login (407).",
            f"Write it as http://USER:PASSWORD@{between}, or set NO_PROXY={urlsplit(url).hostname} to go without it.",
        )
    around = f" The environment's proxy {between} may be what answers: try NO_PROXY={urlsplit(url).hostname}."
    found, advice = _instead(answer, title)
    return Finding("way", "wrong", found, advice + around if between else advice)


def _instead(answer: Answer, title: str) -> tuple[str, str]:
    found = f"Something else than Label Studio answers there ({answer.status}{title})."
    advice = "Correct the port, or add the sub-path under which Label Studio is served."
    if answer.status in GATEWAY:
        found = f"A proxy answers {answer.status}: it is up, and does not reach the Label Studio behind it."
        advice = "Start Label Studio, or wait until it is up; else correct the proxy's upstream."
    elif answer.title is not None and answer.status in (200, 401, 403, PROXY_LOGIN):
        found = f"A proxy answers with a web page{title} in Label Studio's place ({answer.status})."
        advice = (
            "Where it wants a login, pass extra_headers= or oidc_token= to Client, or go around it; if the page is "
            "another program's, correct the URL."
        )
    return found, advice


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

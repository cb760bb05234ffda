"""What the doctor says of TLS, of proxies in the environment, of silence, and of clocks."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from time import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from labelwire import LocalServer, doctor

from ..scenario.web import Answer, behind, data, page, serving
from .test_doctor import LEGACY, NOBODY, wrong

DAY = dt.timedelta(days=1)
HERE = ipaddress.IPv4Address("127.0.0.1")

Certified = Callable[..., tuple[ssl.SSLContext, Path]]


@pytest.fixture
def certified(tmp_path: Path) -> Certified:
    """What a server needs to speak TLS with a certificate that it has made itself, and the certificate's file."""

    def make(address: ipaddress.IPv4Address = HERE, since: int = -2, until: int = 2) -> tuple[ssl.SSLContext, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test's own")])
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now + since * DAY)
            .not_valid_after(now + until * DAY)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(address)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        place, secret = tmp_path / "certificate.pem", tmp_path / "key.pem"
        place.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        secret.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(place, secret)
        return context, place

    return make


# TLS -------------------------------------------------------------------------------------------------------------


def test_a_certificate_of_ones_own_and_what_the_doctor_advises(
    server: LocalServer, certified: Certified, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, place = certified()
    with serving(behind("", server.url), tls) as web:
        found = wrong(web.url)
        assert found.found.endswith("shows a certificate that this machine does not trust.")
        assert "REQUESTS_CA_BUNDLE" in found.advice
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(place))
        assert [one.state for one in doctor.examine(web.url, server.api_key)] == ["fine"] * 4


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"since": -9, "until": -3}, "has expired."),
        ({"since": 3, "until": 9}, "is not valid yet."),
        ({"address": ipaddress.IPv4Address("127.0.0.2")}, "is for another name."),
    ],
)
def test_a_trusted_certificate_that_does_not_fit(
    made: dict[str, object], said: str, certified: Certified, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, place = certified(**made)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(place))
    with serving(lambda asked: page(), tls) as web:
        found = wrong(web.url)
    assert found.found == f"The certificate of {web.url.removeprefix('https://')} {said}"
    assert "REQUESTS_CA_BUNDLE" not in found.advice, "the authority is known"


# A proxy that the environment names ------------------------------------------------------------------------------


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets a proxy for everything, in the environment."""
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)

    def through(url: str) -> None:
        monkeypatch.setenv("http_proxy", url)
        monkeypatch.setenv("https_proxy", url)

    return through


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there(scheme: str, proxied: Callable[[str], None]) -> None:
    proxied(NOBODY.replace("//", "//somebody:pass-of-proxy@"))
    found = wrong(f"{scheme}://labels.example:8080")
    assert found.found == ("The proxy 127.0.0.1:9, which the environment names, gives no way to labels.example:8080.")
    assert "NO_PROXY=labels.example" in found.advice
    assert "pass-of-proxy" not in f"{found}"


def test_a_proxy_that_lets_nothing_through(proxied: Callable[[str], None]) -> None:
    with serving(lambda asked: page(403)) as web:
        proxied(web.url)
        found = wrong("https://labels.example")
        assert "gives no way to labels.example" in found.found
        plain = wrong("http://labels.example")
    assert f"The environment's proxy {web.url.removeprefix('http://')} may be what answers" in plain.advice
    assert "NO_PROXY=labels.example" in plain.advice


def test_a_proxy_that_wants_a_login(proxied: Callable[[str], None]) -> None:
    with serving(lambda asked: page(407)) as web:
        proxied(web.url)
        found = wrong("http://labels.example")
    host = web.url.removeprefix("http://")
    assert found.found == f"The proxy {host}, which the environment names, wants a login (407)."
    assert f"http://USER:PASSWORD@{host}" in found.advice


def test_what_no_proxy_names_goes_around_it(
    server: LocalServer, proxied: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxied(NOBODY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert [one.state for one in doctor.examine(server.url, server.api_key)] == ["fine"] * 4


# Silence, and clocks ---------------------------------------------------------------------------------------------


@pytest.fixture
def silent() -> Iterator[str]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_never_answers(scheme: str, silent: str) -> None:
    (_, found) = doctor.examine(f"{scheme}://{silent}", LEGACY, timeout=0.5)
    assert found.found == f"{silent} takes the connection and does not answer in time."
    assert "restart it" in found.advice


@pytest.mark.parametrize(
    ("seconds", "said"), [(-7200, "s behind this machine's"), (7200, "s ahead of this machine's"), (5, None)]
)
def test_a_clock_that_is_off_is_good_to_know(server: LocalServer, seconds: int, said: str | None) -> None:
    forward = behind("", server.url)

    def off(answer: Answer) -> Answer:
        kept = [pair for pair in answer.headers if pair[0].lower() != "date"]
        return Answer(answer.status, answer.body, [*kept, ("Date", formatdate(time() + seconds, usegmt=True))])

    with serving(lambda asked: off(forward(asked))) as web:
        findings = list(doctor.examine(web.url, server.api_key))
    notes = [one.found for one in findings if one.state == "note"]
    assert len(notes) == (said is not None)
    assert said is None or said in notes[0]
    assert findings[-1].state == "fine", "the token is taken all the same"


@pytest.mark.parametrize("date", ["yesterday", "", "Tue, 99 Foo 2026 00:00:00 GMT"])
def test_a_date_that_is_none_is_no_matter(date: str) -> None:
    def answer(asked: object) -> Answer:
        said = data({"release": "1.23.2"})
        return Answer(said.status, said.body, [*said.headers, ("Date", date)])

    with serving(answer) as web:
        assert not [one for one in doctor.examine(web.url, LEGACY) if one.check == "clock"]

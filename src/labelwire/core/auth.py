"""The kinds of credential, as state that generators advance. None of them does I/O.

A credential is asked three things: to get ready before a request (`ready`), for the headers and cookies that
prove it (`proof`), and, when the server says 401 all the same, whether it can renew itself (`renew`).
"""

from __future__ import annotations

import logging
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Protocol, TypeAlias, TypeVar

import msgspec

from ..errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthorized, UnexpectedReply
from .json import decode
from .operation import Exclusive, Reply, Request, Steps

logger = logging.getLogger(__name__)

E = TypeVar("E", Unauthorized, NotFound)

Send: TypeAlias = Callable[[Request], Steps[Reply]]
"""Sends a request without a credential, with all the retrying there is; raises for an error status."""

Proof: TypeAlias = tuple[Mapping[str, str], Mapping[str, str]]
"""Headers and cookies."""

MARGIN = 15.0
"""Seconds before its end at which an access token counts as used up, so that it does not end during an upload."""


class Credential(Protocol):
    """What a client proves itself with."""

    @property
    def key(self) -> str | None:
        """The API key as a user would keep it, where there is one."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show."""
        ...

    def ready(self, send: Send) -> Steps[None]: ...

    def proof(self, method: str) -> Proof: ...

    def renew(self, send: Send, proof: Proof) -> Steps[bool]:
        """After a 401 to `proof`: whether there is something new to try."""
        ...


class LegacyToken:
    """`Authorization: Token KEY`. Servers from 1.20 on refuse it unless their organization allows it."""

    def __init__(self, key: str) -> None:
        self.key: str | None = key
        self._headers = {"Authorization": f"Token {key}"}

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.key or "",)

    def ready(self, send: Send) -> Steps[None]:
        yield from ()

    def proof(self, method: str) -> Proof:
        return self._headers, {}

    def renew(self, send: Send, proof: Proof) -> Steps[bool]:
        yield from ()
        return False


class AccessToken(LegacyToken):
    """`Authorization: Bearer ACCESS`: a JWT that somebody else has refreshed already; good for minutes."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self._headers = {"Authorization": f"Bearer {key}"}


class PersonalAccessToken:
    """A JWT refresh token, changed for access tokens that live five minutes."""

    def __init__(self, key: str) -> None:
        self.key: str | None = key
        self._refresh = key
        self._access = ""
        self._until = 0.0

    @property
    def secrets(self) -> tuple[str, ...]:
        return self._refresh, self._access

    def ready(self, send: Send) -> Steps[None]:
        if monotonic() >= self._until:
            yield Exclusive(self._exchange(send, self._access))

    def proof(self, method: str) -> Proof:
        return {"Authorization": f"Bearer {self._access}"}, {}

    def renew(self, send: Send, proof: Proof) -> Steps[bool]:
        used = proof[0].get("Authorization", "").removeprefix("Bearer ")
        yield Exclusive(self._exchange(send, used))
        return True

    def _exchange(self, send: Send, used: str) -> Steps[None]:
        if self._access != used:
            return  # another thread or task was faster
        try:
            reply = yield from send(
                Request("POST", "/api/token/refresh/", json={"refresh": self._refresh}, repeatable=True)
            )
        except Unauthorized as error:
            raise refused(
                error,
                "The personal access token was refused: it was revoked, has ended, or belongs to another server. "
                "Make a new one under Account & Settings → Personal Access Token.",
            ) from None
        except NotFound as error:
            raise refused(
                error,
                "This server has no personal access tokens, as older ones have none, or the URL lacks "
                "its sub-path. Use the legacy token of Account & Settings, or correct the URL.",
            ) from None
        access = _text(reply, "access")
        claims = claims_of(access)
        # How long it lives is the difference of two of the server's own times: the clocks need not agree.
        lifetime = float(claims.get("exp", 0)) - float(claims.get("iat", 0)) if claims else 0.0
        self._access = access
        self._until = monotonic() + max(lifetime - MARGIN, 1.0)
        logger.info("New access token, good for %.0f s", lifetime)


class Login:
    """Email and password, through the login page; from then on whatever the server gives for them.

    A current server gives a personal access token, unless the user has one already: it shows each only once, so
    the session itself serves. A server without such tokens gives its legacy token.
    """

    def __init__(self, email: str, password: str, origin: str) -> None:
        self._email = email
        self._password = password
        self._origin = origin
        self._inner: Credential | None = None

    @property
    def key(self) -> str | None:
        return self._inner.key if self._inner else None

    @property
    def secrets(self) -> tuple[str, ...]:
        return self._password, *(self._inner.secrets if self._inner else ())

    def ready(self, send: Send) -> Steps[None]:
        if self._inner is None:
            yield Exclusive(self._log_in(send, None))
        if self._inner is not None:
            yield from self._inner.ready(send)

    def proof(self, method: str) -> Proof:
        return self._inner.proof(method) if self._inner else ({}, {})

    def renew(self, send: Send, proof: Proof) -> Steps[bool]:
        if isinstance(self._inner, Session):
            yield Exclusive(self._log_in(send, self._inner))
            return True
        return (yield from self._inner.renew(send, proof)) if self._inner else False

    def _log_in(self, send: Send, stale: Credential | None) -> Steps[None]:
        if self._inner is not stale:
            return
        page = yield from send(Request("GET", "/user/login/", fresh=True))
        csrf = page.cookies.get("csrftoken", "")
        if not csrf:
            raise UnexpectedReply(
                f"{page.url} is not Label Studio's login page (it sets no csrftoken). Check the URL and its "
                "sub-path; where people log in through SSO, use a personal access token."
            )
        form = {"email": self._email, "password": self._password, "csrfmiddlewaretoken": csrf}
        reply = yield from send(
            Request(
                "POST",
                "/user/login/",
                form=form,
                headers={"Referer": self._origin},
                cookies=page.cookies,
                repeatable=True,
                fresh=True,
                follow=False,
            )
        )
        if reply.status != 302:  # a wrong password is answered with the login page and 200
            raise Unauthorized(
                f"The server at {self._origin} does not take this email and password. Check both by logging in "
                "with a browser.",
                status=401,
                method="POST",
                url=page.url,
            )
        session = Session({**page.cookies, **reply.cookies}, self._origin)
        self._inner = yield from self._token(send, session)
        logger.info("Logged in at %s; what serves from now on: %s", self._origin, type(self._inner).__name__)

    @staticmethod
    def _token(send: Send, session: Session) -> Steps[Credential]:
        headers, cookies = session.proof("POST")
        try:
            reply = yield from send(Request("POST", "/api/token/", headers=headers, cookies=cookies, fresh=True))
        except Conflict:
            return session
        except (NotFound, Forbidden):
            reply = yield from send(Request("GET", "/api/current-user/token", cookies=cookies, fresh=True))
            return LegacyToken(_text(reply, "token"))
        return PersonalAccessToken(_text(reply, "token"))


class Session:
    """The cookies of somebody logged in."""

    key: str | None = None

    def __init__(self, cookies: Mapping[str, str], origin: str) -> None:
        self._cookies = dict(cookies)
        self._origin = origin

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(self._cookies.values())

    def ready(self, send: Send) -> Steps[None]:
        yield from ()

    def proof(self, method: str) -> Proof:
        if method in ("GET", "HEAD", "OPTIONS"):
            return {}, self._cookies
        return {"X-CSRFToken": self._cookies.get("csrftoken", ""), "Referer": self._origin}, self._cookies

    def renew(self, send: Send, proof: Proof) -> Steps[bool]:
        yield from ()
        return False


def from_key(key: str) -> Credential:
    """The credential that an API key is: a JWT tells by itself what it is for, anything else is a legacy token.

    Raises:
        InvalidInput: for a key that can be none of them.
    """
    key = key.strip()
    if not key:
        raise InvalidInput("The API key is empty. Copy it from Account & Settings → Personal Access Token.")
    if not re.fullmatch(r"[\x21-\x7e]+", key):
        raise InvalidInput(
            "The API key holds spaces or characters that no key has. Pass the key alone, without “Token” or "
            "“Bearer” before it."
        )
    if not key.startswith("eyJ"):
        return LegacyToken(key)
    claims = claims_of(key)
    if claims is None:
        raise InvalidInput(
            "The API key looks like a personal access token that is not whole: one has three parts with a point "
            "between them. The list of tokens shows two; the whole token is shown once, when it is made."
        )
    return AccessToken(key) if claims.get("token_type") == "access" else PersonalAccessToken(key)


def claims_of(token: str) -> dict[str, Any] | None:
    """What a JWT says of itself, unverified; None for anything that is no whole JWT."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        return None
    try:
        claims = msgspec.json.decode(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def refused(error: E, message: str) -> E:
    """The server's refusal in words that say what to do."""
    return type(error)(
        message,
        status=error.status,
        method=error.method,
        url=error.url,
        detail=error.detail,
        error_id=error.error_id,
        response=error.response,
    )


def _text(reply: Reply, name: str) -> str:
    value = decode(reply)
    text = value.get(name) if isinstance(value, dict) else None
    if not isinstance(text, str) or not text:
        raise UnexpectedReply(f"{reply.url} answered without the {name!r} that Label Studio sends there.")
    return text

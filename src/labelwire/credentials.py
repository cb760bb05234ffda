"""From what a user passes or has in the environment to the server as a client knows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .core import auth
from .core.exchange import Site
from .core.retry import Retry
from .errors import InvalidInput

if TYPE_CHECKING:
    from .settings import Settings


class ClientCredentials:
    """An API key, or an email with its password.

    Raises:
        InvalidInput: when neither is whole.
    """

    def __init__(self, *, email: str | None = None, password: str | None = None, api_key: str | None = None) -> None:
        given = {"email": email, "password": password, "api_key": api_key}
        self.either_key_or_email_password({name: value for name, value in given.items() if value is not None})
        self.email = email
        self.password = password
        self.api_key = api_key

    @classmethod
    def either_key_or_email_password(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values themselves, when they hold an `api_key`, or an `email` and a `password`."""
        if not values.get("api_key") and not values.get("email"):
            raise InvalidInput("Credentials need an api_key, or an email and a password.")
        if values.get("email") and not values.get("api_key") and not values.get("password"):
            raise InvalidInput("Credentials with an email need its password too.")
        return values

    def dict(self) -> dict[str, str | None]:
        """The three values, secrets included."""
        return {"email": self.email, "password": self.password, "api_key": self.api_key}

    def __repr__(self) -> str:
        return f"ClientCredentials({'api_key=…' if self.api_key else f'email={self.email!r}, password=…'})"


def make_site(
    url: str | None,
    api_key: str | None,
    credentials: ClientCredentials | None,
    *,
    extra_headers: Mapping[str, str] | None,
    cookies: Mapping[str, str] | None,
    oidc_token: str | None,
    retry: Retry,
    profile: str | None = None,
) -> Site:
    """The server and the credential for it. Arguments come before the environment, and that before profiles.

    Raises:
        InvalidInput: for a URL or a key that cannot be one, and when there is no credential at all.
    """
    from .settings import resolve  # not wanted before a client is made

    found = resolve(url, api_key, profile=profile, needs_key=api_key is None and credentials is None)
    origin = found.url
    credential = _credential(api_key, credentials, found)
    headers: dict[str, str] = {}
    if isinstance(credential, auth.LegacyToken):
        headers.update(credential.proof("GET")[0])  # where old scripts look for it
    if oidc_token:
        headers["Proxy-Authorization"] = f"Bearer {oidc_token}"
    headers.update(extra_headers or {})
    return Site(url=origin, credential=credential, headers=headers, cookies=dict(cookies or {}), retry=retry)


def _credential(api_key: str | None, credentials: ClientCredentials | None, found: Settings) -> auth.Credential:
    if api_key is None and credentials is None:
        api_key = found.key
        if api_key is None:
            raise InvalidInput(
                f"No credential for {found.url}: pass api_key=… (Account & Settings → Personal Access Token), or "
                "credentials=ClientCredentials(email=…, password=…), or set LABEL_STUDIO_API_KEY, or keep one with the "
                f"command labelwire login. {found.key_from}".rstrip()
            )
    if api_key is None and credentials is not None:
        if not credentials.api_key:
            return auth.Login(credentials.email or "", credentials.password or "", found.url)
        api_key = credentials.api_key
    if not isinstance(api_key, str):
        raise InvalidInput(f"The API key is {type(api_key).__name__} and not text.")
    return auth.from_key(api_key)

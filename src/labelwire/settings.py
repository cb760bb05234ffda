"""Which server and which key, where a caller names none: the environment, and what `labelwire login` keeps.

Each of the two is taken from the first that has it: the argument, a profile that is an argument, the environment, the
profile of the environment or the default one. The profiles' file is read only when it is needed.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field, json

from .core.exchange import base_url
from .errors import InvalidInput

if TYPE_CHECKING:
    from types import ModuleType

DEFAULT_URL = "http://localhost:8080"
URL_NAMES = ("LABEL_STUDIO_URL", "LABEL_STUDIO_HOST")
KEY_NAME = "LABEL_STUDIO_API_KEY"
PROFILE_NAME = "LABELWIRE_PROFILE"
FILE = "profiles.toml"
SERVICE = "labelwire"
"""What the keyring knows the keys by."""

OTHERS = 0o077
"""Permissions of people other than the owner."""


class Settings(Struct, frozen=True):
    """A server and the key for it, each with where it comes from in words.

    `key` is None where there is none; `key_from` says why then, where there is something to say.
    """

    url: str
    key: str | None = field(default=None)
    url_from: str = "the default"
    key_from: str = ""

    def __repr__(self) -> str:
        return f"Settings({self.url!r}, key={'…' if self.key else None})"


class Profile(Struct, frozen=True):
    """A server with its key, under a name; `api_key` is None where the keyring has it."""

    name: str
    url: str
    api_key: str | None = None

    @property
    def key(self) -> str:
        """The key.

        Raises:
            InvalidInput: where the keyring does not give it.
        """
        if self.api_key is not None:
            return self.api_key
        ring = _keyring()
        found = ring.get_password(SERVICE, self.name) if ring else None
        if not found:
            raise InvalidInput(f"The keyring has no key for profile {self.name!r}: labelwire login {self.url}")
        return str(found)

    def __repr__(self) -> str:
        return f"Profile({self.name!r}, {self.url!r})"


class Profiles(Struct):
    """All profiles, and which of them is taken where none is named."""

    default: str | None = None
    profiles: dict[str, Profile] = field(default_factory=dict)


def resolve(
    url: str | None = None,
    key: str | None = None,
    *,
    profile: str | None = None,
    needs_key: bool = True,
    own_server: bool = False,
) -> Settings:
    """The settings that count, of these arguments, the environment and the profiles.

    A profile's key goes to the profile's own server alone. With `own_server` so does the environment's key, where the
    environment names a server: the rule of the command line. `needs_key` is False for a caller that has another
    credential.

    Raises:
        InvalidInput: for what is no URL, a profile that there is not, a file of profiles that cannot be used.
    """
    asked = find(profile) if profile is not None else None
    home = next((name for name in URL_NAMES if os.environ.get(name)), "")
    where, url_from = "", home
    if url:
        where, url_from = base_url(url), "the argument"
    elif asked is not None:
        where, url_from = asked.url, f"profile {asked.name!r}"
    elif home:
        where = _of_the_environment(home)
    key_from = "the argument" if key is not None else ""
    elsewhere = []
    if key is None and needs_key and (asked is None or not same_origin(where, asked.url)):
        key, key_from = os.environ.get(KEY_NAME) or None, KEY_NAME
        if key is not None and own_server and home and not same_origin(where, _of_the_environment(home)):
            key = None
            elsewhere.append(f"{KEY_NAME} is for {_of_the_environment(home)} ({home}), and goes nowhere else.")
    if not where or (key is None and needs_key):
        asked = asked or find(None)
    if not where:
        where, url_from = (asked.url, f"profile {asked.name!r}") if asked else (DEFAULT_URL, "the default")
    if key is None and needs_key:
        key_from = ""
        if asked is not None and same_origin(where, asked.url):
            key, key_from = asked.key, f"profile {asked.name!r}"
        elif asked is not None:
            elsewhere.append(f"The key of profile {asked.name!r} is for {asked.url}, and goes nowhere else.")
    return Settings(where, key, url_from, key_from or " ".join(elsewhere))


def _of_the_environment(name: str) -> str:
    """The URL that this variable has."""
    try:
        return base_url(os.environ[name])
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error}") from None


def same_origin(one: str, other: str) -> bool:
    """Whether two URLs have scheme, host and port in common."""
    from urllib.parse import urlsplit

    ports = {"http": 80, "https": 443}
    parts = [urlsplit(url) for url in (one, other)]
    here, there = ((part.scheme, part.hostname, part.port or ports.get(part.scheme)) for part in parts)
    return here == there


# The file --------------------------------------------------------------------------------------------------------


def path() -> Path | None:
    """The file of the profiles; None without platformdirs. LABELWIRE_CONFIG_DIR moves it."""
    if chosen := os.environ.get("LABELWIRE_CONFIG_DIR"):
        return Path(chosen).expanduser() / FILE
    try:
        import platformdirs
    except ImportError:
        return None
    return platformdirs.user_config_path("labelwire") / FILE


def read() -> Profiles:
    """All profiles; none where there is no file.

    Raises:
        InvalidInput: for a file that is broken, or that others can read.
    """
    place = path()
    if place is None or not place.is_file():
        return Profiles()
    if os.name == "posix" and place.stat().st_mode & OTHERS:
        raise InvalidInput(f"{place} holds keys, and others can read it: chmod 600 {place}")
    import tomllib

    try:
        given = tomllib.loads(place.read_text(encoding="utf-8"))
        found = {name: _profile(name, one) for name, one in given.get("profiles", {}).items()}
        return Profiles(given.get("default"), found)
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{place} cannot be used ({error}). Correct it, or remove it and log in again: labelwire login"
        ) from None


def _profile(name: str, given: dict[str, Any]) -> Profile:
    key = given.get("api_key")
    if key is not None and not isinstance(key, str):
        raise ValueError(f"the api_key of {name!r} is no text")
    return Profile(name, base_url(given["url"]), key)


def find(name: str | None) -> Profile | None:
    """The profile of this name; without one, that of LABELWIRE_PROFILE or the default one, and None if there is none.

    Raises:
        InvalidInput: for a name that there is not.
    """
    name = name or os.environ.get(PROFILE_NAME)
    known = read()
    name = name or known.default
    if not name:
        return None
    if name not in known.profiles:
        there = ", ".join(map(repr, known.profiles)) or "none"
        raise InvalidInput(f"There is no profile {name!r}; there are: {there}. Make it: labelwire login --profile NAME")
    return known.profiles[name]


def keep(name: str, url: str, key: str) -> str:
    """Keeps a profile, which becomes the default one, and says where its key is: "the keyring" or the file's path.

    Raises:
        InvalidInput: for a name that cannot be one, or without platformdirs.
    """
    if not re.fullmatch(r"[\w.-]+", name, re.ASCII):
        raise InvalidInput(f"{name!r} is no name of a profile: letters, digits, '-', '_' and '.' make one.")
    known = read()
    ring = _keyring()
    if ring:
        ring.set_password(SERVICE, name, key)
    known.profiles[name] = Profile(name, base_url(url), None if ring else key)
    known.default = name
    place = _write(known)
    return "the keyring" if ring else str(place)


def choose(name: str) -> Profile:
    """The profile of this name, which is the default one from now on."""
    chosen = find(name)
    if chosen is None:
        raise InvalidInput("A profile has a name.")
    known = read()
    known.default = name
    _write(known)
    return chosen


def forget(name: str | None = None) -> Profile | None:
    """Removes a profile, the default one if none is named, and gives it; None where there is none."""
    gone = find(name)
    if gone is None:
        return None
    known = read()
    del known.profiles[gone.name]
    if known.default == gone.name:
        known.default = next(iter(known.profiles), None)
    if gone.api_key is None and (ring := _keyring()):
        with suppress(ring.errors.KeyringError):  # it was not there
            ring.delete_password(SERVICE, gone.name)
    _write(known)
    return gone


def _write(known: Profiles) -> Path:
    place = path()
    if place is None:
        raise InvalidInput('Where profiles are kept is said by platformdirs: pip install "labelwire[cli]"')
    lines = ["# The servers that `labelwire login` knows. It holds keys: keep it to yourself."]
    if known.default:
        lines.append(f"default = {_quoted(known.default)}")
    for one in known.profiles.values():
        lines += ["", f"[profiles.{_quoted(one.name)}]", f"url = {_quoted(one.url)}"]
        if one.api_key is not None:
            lines.append(f"api_key = {_quoted(one.api_key)}")
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = place.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
    draft.replace(place)
    return place


def _quoted(text: str) -> str:
    """As a TOML string; JSON's escapes are TOML's."""
    return json.encode(text).decode().replace("\x7f", "\\u007f")


def _keyring() -> ModuleType | None:
    """The package keyring, where it is installed and has a place to keep things in."""
    try:
        keyring = import_module("keyring")
    except ImportError:
        return None
    return keyring if keyring.get_keyring().priority >= 1 else None

"""Which server and which key count, and how profiles are kept."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from labelwire import AsyncClient, Client, InvalidInput, settings

HERE = "https://here.example"
THERE = "https://there.example/labels"


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A directory of our own for profiles, and nothing of them in the environment."""
    for name in (*settings.URL_NAMES, settings.KEY_NAME, settings.PROFILE_NAME):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LABELWIRE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setitem(sys.modules, "keyring", None)
    return tmp_path / "config" / settings.FILE


def test_an_argument_comes_before_the_environment_and_that_before_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.resolve().url == settings.DEFAULT_URL
    settings.keep("work", THERE, "key-of-work")
    assert settings.resolve() == settings.Settings(THERE, "key-of-work", "profile 'work'", "profile 'work'")
    monkeypatch.setenv("LABEL_STUDIO_HOST", "https://host.example")
    assert settings.resolve(needs_key=False).url == "https://host.example"
    monkeypatch.setenv("LABEL_STUDIO_URL", HERE)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "key-of-here")
    assert settings.resolve() == settings.Settings(HERE, "key-of-here", "LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY")
    assert settings.resolve("https://argument.example", "k").url == "https://argument.example"
    assert settings.resolve(profile="work").key == "key-of-work", "a profile that is named is an argument"


def test_the_environment_chooses_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.keep("work", THERE, "key-of-work")
    settings.keep("home", HERE, "key-of-home")
    assert settings.resolve().url == HERE, "the last login"
    monkeypatch.setenv("LABELWIRE_PROFILE", "work")
    assert settings.resolve().url == THERE
    monkeypatch.setenv("LABELWIRE_PROFILE", "lost")
    with pytest.raises(InvalidInput, match="no profile 'lost'; there are: 'work', 'home'"):
        settings.resolve()


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        ("https://there.example", True),
        ("https://there.example:443/other", True),
        ("http://there.example/labels", False),
        ("https://there.example:8443/labels", False),
        ("https://there.example.evil.example/labels", False),
    ],
)
@pytest.mark.parametrize("way", ["argument", "environment"])
def test_a_key_goes_to_its_own_server_alone(url: str, goes: bool, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.keep("work", THERE, "key-of-work")
    if way == "environment":
        monkeypatch.setenv("LABEL_STUDIO_URL", url)
    given = url if way == "argument" else None
    assert settings.resolve(given).key == ("key-of-work" if goes else None)
    if not goes:
        for profile in (None, "work"):
            with pytest.raises(InvalidInput, match=f"profile 'work' is for {THERE}") as caught:
                Client(given or url, profile=profile)
            assert "key-of-work" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        (None, True),
        (f"{HERE}/", True),
        (f"{HERE}:443/labels", True),
        ("http://here.example", False),
        (f"{HERE}:8443", False),
        ("https://here.example.evil.example", False),
        (THERE, False),
    ],
)
def test_a_commands_key_of_the_environment_goes_to_the_environments_server_alone(
    url: str | None, goes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABEL_STUDIO_URL", HERE)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "key-of-here")
    found = settings.resolve(url, own_server=True)
    assert found.key == ("key-of-here" if goes else None)
    assert goes or found.key_from == f"LABEL_STUDIO_API_KEY is for {HERE} (LABEL_STUDIO_URL), and goes nowhere else."
    assert settings.resolve(url).key == "key-of-here", "as old scripts have it, who pass the URL alone"
    monkeypatch.delenv("LABEL_STUDIO_URL")
    assert settings.resolve(url, own_server=True).key == "key-of-here", "it is for no server in particular"


def test_in_place_of_a_key_of_the_environment_goes_that_of_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.keep("work", THERE, "key-of-work")
    monkeypatch.setenv("LABEL_STUDIO_URL", HERE)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "key-of-here")
    assert settings.resolve(THERE, own_server=True).key == "key-of-work"
    assert settings.resolve(THERE, "mine", own_server=True).key == "mine"
    assert settings.resolve(profile="work", own_server=True).key == "key-of-work"
    assert settings.resolve(HERE, profile="work", own_server=True).key == "key-of-here"
    neither = settings.resolve("https://third.example", profile="work", own_server=True)
    assert neither.key is None
    for server in (HERE, THERE):
        assert f"is for {server}" in neither.key_from
    assert "key-of" not in neither.key_from


def test_what_is_empty_in_the_environment_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.keep("work", THERE, "key-of-work")
    monkeypatch.setenv("LABEL_STUDIO_URL", "")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "")
    assert settings.resolve() == settings.Settings(THERE, "key-of-work", "profile 'work'", "profile 'work'")


def test_both_clients_heed_it() -> None:
    settings.keep("work", THERE, "key-of-work")

    async def asynchronous() -> tuple[str, str | None]:
        async with AsyncClient() as client:
            return client.url, client.api_key

    with Client() as client:
        assert (client.url, client.api_key) == (THERE, "key-of-work")
    assert asyncio.run(asynchronous()) == (THERE, "key-of-work")


def test_the_file_is_read_only_where_it_is_needed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.keep("work", THERE, "key-of-work")
    place.write_text("broken [")
    assert Client(HERE, "k").url == HERE
    monkeypatch.setenv("LABEL_STUDIO_URL", HERE)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "k")
    assert Client().url == HERE


def test_without_any_profile_the_error_is_as_before() -> None:
    with pytest.raises(InvalidInput, match="No credential for http://localhost:8080: pass api_key="):
        Client()


def test_without_platformdirs_there_are_no_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABELWIRE_CONFIG_DIR")
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    assert settings.resolve().key is None
    with pytest.raises(InvalidInput, match=r"labelwire\[cli\]"):
        settings.keep("work", THERE, "k")


# How they are kept -----------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_the_file_is_the_users_alone(place: Path) -> None:
    settings.keep("work", THERE, "key-of-work")
    assert place.stat().st_mode & 0o777 == 0o600
    place.chmod(0o644)
    with pytest.raises(InvalidInput, match=f"others can read it: chmod 600 {place}") as caught:
        settings.resolve()
    assert "key-of-work" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["broken [", "profiles = 3", "[profiles.work]", "[profiles.work]\nurl = 3", "[profiles.work]\nurl='x'"]
)
def test_a_broken_file_is_named(place: Path, text: str) -> None:
    place.parent.mkdir()
    place.write_text(text)
    place.chmod(0o600)
    with pytest.raises(InvalidInput, match=str(place)):
        settings.resolve()


def test_what_is_kept_comes_back_and_can_be_forgotten(place: Path) -> None:
    key = 'odd"\\key\x7e'
    settings.keep("a.b-c", THERE, key)
    settings.keep("home", HERE, "key-of-home")
    assert settings.find("a.b-c") == settings.Profile("a.b-c", THERE, key)
    assert settings.choose("a.b-c").url == THERE
    assert settings.resolve().url == THERE
    gone = settings.forget()
    assert gone is not None
    assert gone.name == "a.b-c"
    assert settings.resolve().url == HERE
    assert key not in place.read_text()
    settings.forget("home")
    assert settings.forget() is None
    with pytest.raises(InvalidInput, match="no name of a profile"):
        settings.keep("a b", THERE, "k")


def test_nothing_shows_a_key() -> None:
    settings.keep("work", THERE, "key-of-work")
    assert "key-of-work" not in repr(settings.read()) + repr(settings.resolve())


def test_a_keyring_keeps_the_key_where_there_is_one(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[str, str], str] = {}
    ring = SimpleNamespace(
        get_keyring=lambda: SimpleNamespace(priority=5),
        get_password=lambda service, name: kept.get((service, name)),
        set_password=lambda service, name, key: kept.update({(service, name): key}),
        delete_password=lambda service, name: kept.pop((service, name)),
        errors=SimpleNamespace(KeyringError=RuntimeError),
    )
    monkeypatch.setitem(sys.modules, "keyring", ring)
    assert settings.keep("work", THERE, "key-of-work") == "the keyring"
    assert "key-of-work" not in place.read_text()
    assert settings.resolve().key == "key-of-work"
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(InvalidInput, match="keyring has no key for profile 'work'"):
        settings.resolve()
    monkeypatch.setitem(sys.modules, "keyring", ring)
    settings.forget("work")
    assert kept == {}

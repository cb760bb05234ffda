"""`labelwire login`, `logout` and `profiles`"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .command import ProfileName, command

if TYPE_CHECKING:
    from .show import Show

profiles = typer.Typer(help="List the servers that `labelwire login` keeps, and choose one.", no_args_is_help=True)

COLUMNS = ("name", "url", "default", "key")


def add(app: typer.Typer) -> None:
    """Adds the commands to the app."""
    examples = [
        "labelwire login https://labels.example",
        "labelwire login https://labels.example --profile work < token.txt",
        "labelwire login --local",
    ]
    command(app, "login", examples=examples)(login)
    command(app, "logout")(logout)


def login(
    url: Annotated[str | None, typer.Argument(help="The server, with its sub-path if it has one.")] = None,
    api_key: Annotated[
        str | None, typer.Option(help="Personal access token or legacy token.", show_default="asked for, or stdin")
    ] = None,
    email: Annotated[str | None, typer.Option(help="In place of a token: log in with a password.")] = None,
    password: Annotated[str | None, typer.Option(help="With --email.", show_default="asked for, or stdin")] = None,
    local: Annotated[bool, typer.Option("--local", help="The server of `labelwire server start`.")] = False,
    profile: Annotated[str, typer.Option(help="The name to keep it under.")] = "default",
) -> None:
    """Log in to a server, and keep it for all further commands and for Client() in Python.

    The key is kept in the keyring where the package keyring is installed, else in a file that only you can read.
    Then: labelwire projects list
    """
    from .. import settings
    from ..client import Client, ClientCredentials
    from ..core.exchange import base_url
    from ..errors import InvalidInput
    from . import output

    if local:
        url, api_key = _local()
    url = base_url(url or typer.prompt("Server", default=settings.DEFAULT_URL, err=True))
    if email is not None and api_key is not None:
        raise typer.BadParameter("--email is in place of --api-key.")
    if email is None:
        credentials = ClientCredentials(
            api_key=api_key or _secret("Token (Account & Settings → Personal Access Token)")
        )
    else:
        credentials = ClientCredentials(email=email, password=password or _secret("Password"))
    with Client(url, credentials=credentials) as client:
        who = client.users.me().email
        if client.api_key is None:
            raise InvalidInput(
                f"{email} has a personal access token already, and the server shows one only once. Log in with it, "
                f"--api-key, or revoke it first: {client.url}/user/account/personal-access-token"
            )
        place = settings.keep(profile, client.url, client.api_key)
        said = f"{client.url} knows you as {who}. The token is kept in {place}, as profile {profile!r}."
    output.err().print(f"{said}\nNext: labelwire projects list", soft_wrap=True)


def logout(profile: ProfileName = None) -> None:
    """Forget a server and its key; the token itself goes on. The default profile, if none is named."""
    from .. import settings
    from . import output

    gone = settings.forget(profile)
    said = f"Profile {gone.name!r} of {gone.url} is forgotten; its token goes on until you revoke it." if gone else ""
    output.err().print(said or "You are not logged in.", soft_wrap=True)


@command(profiles, "list")
def list_(show: Show) -> None:
    """List the profiles, without their keys."""
    from .. import settings

    known = settings.read()
    rows = [
        {
            "id": one.name,
            "name": one.name,
            "url": one.url,
            "default": one.name == known.default,
            "key": "file" if one.api_key else "keyring",
        }
        for one in known.profiles.values()
    ]
    show.items(rows, COLUMNS)


@command(profiles, "use", examples=["labelwire profiles use work"])
def use(name: Annotated[str, typer.Argument(help="The profile's name.")]) -> None:
    """Make a profile the default one."""
    from .. import settings
    from . import output

    output.err().print(f"From now on: {settings.choose(name).url}", soft_wrap=True)


def _local() -> tuple[str, str]:
    from .. import server
    from ..errors import InvalidInput

    if not server.status().running:
        raise InvalidInput("No server of labelwire's own runs on this machine: labelwire server start")
    found = server.launch()
    return found.url, found.api_key


def _secret(what: str) -> str:
    """Asked for without showing it; where there is no terminal, a line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    line = sys.stdin.readline().strip()
    if not line:
        raise typer.BadParameter(f"{what}: pass it as an option, or on standard input.")
    return line

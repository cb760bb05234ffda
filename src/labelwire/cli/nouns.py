"""`labelwire users`, `views`, `storages` and `webhooks`: what is mostly listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .command import Project, Yes, agree, command

if TYPE_CHECKING:
    from ..client import Client
    from .show import Show

users = typer.Typer(help="List people; see who you are.", no_args_is_help=True)
views = typer.Typer(help="List the tabs of the Data Manager.", no_args_is_help=True)
storages = typer.Typer(help="List and sync the storages that tasks come from.", no_args_is_help=True)
webhooks = typer.Typer(
    help="List, create and delete what the server calls when something happens.", no_args_is_help=True
)

USER = ("id", "email", "first_name", "last_name", "last_activity")
VIEW = ("id", "data.title", "order", "data.filters")
STORAGE = ("id", "type", "title", "status", "last_sync", "last_sync_count")
WEBHOOK = ("id", "url", "project", "is_active", "actions")

OfProject = Annotated[int | None, typer.Option("--project", help="Those of this project alone.")]


@command(users, "list")
def list_users(client: Client, show: Show) -> None:
    """List the users of the organization."""
    show.items(client.users.list(), USER)


@command(users, "me", examples=["labelwire users me"])
def me(client: Client, show: Show) -> None:
    """Show whose token it is."""
    show.item(client.users.me(), USER)


@command(views, "list", examples=["labelwire views list 1"])
def list_views(client: Client, show: Show, project: Project) -> None:
    """List a project's views, whose ids --view takes."""
    show.items(client.views.list(project=project), VIEW)


@command(storages, "list", examples=["labelwire storages list --project 1"])
def list_storages(
    client: Client,
    show: Show,
    project: OfProject = None,
    exports: Annotated[bool, typer.Option("--export", help="Those that annotations go to.")] = False,
) -> None:
    """List storages, with how their last sync went."""
    side = client.storages.export if exports else client.storages
    show.items(side.list(project=project), STORAGE)


@command(storages, "sync", examples=["labelwire storages sync s3 3 --wait"])
def sync(
    client: Client,
    show: Show,
    type: Annotated[str, typer.Argument(help="s3, gcs, azure, redis or localfiles.")],
    storage: Annotated[int, typer.Argument(help="Its id; labelwire storages list.")],
    exports: Annotated[bool, typer.Option("--export", help="It is one that annotations go to.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Until it has ended.")] = False,
) -> None:
    """Start the sync of a storage, and print the storage."""
    if type not in KINDS:
        raise typer.BadParameter(f"{type!r} is no type of storage; there are: {', '.join(KINDS)}.")
    side = client.storages.export if exports else client.storages
    show.item(getattr(side, type).sync(storage, wait=wait), STORAGE)


KINDS = ("s3", "s3s", "gcs", "azure", "redis", "localfiles")


@command(webhooks, "list")
def list_webhooks(client: Client, show: Show, project: OfProject = None) -> None:
    """List webhooks."""
    show.items(client.webhooks.list(project=project), WEBHOOK)


@command(
    webhooks, "create", examples=["labelwire webhooks create https://ci.example/hook --project 1 -a ANNOTATION_CREATED"]
)
def create_webhook(
    client: Client,
    show: Show,
    address: Annotated[str, typer.Argument(help="What the server is to call.")],
    project: OfProject = None,
    actions: Annotated[
        list[str] | None,
        typer.Option("--action", "-a", help="When, such as ANNOTATION_CREATED.", show_default="always"),
    ] = None,
) -> None:
    """Create a webhook, and print it."""
    fields: dict[str, Any] = (
        {"actions": actions, "send_for_all_actions": False} if actions else {"send_for_all_actions": True}
    )
    show.item(client.webhooks.create(url=address, project=project, **fields), WEBHOOK)


@command(webhooks, "delete")
def delete_webhook(
    client: Client,
    webhook: Annotated[int, typer.Argument(help="Its id; labelwire webhooks list.")],
    yes: Yes = False,
) -> None:
    """Delete a webhook. It asks first."""
    from . import output

    found = client.webhooks.get(webhook)
    agree(f"Webhook {webhook}, which calls {found.url}, will be deleted from {client.url}.", yes=yes)
    client.webhooks.delete(webhook)
    output.err().print(f"Webhook {webhook} is deleted.")

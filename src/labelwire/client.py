"""`Client`: a Label Studio server, reached synchronously."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import requests
from msgspec.structs import replace

from ._version import __version__
from .core import auth, exchange, refusal
from .core.adapter import Session
from .core.operation import Reply, Request
from .core.redacted import bare, redacted
from .core.retry import Retry
from .core.sync import SyncDriver, Timeout
from .credentials import ClientCredentials, make_site
from .errors import Conflict, InvalidInput, InvalidRequest
from .namespaces import Namespaces

if TYPE_CHECKING:
    from .project import Project
    from .users import User
    from .workspaces import Workspace

__all__ = ["Client", "ClientCredentials"]

logger = logging.getLogger(__name__)

TIMEOUT = (10.0, 180.0)
"""Seconds for connecting, and for each wait for data."""

POSITIONAL = (
    "params", "data", "headers", "cookies", "files", "auth", "timeout", "allow_redirects", "proxies", "hooks",
    "stream", "verify", "cert", "json",
)  # fmt: skip
"""What `requests.Session.request` calls its arguments after method and URL, for those who pass them by position."""


class Client(Namespaces[SyncDriver]):
    """A Label Studio server.

    Args:
        url: the server, with its sub-path if it has one; by default `LABEL_STUDIO_URL`, else
            `LABEL_STUDIO_HOST`, else that of the profile, else http://localhost:8080.
        api_key: a personal access token or a legacy token, whichever; by default `LABEL_STUDIO_API_KEY`, else that of
            the profile, if the URL is on the profile's server.
        credentials: `ClientCredentials` with an API key, or with an email and a password.
        session: a `requests.Session` to use as it is.
        extra_headers: headers for every request.
        cookies: cookies for every request.
        oidc_token: a token for an authenticating proxy, sent as `Proxy-Authorization: Bearer …`.
        versions: the server's versions, when they are known already (see `get_versions`).
        make_request_raise: whether `make_request` raises for an error status; else it returns the response.
        timeout: seconds for connecting and for each wait for data.
        verify: False, or a path to certificates to trust, as in requests.
        cert: a client certificate, as in requests.
        proxies: proxies by scheme, as in requests.
        retry: how patient the client is.
        profile: what `labelwire login` keeps under this name, before the environment; by default, after the
            environment, that of `LABELWIRE_PROFILE` or the default one.

    Raises:
        InvalidInput: for a URL or key that cannot be one, and without any credential.
        Unauthorized: when the server does not take the email and the password. A key is checked on first use.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        credentials: ClientCredentials | None = None,
        session: requests.Session | None = None,
        extra_headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        oidc_token: str | None = None,
        versions: Mapping[str, Any] | None = None,
        make_request_raise: bool = True,
        *,
        timeout: Timeout = TIMEOUT,
        verify: bool | str | None = None,
        cert: str | tuple[str, str] | None = None,
        proxies: Mapping[str, str] | None = None,
        retry: Retry | None = None,
        profile: str | None = None,
    ) -> None:
        site = make_site(
            url,
            api_key,
            credentials,
            extra_headers=extra_headers,
            cookies=cookies,
            oidc_token=oidc_token,
            retry=retry or Retry(),
            profile=profile,
        )
        options = {"verify": verify, "cert": cert, "proxies": proxies}
        given = {name: value for name, value in options.items() if value is not None}
        self._driver = SyncDriver(site, session if session is not None else self.get_session(), timeout, given)
        self._versions = dict(versions) if versions is not None else None
        self.make_request_raise = make_request_raise
        if isinstance(site.credential, auth.Login):
            self._driver.run(exchange.log_in(site))

    # What the client is made of ------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The server's URL, without a slash at its end."""
        return self._driver.site.url

    @url.setter
    def url(self, url: str) -> None:
        self._driver.site.url = exchange.base_url(url)

    @property
    def api_key(self) -> str | None:
        """The key, where there is one: a login whose user has a personal access token already has none."""
        return self._driver.site.credential.key

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request, read whenever one goes out: change them at any time."""
        return self._driver.site.headers

    @headers.setter
    def headers(self, headers: dict[str, str]) -> None:
        self._driver.site.headers = headers

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies of every request."""
        return self._driver.site.cookies

    @cookies.setter
    def cookies(self, cookies: Mapping[str, str] | None) -> None:
        self._driver.site.cookies = dict(cookies or {})

    @property
    def session(self) -> requests.Session:
        """The `requests.Session` that everything goes through."""
        return self._driver.session

    @session.setter
    def session(self, session: requests.Session) -> None:
        self._driver.session = session

    @property
    def versions(self) -> dict[str, Any]:
        """The versions of the server and of its parts, asked for once."""
        if self._versions is None:
            self._versions = self.get_versions()
        return self._versions

    @property
    def is_enterprise(self) -> bool:
        """Whether the server is Label Studio Enterprise."""
        from .resources.system import Version

        return Version(self.versions).edition == "Enterprise"

    def get_versions(self) -> dict[str, Any]:
        """The versions of the server and of its parts."""
        self._versions = self.system.version().raw
        return self._versions

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"

    # Any request ---------------------------------------------------------------------------------------------

    def get_session(self) -> requests.Session:
        """A new `requests.Session`. It does not retry by itself: the client does, and knows when it may."""
        session = Session()
        session.headers["User-Agent"] = f"labelwire/{__version__} requests/{requests.__version__}"
        return session

    def get_url(self, suffix: str) -> str:
        """The server's URL with a path put behind it."""
        return f"{self.url}/{suffix.lstrip('/')}"

    def make_request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        """The response to any request, with the right credential.

        Args:
            url: a path such as "/api/projects".
            args, kwargs: further arguments of `requests.Session.request`, passed on untouched.

        Raises:
            StatusError: a `requests.HTTPError`, for an error status, unless `make_request_raise` is False.
            ConnectionLost: a `requests.ConnectionError`, when there is no answer.
        """
        options = {**dict(zip(POSITIONAL, args, strict=False)), **kwargs}
        request = Request(
            method.upper(),
            exchange.path_of(url, self.url),
            headers=options.pop("headers", None) or {},
            options=options,
            follow=options.pop("allow_redirects", True),
        )
        reply: Reply = self._driver.run(exchange.exchange(request, self._driver.site))
        if reply.status >= 400 and self.make_request_raise:
            raise refusal.from_reply(request, reply, self._driver.site.credential.secrets)
        return refusal.response_of(reply)

    def log_response_error(self, response: requests.Response) -> None:
        """Log what the server said about an error."""
        said = redacted(response.text, self._driver.site.credential.secrets)[:2000]
        logger.error("%s answered %s: %s", bare(response.url), response.status_code, said)

    def get_api_key(self, credentials: ClientCredentials) -> str:
        """The API key for an email and a password.

        Raises:
            Unauthorized: when the server does not take them.
            Conflict: when the user has a personal access token already, which the server shows only once.
        """
        if credentials.api_key:
            return credentials.api_key
        login = auth.Login(credentials.email or "", credentials.password or "", self.url)
        site = self._driver.site
        self._driver.run(exchange.log_in(replace(site, credential=login)))
        if login.key is None:
            raise Conflict(
                f"{credentials.email} has a personal access token already, and the server shows it only once. Use "
                "that one, or revoke it; a Client made with the email and the password works all the same.",
                status=409,
                url=self.url,
            )
        return login.key

    # The seed's calls ----------------------------------------------------------------------------------------

    def check_connection(self) -> dict[str, Any]:
        """`{"status": "UP"}` from a server that is up. It says nothing about the credential."""
        return self.system.health()

    def get_projects(self, **query_params: Any) -> list[Project]:
        """All projects; see `list_projects`."""
        return self.list_projects(**query_params)

    def list_projects(self, **query_params: Any) -> list[Project]:
        """All projects that the user may see, in pages of 100.

        Args:
            query_params: filters of the server, such as `title="part of it"` or `ids="1,2"`; `page` asks for one
                page alone.
        """
        from .project import Project

        listing = self.projects.list(**query_params)
        found = next(iter(listing.pages())).items if "page" in query_params else listing
        return [Project._create_from_id(self, project.id, params=project.raw) for project in found]  # noqa: SLF001

    def get_project(self, id: int) -> Project:
        """The project.

        Raises:
            NotFound: when there is none with this id.
        """
        from .project import Project

        return Project.get_from_id(self, id)

    def start_project(self, **kwargs: Any) -> Project:
        """A new project, made with `title`, `label_config` and further fields of the API."""
        from .project import Project

        return Project._create_from_id(self, 0, params=self.projects.create(**kwargs).raw)  # noqa: SLF001

    def create_project(self, **kwargs: Any) -> Project:
        """A new project; the same as `start_project`."""
        return self.start_project(**kwargs)

    def delete_project(self, project_id: int) -> requests.Response:
        """The server's response to the deletion of the project with all that it holds."""
        return self.make_request("DELETE", f"/api/projects/{project_id}/")

    def delete_all_projects(self) -> list[requests.Response]:
        """Deletes every project that the user may see, and gives the responses."""
        return [self.delete_project(project.id) for project in self.list_projects()]

    def get_users(self) -> list[User]:
        """All users of the organization."""
        from .users import User

        return [User(**{**user.raw, "client": self}) for user in self.users.list()]

    def create_user(self, user: User | Mapping[str, Any], exist_ok: bool = True) -> User | None:
        """The new user; the existing one when there is one with this email and `exist_ok`; None, with the reason
        in the log, when the server refuses.
        """
        from .users import User

        fields = user.payload() if isinstance(user, User) else dict(user)
        email = str(fields.get("email", "")).lower()
        try:
            return User(**{**self.users.create(**fields).raw, "client": self})
        except InvalidRequest as error:
            if exist_ok and email and "email" in error.fields:
                for existing in self.get_users():
                    if (existing.email or "").lower() == email:
                        return existing
            logger.error("The user was not created: %s", error)  # noqa: TRY400 - the reason is in the message
            return None

    def get_workspaces(self) -> list[Workspace]:
        """All workspaces.

        Raises:
            EnterpriseOnly: on a Community server.
        """
        from .workspaces import Workspace

        return [Workspace(**{**workspace.raw, "client": self}) for workspace in self.workspaces.list()]

    def get_workspace_by_title(self, title: str) -> Workspace | None:
        """The first workspace with exactly this title, or None."""
        return next((workspace for workspace in self.get_workspaces() if workspace.title == title), None)

    def get_organization(self) -> dict[str, Any]:
        """The user's active organization."""
        active = self.users.me().active_organization
        if active is None:
            raise InvalidInput("The user of this API key has no active organization.")
        return self.organizations.get(active).raw

    def sync_storage(self, storage_type: str, storage_id: int) -> dict[str, Any]:
        """The storage after its sync was started: `id`, `type`, `last_sync`, `last_sync_count` and its settings.

        Args:
            storage_type: "s3", "gcs", "azure", "redis" or "localfiles".
        """
        response = self.make_request("POST", f"/api/storages/{storage_type}/{storage_id}/sync")
        storage: dict[str, Any] = response.json()
        return storage

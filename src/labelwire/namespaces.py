"""The namespaces that both clients have. Each is imported when it is first used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Generic

from .core.endpoint import D

if TYPE_CHECKING:
    from .bulk.annotations import Annotations
    from .bulk.exports import Exports
    from .bulk.files import Files
    from .bulk.imports import Imports
    from .bulk.predictions import Predictions
    from .bulk.projects import Projects
    from .bulk.tasks import Tasks
    from .bulk.webhooks import Webhooks
    from .resources.actions import Actions
    from .resources.drafts import Drafts
    from .resources.fsm import Fsm
    from .resources.invites import Invites
    from .resources.label_links import LabelLinks
    from .resources.labels import Labels
    from .resources.members import Members
    from .resources.ml import Ml
    from .resources.organizations import Organizations
    from .resources.session_policy import SessionPolicy
    from .resources.storages import Storages
    from .resources.system import System
    from .resources.tokens import Tokens
    from .resources.users import Users
    from .resources.views import Views
    from .resources.workspaces import Workspaces


class Namespaces(Generic[D]):
    """One attribute for each noun of the API."""

    _driver: D

    @cached_property
    def actions(self) -> Actions[D]:
        """What the Data Manager does with many tasks at once."""
        from .resources.actions import Actions

        return Actions(self._driver)

    @cached_property
    def annotations(self) -> Annotations[D]:
        """What people have labeled."""
        from .bulk.annotations import Annotations

        return Annotations(self._driver)

    @cached_property
    def drafts(self) -> Drafts[D]:
        """Annotations that are not submitted yet."""
        from .resources.drafts import Drafts

        return Drafts(self._driver)

    @cached_property
    def exports(self) -> Exports[D]:
        """A project's tasks and annotations as files."""
        from .bulk.exports import Exports

        return Exports(self._driver)

    @cached_property
    def files(self) -> Files[D]:
        """What was uploaded into a project."""
        from .bulk.files import Files

        return Files(self._driver)

    @cached_property
    def fsm(self) -> Fsm[D]:
        """State histories and transitions."""
        from .resources.fsm import Fsm

        return Fsm(self._driver)

    @cached_property
    def imports(self) -> Imports[D]:
        """Tasks, files, predictions and annotations in bulk."""
        from .bulk.imports import Imports

        return Imports(self._driver)

    @cached_property
    def invites(self) -> Invites[D]:
        """Invitations to the organization."""
        from .resources.invites import Invites

        return Invites(self._driver)

    @cached_property
    def label_links(self) -> LabelLinks[D]:
        """Links between labels and projects."""
        from .resources.label_links import LabelLinks

        return LabelLinks(self._driver)

    @cached_property
    def labels(self) -> Labels[D]:
        """Labels that are kept beside the label configuration."""
        from .resources.labels import Labels

        return Labels(self._driver)

    @cached_property
    def members(self) -> Members[D]:
        """Who works on a project, and on which tasks (Enterprise)."""
        from .resources.members import Members

        return Members(self._driver)

    @cached_property
    def ml(self) -> Ml[D]:
        """Machine learning backends."""
        from .resources.ml import Ml

        return Ml(self._driver)

    @cached_property
    def organizations(self) -> Organizations[D]:
        """Organizations and their members."""
        from .resources.organizations import Organizations

        return Organizations(self._driver)

    @cached_property
    def predictions(self) -> Predictions[D]:
        """What models have found."""
        from .bulk.predictions import Predictions

        return Predictions(self._driver)

    @cached_property
    def projects(self) -> Projects[D]:
        """A label configuration and the tasks that are labeled by it."""
        from .bulk.projects import Projects

        return Projects(self._driver)

    @cached_property
    def session_policy(self) -> SessionPolicy[D]:
        """How long people stay logged in."""
        from .resources.session_policy import SessionPolicy

        return SessionPolicy(self._driver)

    @cached_property
    def storages(self) -> Storages[D]:
        """Where tasks come from, and where annotations go to."""
        from .resources.storages import Storages

        return Storages(self._driver)

    @cached_property
    def system(self) -> System[D]:
        """The server itself: health and version."""
        from .resources.system import System

        return System(self._driver)

    @cached_property
    def tasks(self) -> Tasks[D]:
        """The items of a project that are labeled."""
        from .bulk.tasks import Tasks

        return Tasks(self._driver)

    @cached_property
    def tokens(self) -> Tokens[D]:
        """What programs log in with."""
        from .resources.tokens import Tokens

        return Tokens(self._driver)

    @cached_property
    def users(self) -> Users[D]:
        """The people of the organization."""
        from .resources.users import Users

        return Users(self._driver)

    @cached_property
    def views(self) -> Views[D]:
        """The tabs of the Data Manager."""
        from .resources.views import Views

        return Views(self._driver)

    @cached_property
    def webhooks(self) -> Webhooks[D]:
        """What the server calls when something happens."""
        from .bulk.webhooks import Webhooks

        return Webhooks(self._driver)

    @cached_property
    def workspaces(self) -> Workspaces[D]:
        """Groups of projects (Enterprise)."""
        from .resources.workspaces import Workspaces

        return Workspaces(self._driver)

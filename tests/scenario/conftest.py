"""What the scenarios share: a second server for what would break the first one, and users with passwords."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from labelwire import Client, ClientCredentials, LocalServer
from labelwire.server.environment import version_key

from ..conftest import COLOURS, VERSION, Both, data_dir
from .colours import PASSWORD, reaching, sign_up

TOKENS = "personal access tokens"
LISTED = "personal access tokens that it can list and revoke"
NEWER = {
    "test_an_email_and_a_password_serve_where_a_token_exists_already": ((1, 20), TOKENS),
    "test_a_key_that_exists_already_cannot_be_shown_again": ((1, 20), TOKENS),
    "test_a_legacy_token_is_refused_by_default_and_the_error_says_what_to_do": ((1, 20), "a switch for legacy tokens"),
    "test_a_token_revoked_in_the_middle": ((1, 23), LISTED),
    "test_tokens_are_listed_without_their_secret": ((1, 23), LISTED),
    "test_tokens_are_made_refreshed_rotated_and_revoked": ((1, 23), LISTED),
    "test_the_kinds_of_token_that_are_allowed_are_changed": ((1, 20), TOKENS),
    "test_a_personal_access_token": ((1, 20), TOKENS),
    "test_a_legacy_token_is_shown_and_changed": ((1, 20), "a second kind of token, so the client would change its own"),
    "test_counts_say_how_far_a_project_is": ((1, 20), "/api/projects/counts/"),
    "test_namespaces_list_all_projects_too": ((1, 20), "/api/projects/counts/"),
    "test_a_project_tells_who_and_which_models_have_worked_in_it": ((1, 23), "/api/projects/{id}/annotators/"),
    "test_agreement_is_a_feature_of_enterprise": ((1, 23), "/api/tasks/{id}/agreement/"),
    "test_actions_are_listed_and_some_have_a_form": ((1, 23), "/api/dm/actions/{id}/form/"),
    "test_hotkeys_are_kept": ((1, 23), "/api/current-user/hotkeys/"),
    "test_an_organization_and_its_members": ((1, 20), "/api/organizations/{id}/memberships/{user}/"),
    "test_states_are_told": ((1, 23), "/api/fsm/"),
    "test_the_session_policy_is_changed": ((1, 20), "/api/session-policy/"),
    "test_a_webhook_for_the_whole_organization_is_refused": ((1, 20), "this refusal"),
    "test_what_the_server_leaves_out_without_a_word_is_an_error": ((1, 23), "this check of imported predictions"),
    "test_views_are_put_in_order_and_all_removed": ((1, 13), "/api/dm/views/order/"),
    "test_predictions_are_sent_as_they_are_and_deleted_by_their_version": ((1, 13), "DELETE of model versions"),
    "test_a_model_is_tried_out": ((1, 13), "/api/ml/{id}/predict/test"),
}
"""Since which of the versions tried there is what a test needs, by the test's name."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On an older server, skip the tests of what it lacks, and say what that is."""
    for item in items:
        since, lacking = NEWER.get(getattr(item, "originalname", ""), ((0,), ""))
        if version_key(VERSION) < since:
            item.add_marker(pytest.mark.skip(reason=f"Label Studio {VERSION} has not got {lacking}"))


@pytest.fixture(scope="session", params=COLOURS)
def both(request: pytest.FixtureRequest, server: LocalServer) -> Iterator[Both]:
    """The suite's server through `Client` and through `AsyncClient`."""
    with reaching(request.param, server.url, server.api_key) as calls:
        yield calls


@pytest.fixture(scope="session")
def spare(media: Path) -> Iterator[LocalServer]:
    """A second server, whose projects may all be deleted; it takes legacy tokens, serves local files, and calls
    other servers on this machine.
    """
    settings = {
        "SSRF_PROTECTION_ENABLED": "false",
        "ML_BLOCK_LOCAL_IP": "false",
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
        "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": str(media),
    }
    with (
        data_dir() as folder,
        LocalServer(version=VERSION, data_dir=folder, legacy_tokens=True, settings=settings) as running,
    ):
        yield running


@pytest.fixture(scope="session", params=COLOURS)
def there(request: pytest.FixtureRequest, spare: LocalServer) -> Iterator[Both]:
    """The second server through `Client` and through `AsyncClient`."""
    with reaching(request.param, spare.url, spare.api_key) as calls:
        yield calls


@pytest.fixture
def somebody(server: LocalServer, client: Client) -> Iterator[Callable[[], ClientCredentials]]:
    """Makes users of the suite's server who have a password and no token yet; gone afterwards."""
    made: list[str] = []

    def make() -> ClientCredentials:
        email = f"{uuid4().hex}@example.com"
        sign_up(server, email)
        made.append(email)
        return ClientCredentials(email=email, password=PASSWORD)

    yield make
    for user in client.users.list():
        if user.email in made:
            client.users.delete(user.id)

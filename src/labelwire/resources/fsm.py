"""`/api/fsm/`: the states that projects, tasks and annotations go through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..core.endpoint import D, Resource, endpoint, listing
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Operation, Page, Request
from ..core.pager import paged


class StateModel(Model):
    """One step of an entity from a state to the next, and who made it."""

    shown = ("id", "previous_state", "state", "transition_name")

    id: str
    state: str | None
    previous_state: str | None
    transition_name: str | None
    triggered_by: dict[str, Any] | None
    reason: str | None
    context_data: dict[str, Any] | None
    created_at: datetime | None


class Fsm(Resource[D]):
    """State histories and transitions. `entity_name` is "project", "task" or "annotation"."""

    @listing
    def history(
        self,
        entity_name: str,
        entity_id: int,
        *,
        state: str | None = None,
        previous_state: str | None = None,
        transition_name: str | None = None,
        triggered_by: int | None = None,
        created_at_from: str | None = None,
        created_at_to: str | None = None,
        ordering: str | None = None,
        page_size: int = 100,
    ) -> Operation[Page[StateModel]]:
        """The states that the entity went through; the dates are ISO 8601, `triggered_by` is a user's id."""
        params = {
            "page": 1,
            "page_size": page_size,
            "state": state,
            "previous_state": previous_state,
            "transition_name": transition_name,
            "triggered_by": triggered_by,
            "created_at_from": created_at_from,
            "created_at_to": created_at_to,
            "ordering": ordering,
        }
        return paged(Request("GET", f"/api/fsm/entities/{entity_name}/{entity_id}/history", params), StateModel)

    @endpoint
    def transition(
        self,
        entity_name: str,
        entity_id: int,
        *,
        transition_name: str,
        transition_data: Mapping[str, Any] | None = None,
    ) -> Operation[dict[str, Any]]:
        """The entity's `new_state` after a transition made by hand."""
        body = {"transition_name": transition_name, "transition_data": transition_data or {}}
        return Operation(Request("POST", f"/api/fsm/entities/{entity_name}/{entity_id}/transition/", json=body), decode)

"""A creation that is never done twice: when its answer is lost, what it made is looked for before it is sent again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from ..core.operation import Flow, Operation, Sleep
from ..errors import ConnectionLost, LabelwireError, ServerError, UnexpectedReply, certainly_not_applied

logger = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 3
"""How often it is sent at the most, when each try certainly has made nothing."""

LOST = (ConnectionLost, ServerError, UnexpectedReply)
"""What leaves open whether a write was applied."""

LOOKS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each look: a proxy that has given up may have a server behind it that has not."""


def failed_by_itself(error: Exception) -> bool:
    """Whether the server itself has failed, and not something on the way to it."""
    return isinstance(error, ServerError) and error.status == 500


def once(create: Operation[T], find: Callable[[], Flow[T | None]]) -> Flow[T]:
    """What was created.

    Args:
        find: looks for what a lost request has made, and gives None when that is nothing.

    Raises:
        LabelwireError: when it was not created, or when nobody can say.
    """
    tries = 0
    while True:
        try:
            return (yield from create)
        except LOST as error:
            if certainly_not_applied(error):
                raise
            tries += TRIES if failed_by_itself(error) else 1
            logger.warning("Whether it was applied is looked up: %s", error)
            for seconds in LOOKS:
                yield from Sleep(seconds)
                try:
                    found = yield from find()
                except LabelwireError as later:
                    raise error from later  # it stays open what became of it
                if found is not None:
                    logger.info("It was applied, and is not sent again")
                    return found
            logger.info("It was not applied")
            if tries >= TRIES:
                raise

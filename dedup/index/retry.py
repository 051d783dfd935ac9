"""Retry on write conflicts."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from dedup.errors import WriteConflictError

if TYPE_CHECKING:
    from collections.abc import Callable

_RETRIES = 4
"""A single conflict already requires a worker that stalled for seconds and lost its lock."""

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")


def retry_on_conflict(call: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Retry a call up to four times when another process committed first; re-raise ``WriteConflictError`` then."""

    @functools.wraps(call)
    def retried(*arguments: Parameters.args, **options: Parameters.kwargs) -> Returned:
        for _ in range(_RETRIES):
            try:
                return call(*arguments, **options)
            except WriteConflictError:
                continue
        return call(*arguments, **options)

    return retried

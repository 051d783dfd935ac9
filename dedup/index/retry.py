"""Calls that are made again when another process was faster."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from dedup.errors import WriteConflictError

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMES = 4
"""How often one call is made again: to be overtaken even once takes a worker that was stalled for seconds."""

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def again(call: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The call, made again when it was overtaken (of which nothing was written); the last time, the error is raised."""

    @functools.wraps(call)
    def repeated(*arguments: Given.args, **named: Given.kwargs) -> Answer:
        for _ in range(_TIMES):
            try:
                return call(*arguments, **named)
            except WriteConflictError:
                continue
        return call(*arguments, **named)

    return repeated

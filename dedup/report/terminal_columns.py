"""Choose the columns of the table of outlets in a terminal, in either language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OUTLET_COLUMNS = ("headlines", "shared", "exclusive", "first", "copies", "rewrites", "repeats")
BY_WEIGHT = ("first", "shared", "exclusive", "headlines", "copies", "rewrites", "repeats")
"""The same columns in the order in which they are kept where not all fit."""

MAX_OUTLETS = 40
"""Maximum number of outlets listed."""

GAP = 2
"""Blanks between two columns."""


def fitting(heads: Mapping[str, str], room: int) -> Sequence[str]:
    """Return the first of the columns whose heads fit into a number of terminal columns; one at least.

    Args:
        heads: heads by column, the most important first.
        room: terminal columns, a gap after each head included.

    Examples:
        >>> fitting({"first": "first", "shared": "shared"}, 10)
        ['first']
    """
    names = list(heads)
    taken = 0
    for number, name in enumerate(names):
        taken += cell_len(heads[name]) + GAP
        if taken > room:
            return names[: max(1, number)]
    return names

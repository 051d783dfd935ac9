"""Hashes of strings, and a cache of the hashes of names that recur, such as outlets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.core.hashing import hash32
from dedup.core.text_arrays import TextArray

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


def hash_strings(strings: Iterable[str]) -> NDArray[np.uint32]:
    """Return a 32-bit hash for each string, shape (n,), equal in every process; never 0, which stands for "no string".

    Examples:
        >>> hash_strings(["سبق", "سبق", ""]).tolist()
        [1863198802, 1863198802, 1]
    """
    return hash32(TextArray.of(strings).hashes())


class HashedNames:
    """A cache of the hashes of recurring names; each name is hashed once.

    Args:
        max_names: number of names to keep; when more come, the cache is emptied and filled again.
    """

    def __init__(self, max_names: int = 1 << 14) -> None:
        self._max_names = max_names
        self._cache: dict[str | None, int] = {None: 0, "": 0}

    def of(self, names: list[str | None]) -> NDArray[np.uint32]:
        """Return the hash of each name, shape (n,); 0 for None and for "".

        Examples:
            >>> HashedNames().of(["سبق", None]).tolist()
            [1863198802, 0]
        """
        cache, requested = self._cache, dict.fromkeys(name for name in names if name)
        missing = [name for name in requested if name not in cache]
        if missing:
            if len(cache) + len(missing) > self._max_names:
                cache, missing = {None: 0, "": 0}, list(requested)
            # A dictionary is replaced, never changed: another thread may still read the old one.
            self._cache = cache = cache | dict(zip(missing, hash_strings(missing).tolist(), strict=True))
        return np.fromiter(map(cache.__getitem__, names), np.uint32, len(names))

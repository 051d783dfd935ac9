"""Kernels: loops over headlines and pairs that NumPy cannot say in whole columns, compiled where there is enough to do.

Comparing two headlines looks at some hundred pairs of words and stops as soon as it is sure. NumPy can only do all of
it for all pairs: on the candidates of egypt2013 the same evidence takes it four times as long, and three hundred bytes
a pair to hold. So these loops are written for one pair at a time, and numba compiles them.

One source, two ways to run it. Importing numba takes longer than a small scan, and the first compilation takes seconds;
so a small piece of work is done by Python itself, which runs the very same function on the very same arrays, until a
process has done many of them. Both give the same bits (a test).
"""

from __future__ import annotations

import sys
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

COMPILE_CALL_FROM = 200_000
"""Rounds of a kernel's inner work from which it is compiled; fewer take Python less time than loading numba."""

COMPILE_TOTAL_FROM = 5 * COMPILE_CALL_FROM
"""Rounds that a process leaves to Python in all its small pieces of work, before it loads numba for them too: a worker
that adds headline by headline comes there after some hundreds, and has spent about as long on them as loading takes."""


_CONSTANTS = (bool, int, float, tuple, np.generic)
"""Types of the module-level values that numba compiles in as constants."""


class Kernel:
    """A function of NumPy arrays, NamedTuples of arrays and numbers, that compiles; it may call other kernels."""

    python_work: ClassVar[int] = 0
    """Rounds of all kernels in this process so far."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__doc__, self.__name__ = function.__doc__, function.__name__

    def __call__(self, *args: Any) -> Any:  # noqa: ANN401 - a kernel's own types stand in its function
        """Run it in Python."""
        with np.errstate(over="ignore"):  # hashes wrap around
            return self.plain(*args)

    def for_work(self, work: int) -> Callable[..., Any]:
        """The function for so much work: compiled, or as it is."""
        if work >= COMPILE_CALL_FROM or "numba" in sys.modules:
            return self.compiled
        Kernel.python_work += work
        return self if Kernel.python_work < COMPILE_TOTAL_FROM else self.compiled

    @cached_property
    def plain(self) -> Callable[..., Any]:
        """The function, and those that it calls, as they are."""
        return self._linked("plain")

    @cached_property
    def compiled(self) -> Callable[..., Any]:
        """The compiled function; compilation is remembered on disk, beside this package or in the user's cache."""
        from numba import njit  # noqa: PLC0415 - small scans do without

        return cast("Callable[..., Any]", njit(nogil=True, cache=True)(self._linked("inlined")))

    @cached_property
    def inlined(self) -> Callable[..., Any]:
        """The compiled function as part of those that call it: handing over some dozen arrays takes longer than it."""
        from numba import njit  # noqa: PLC0415 - small scans do without

        return cast("Callable[..., Any]", njit(nogil=True, forceinline=True)(self._linked("inlined")))

    def _linked(self, form: str) -> FunctionType:
        """The function, calling this form of the kernels that it calls."""
        code, called = self.function.__code__, self._called()
        linked = self.function.__globals__ | {name: getattr(kernel, form) for name, kernel in called.items()}
        function = FunctionType(code, linked, code.co_name, self.function.__defaults__)
        # What numba remembers, it forgets when this function's file changes, but not when that of a called one does.
        function.__qualname__ = f"{code.co_name}_{self._digest()}"
        return function

    def _called(self) -> dict[str, Kernel]:
        """The kernels that it calls, by the names that it calls them."""
        known = self.function.__globals__
        return {name: known[name] for name in self.function.__code__.co_names if isinstance(known.get(name), Kernel)}

    def _files(self) -> set[str]:
        """Return the source files of the function and of all kernels that it calls."""
        return {self.function.__code__.co_filename}.union(*(kernel._files() for kernel in self._called().values()))

    def _constants(self) -> set[str]:
        """Return the module-level numbers that the function and all kernels that it calls use, as ``name=value``."""
        known = self.function.__globals__
        names = (name for name in self.function.__code__.co_names if isinstance(known.get(name), _CONSTANTS))
        own = {f"{name}={known[name]!r}" for name in names}
        return own.union(*(kernel._constants() for kernel in self._called().values()))

    def _digest(self) -> str:
        """Return eight hex digits over these files and numbers: constants may be imported from further modules."""
        texts = [Path(file).read_bytes() for file in sorted(self._files())]
        texts += [constant.encode() for constant in sorted(self._constants())]
        return blake2b(b"".join(texts), digest_size=4).hexdigest()

"""Kernels: loops over headlines and pairs that NumPy cannot express in whole columns, compiled when worth it.

Comparing two headlines looks at some hundred pairs of words and stops as soon as the result is certain. NumPy can only
compute everything for all pairs: on the candidates of egypt2013 the same evidence takes four times as long and three
hundred bytes a pair. So these loops are written for one pair at a time, and numba compiles them.

One source, two ways to run it. Importing numba takes longer than a small scan, and the first compilation takes seconds;
so Python itself runs small pieces of work, the same function on the same arrays, until a process has done many of them.
Both give the same bits (a test).
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMPILE_CALL_FROM = 200_000
"""Inner iterations of one call from which a kernel is compiled; fewer take Python less time than loading numba."""

COMPILE_TOTAL_FROM = 5 * COMPILE_CALL_FROM
"""Inner iterations of all small calls of a process after which numba is loaded for them too: a worker that adds
headline by headline reaches it after some hundreds, having spent about as long in Python as loading takes."""


_CONSTANTS = (bool, int, float, tuple, np.generic)
"""Types of the module-level values that numba compiles in as constants."""


class Kernel:
    """A function of arrays, NamedTuples of arrays and numbers that numba can compile; it may call other kernels."""

    python_work: ClassVar[int] = 0
    """Inner iterations that Python has run so far, for all kernels of this process."""

    postponements: ClassVar[int] = 0
    """Open contexts of ``postponed_loading``."""

    postponed: ClassVar[dict[Kernel, tuple[Any, ...]]] = {}
    """Kernels to load, with the arguments of their last call."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__doc__, self.__name__ = function.__doc__, function.__name__

    def __call__(self, *args: Any) -> Any:  # noqa: ANN401 - a kernel's own types stand in its function
        """Run the function in Python."""
        with np.errstate(over="ignore"):  # hashes wrap around
            return self.plain(*args)

    def for_work(self, work: int) -> Callable[..., Any]:
        """Return the function to call for this many inner iterations: compiled, or plain Python."""
        if work >= COMPILE_CALL_FROM or self._is_loaded():
            return self.compiled
        Kernel.python_work += work
        if Kernel.python_work < COMPILE_TOTAL_FROM and "numba" not in sys.modules:
            return self
        return self._run_and_load_later if Kernel.postponements else self.compiled

    def _is_loaded(self) -> bool:
        """Return whether machine code for some types of arguments is in memory."""
        return "compiled" in self.__dict__ and bool(self.compiled.overloads)  # type: ignore[attr-defined]  # numba's

    def _run_and_load_later(self, *args: Any) -> Any:  # noqa: ANN401 - as __call__
        """Run the function in Python; ``load_postponed`` will load the machine code for these types of arguments."""
        Kernel.postponed[self] = args
        return self(*args)

    @cached_property
    def plain(self) -> Callable[..., Any]:
        """Return the plain function, which calls plain functions."""
        return self._linked("plain")

    @cached_property
    def compiled(self) -> Callable[..., Any]:
        """Return the compiled function; machine code is kept on disk where that is possible (``kernel_cache``)."""
        from dedup.core.kernel_cache import KernelCache, warn_once  # noqa: PLC0415 - it imports numba

        dispatcher: Any = _compiler()(nogil=True)(self._linked("inlined"))
        try:
            dispatcher._cache = KernelCache(dispatcher.py_func)  # type: ignore[no-untyped-call]  # as numba's own option cache=True does
        except (RuntimeError, OSError) as error:
            warn_once(str(error).partition(":")[0])
        return cast("Callable[..., Any]", dispatcher)

    @cached_property
    def inlined(self) -> Callable[..., Any]:
        """Return the function compiled for inlining: passing some dozen arrays to it takes longer than running it."""
        return cast("Callable[..., Any]", _compiler()(nogil=True, forceinline=True)(self._linked("inlined")))

    def _linked(self, form: str) -> FunctionType:
        """Return the function with the kernels that it calls replaced by this form of them."""
        code, called = self.function.__code__, self._called()
        linked = self.function.__globals__ | {name: getattr(kernel, form) for name, kernel in called.items()}
        function = FunctionType(code, linked, code.co_name, self.function.__defaults__)
        # numba drops cached code when this function's file changes, but not when the file of a called function does.
        function.__qualname__ = f"{code.co_name}_{self._digest()}"
        return function

    def _called(self) -> dict[str, Kernel]:
        """Return the kernels that it calls, by their names in its code."""
        names = self.function.__globals__
        return {name: names[name] for name in self.function.__code__.co_names if isinstance(names.get(name), Kernel)}

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
        """Return eight hex digits that change with these files and numbers; constants may come from other modules."""
        texts = [Path(file).read_bytes() for file in sorted(self._files())]
        texts += [constant.encode() for constant in sorted(self._constants())]
        return blake2b(b"".join(texts), digest_size=4).hexdigest()


@cache
def _compiler() -> Callable[..., Any]:
    """Return numba's ``njit``; numba is loaded without SciPy's linear algebra.

    No kernel uses it, and looking whether it is there takes numba a tenth of a second, as long as loading numba itself.
    Functions that use it still look, when they are compiled.
    """
    from numba import njit  # noqa: PLC0415 - small scans do without
    from numba.np import linalg  # noqa: PLC0415 - as above

    look_for_scipy = linalg.ensure_blas
    linalg.ensure_blas = _do_nothing
    try:
        from numba.np import arraymath  # noqa: PLC0415 - it looks while it is imported

        arraymath.ensure_blas = look_for_scipy  # type: ignore[attr-defined]  # imported there
    finally:
        linalg.ensure_blas = look_for_scipy
    return cast("Callable[..., Any]", njit)


def _do_nothing() -> None:
    pass


@contextmanager
def postponed_loading() -> Iterator[None]:
    """Load no kernel for small pieces of work: that takes up to seconds, too long while a lock is held."""
    Kernel.postponements += 1
    try:
        yield
    finally:
        Kernel.postponements -= 1


def load_postponed() -> None:
    """Load the machine code of the kernels that were postponed, or compile it."""
    while Kernel.postponed:
        kernel, args = Kernel.postponed.popitem()
        compiled: Any = kernel.compiled
        from numba import typeof  # noqa: PLC0415 - as in compiled

        compiled.compile(tuple(map(typeof, args)))

"""The cache of compiled kernels on disk, which never makes a scan fail. Imports numba, so it is imported on first use.

Machine code is kept in the first of these folders that serves: ``DEDUP_CACHE``, ``__pycache__`` beside the source, the
user's cache folder. A folder that holds code but cannot be written to serves too: a container's image may be read-only
and its kernels compiled when it was built. Where no folder serves, where cached code is damaged or the disk is full,
kernels are compiled in memory (some twenty seconds for a first scan), and one warning says so.
"""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core import caching

VARIABLE = "DEDUP_CACHE"
"""Environment variable with the folder for compiled kernels."""


class KernelCacheWarning(UserWarning):
    """Compiled kernels cannot be kept, so every process compiles them."""


class _ReadableFolder:
    """Accept a folder that cannot be written to, if compiled code lies in it."""

    def ensure_cache_path(self) -> None:
        folder = Path(self.get_cache_path())  # type: ignore[attr-defined]  # of the locator mixed in
        try:
            super().ensure_cache_path()  # type: ignore[misc]  # as above
        except OSError:
            if not any(folder.glob("*.nbi")):
                raise


class _NamedFolder(_ReadableFolder, caching.UserProvidedCacheLocator):
    def __init__(self, function: Any, file: str) -> None:  # noqa: ANN401 - any Python function
        super().__init__(function, file)
        self._cache_path = str(Path(os.environ[VARIABLE]) / self.get_suitable_cache_subpath(file))

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> Any:  # noqa: ANN401 - numba's signature
        if not os.environ.get(VARIABLE):
            return None
        return super(caching.UserProvidedCacheLocator, cls).from_function(py_func, py_file)


class _BesideSource(_ReadableFolder, caching.InTreeCacheLocator):
    pass


class _CompiledKernels(caching.CompileResultCacheImpl):
    _locator_classes = [  # noqa: RUF012 - numba's name
        _NamedFolder,
        caching.UserProvidedCacheLocator,  # NUMBA_CACHE_DIR
        _BesideSource,
        caching.UserWideCacheLocator,
    ]


class KernelCache(caching.FunctionCache):
    """numba's cache of one function, in which a fault costs a compilation and nothing else.

    Raises:
        RuntimeError: no folder serves.
    """

    _impl_class = _CompiledKernels

    def load_overload(self, sig: Any, target_context: Any) -> Any:  # noqa: ANN401 - numba's signature
        """Return the compiled code, None where there is none or it cannot be read."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:
            with suppress(OSError):
                self.flush()  # the code is compiled again and replaces them
            return None

    def save_overload(self, sig: Any, data: Any) -> None:  # noqa: ANN401 - numba's signature
        """Keep compiled code, if that is possible."""
        try:
            super().save_overload(sig, data)
        except Exception as error:
            warn_once(f"{type(error).__name__}: {error}")


def warn_once(reason: str) -> None:
    """Warn, at most once a process, that compiled kernels are not kept."""
    global _warned  # noqa: PLW0603 - it is once a process
    if not _warned:
        _warned = True
        advice = f"set {VARIABLE} to a folder that can be written to"
        message = f"compiled kernels cannot be kept ({reason}), so each process compiles them anew; {advice}"
        warnings.warn(message, KernelCacheWarning, stacklevel=2)


_warned = False

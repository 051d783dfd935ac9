"""Keep folders in the working folder from posing as Python modules.

Python takes any folder on its path for a module, even one without code. Libraries import optional modules
(``coverage``, ``pandas``, on other systems ``_winapi``), and a folder of that name in the working folder, such as the
results of ``dedup scan … --output coverage``, makes them fail. The guard hides such folders from libraries only: code
outside the standard library, the installed packages and dedup imports them as before.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

TYPE_CHECKING = False  # as in the package itself
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_LIBRARIES = (os.path.dirname(os.__file__) + os.sep, os.path.dirname(os.path.dirname(__file__)) + os.sep)
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_IMPORT_SYSTEM = ("<frozen", os.path.join(_LIBRARIES[0], "importlib") + os.sep)


class WorkingFolderGuard:
    """A finder of modules that hides folders without code in the working folder from libraries."""

    @classmethod
    def find_spec(
        cls,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG003 - the protocol of finders
    ) -> ModuleSpec | None:
        """Return None to leave the import to Python, or the spec of a module that such a folder would hide.

        Raises:
            ModuleNotFoundError: a library imports such a folder.
        """
        if path is not None or not os.path.isdir(name):
            return None
        spec = PathFinder.find_spec(name)
        if spec is None or spec.origin is not None or not _importer_is_library():
            return None
        here = os.path.realpath(os.curdir)
        elsewhere = PathFinder.find_spec(name, [entry for entry in sys.path if os.path.realpath(entry) != here])
        if elsewhere is None:
            message = f"No module named {name!r}"
            raise ModuleNotFoundError(message, name=name)
        return elsewhere


def _importer_is_library() -> bool:
    """Return whether the code that imports, beyond Python's own import system, belongs to a library."""
    frame = sys._getframe(2)
    while frame.f_back and frame.f_code.co_filename.startswith(_IMPORT_SYSTEM):
        frame = frame.f_back
    file = frame.f_code.co_filename
    return file.startswith(_LIBRARIES) or any(folder in file for folder in _INSTALLED)


def install() -> None:
    """Install the guard in this process, once."""
    if WorkingFolderGuard not in sys.meta_path:
        sys.meta_path.insert(0, WorkingFolderGuard)

"""Run the command line, as ``dedup`` and as ``python -m dedup``."""

import sys


def _end_quietly(kind, error, trace):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - types take an import
    """Print no traceback for Ctrl-C; the interpreter then ends by the signal."""
    if kind is not KeyboardInterrupt:
        sys.__excepthook__(kind, error, trace)


# First of all: even the import of the module that sets the handlers of signals takes some 20 ms.
sys.excepthook = _end_quietly

from dedup.core.streams import end_at_once_on_signals  # noqa: E402 - see above


def main() -> None:
    """Run the command line and exit with its code; Ctrl-C while it is imported ends it without a traceback."""
    end_at_once_on_signals()
    from dedup.cli import main as run  # noqa: PLC0415 - imports take a tenth of a second, in which Ctrl-C may come

    run()


if __name__ == "__main__":
    main()

"""Standard streams and signals of a command, before anything else is imported.

Run from a service, a container or a pipe, a command may find its streams closed, its disk full, its reader gone, or a
locale that has no Arabic; and it may be stopped at any moment. Each costs one plain line and the right exit code.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED, TERMINATED, BROKEN_PIPE = 130, 143, 141


class Terminated(SystemExit):
    """The process was asked to end (SIGTERM); it cleans up first."""

    def __init__(self) -> None:
        super().__init__(TERMINATED)


class _ClosedOutput(io.TextIOBase):
    """Standard output that was closed before the command started."""

    encoding = "utf-8"

    def write(self, text: str) -> NoReturn:  # noqa: ARG002 - the protocol of files
        raise OSError(errno.EBADF, "it is closed")


def end_at_once_on_signals() -> None:
    """Let Ctrl-C and SIGTERM end the process without a traceback, as long as there is nothing to clean up."""
    for number, code in ((signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TERMINATED)):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_, code=code: os._exit(code))


def clean_up_on_signals() -> None:
    """Let Ctrl-C raise KeyboardInterrupt and SIGTERM raise Terminated, so that temporary files are removed."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, _terminate)


def ignore_signals() -> None:
    """Ignore Ctrl-C and SIGTERM: the command is done, and only the interpreter ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the protocol of handlers
    raise Terminated


def prepare() -> None:
    """Make the standard streams usable: closed ones, and encodings without Arabic."""
    for descriptor in range(3):  # else the next file that is opened becomes standard output
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    if sys.stdout is None:
        sys.stdout = _ClosedOutput()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            ascii_only = stream.encoding.lower().replace("-", "") in ("ascii", "usascii", "ansi_x3.41968")
            stream.reconfigure(encoding="utf-8" if ascii_only else stream.encoding, errors="backslashreplace")


def finish_output() -> None:
    """Write buffered output, so that a full disk or a gone reader is noticed while it can be reported.

    Raises:
        OSError: the output cannot be written.
    """
    if not isinstance(sys.stdout, _ClosedOutput):
        sys.stdout.flush()


def discard_output() -> None:
    """Drop output that cannot be written: the interpreter would try once more when it ends, and print a traceback."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.__stdout__.fileno() if sys.__stdout__ else 1)
        os.close(null)


def failed_output(error: OSError) -> str:
    """Say which output failed and why."""
    name = error.filename if isinstance(error.filename, str) else "standard output"
    return f"{name}: cannot be written to or read from ({error.strerror or error})"

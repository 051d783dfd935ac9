"""The command line: parse arguments, call the library once, render, exit.

Exit codes: 0 done, 1 failed, 2 usage error, 3 done but some inputs were skipped, 130 interrupted (Ctrl-C), 143
terminated (SIGTERM), 141 the reader of the output went away. Data goes to stdout, messages and progress to stderr.
``dedup --help`` loads click only; each command imports what it needs when it runs.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from typing import NoReturn

import click

from dedup.cli.commands import commands
from dedup.cli.configuration import read_defaults
from dedup.core import streams
from dedup.errors import DedupError

FAILED = 1
_COLLECT_AFTER = 200_000
"""Allocations between garbage collections (Python's default: 700). Importing the libraries makes a hundred thousand
objects that stay; one collection over 50,000 of them takes 20 ms."""


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    gc.set_threshold(_COLLECT_AFTER)
    code = FAILED
    try:
        streams.prepare()
        code = _run()
    except KeyboardInterrupt:
        code = _say("interrupted", streams.INTERRUPTED)
    except streams.Terminated:
        code = _say("terminated", streams.TERMINATED)
    except BaseException as error:
        if isinstance(error, Exception):  # --traceback was given
            raise
        code = _say(f"internal error: {type(error).__name__}: {error}")  # a panic of compiled code
    finally:
        streams.ignore_signals()
    gc.freeze()  # keeps the interpreter from collecting over all imported objects on exit
    sys.exit(code)


def _run() -> int:
    """Run the command; report its failure in one line."""
    try:
        code = commands.main(prog_name="dedup", standalone_mode=False, default_map=read_defaults(commands)) or 0
        streams.finish_output()
    except streams.Terminated:
        raise
    except SystemExit:  # click ends so when the reader of the output went away
        code = _broken_pipe()
    except BrokenPipeError:
        code = _broken_pipe()
    except click.ClickException as error:
        with contextlib.suppress(OSError):
            error.show()
        code = error.exit_code
    except click.Abort:
        code = _say("interrupted", streams.INTERRUPTED)
    except Exception as error:
        if isinstance(error, OSError):
            streams.discard_output()
        elif not isinstance(error, DedupError | MemoryError) and "--traceback" in sys.argv[1:2]:
            raise
        code = _say(_reason(error))
    return code


def _reason(error: Exception) -> str:
    """Describe a failure in one line."""
    if isinstance(error, DedupError):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory; scan fewer files at once, or with a shorter --window"
    if isinstance(error, OSError):
        return streams.failed_output(error)
    first_line = (str(error).splitlines() or [""])[0]
    return f"internal error: {type(error).__name__}: {first_line}; dedup --traceback … shows where"


def _broken_pipe() -> int:
    streams.discard_output()
    return streams.BROKEN_PIPE


def _say(message: str, code: int = FAILED) -> int:
    """Print a message on stderr; return the exit code."""
    with contextlib.suppress(OSError):  # stderr may be full or closed, too
        click.echo(f"dedup: {message}", err=True)
    return code

"""The command line: parse arguments, call the library once, render, exit.

Exit codes: 0 done, 1 failed, 2 usage error, 3 done but some inputs were skipped, 130 interrupted. Data goes to stdout,
messages and progress to stderr. ``dedup --help`` loads click only; each command imports what it needs when it runs.
"""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

import click

from dedup.cli.commands import commands
from dedup.errors import DedupError

FAILED, INTERRUPTED = 1, 130
_COLLECT_AFTER = 200_000
"""Allocations between garbage collections (Python's default: 700). Importing the libraries makes a hundred thousand
objects that stay; one collection over 50,000 of them takes 20 ms."""


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # both are text files here
    gc.set_threshold(_COLLECT_AFTER)
    code = _run()
    gc.freeze()  # keeps the interpreter from collecting over all imported objects on exit
    sys.exit(code)


def _run() -> int:
    try:
        return commands.main(prog_name="dedup", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("dedup: interrupted", err=True)
        return INTERRUPTED
    except DedupError as error:
        click.echo(f"dedup: {error}", err=True)
        return FAILED
    except MemoryError:
        click.echo("dedup: out of memory; scan fewer files at once, or with a shorter --window", err=True)
        return FAILED
    except Exception as error:
        if "--traceback" in sys.argv[1:2]:
            raise
        first_line = (str(error).splitlines() or [""])[0]
        message = f"internal error: {type(error).__name__}: {first_line}; dedup --traceback … shows where"
        click.echo(f"dedup: {message}", err=True)
        return FAILED

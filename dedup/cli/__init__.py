"""The command line: arguments in, one library call, rendering, an exit code.

Exit codes: 0 done, 1 failed, 2 usage, 3 done but some inputs were skipped, 130 interrupted. Data goes to stdout,
messages and progress to stderr. ``dedup --help`` loads click alone: what a command needs is imported when it runs.
"""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

import click

from dedup.cli.commands import commands
from dedup.errors import DedupError

FAILED, INTERRUPTED = 1, 130
_YOUNG = 200_000
"""Objects made before their garbage is looked for, not Python's 700: libraries make a hundred thousand that stay, and
one look at 50,000 takes 20 ms."""


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # both are text files here
    gc.set_threshold(_YOUNG)
    code = _run()
    gc.freeze()  # else the interpreter looks through all that was imported, several times, before it lets go of it
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
        what = (str(error).splitlines() or [""])[0]
        told = f"dedup: this is an error in dedup: {type(error).__name__}: {what}; dedup --traceback … shows where"
        click.echo(told, err=True)
        return FAILED

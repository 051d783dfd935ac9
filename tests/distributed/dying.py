"""Run an example of ``examples/cluster`` while one of its workers is killed: dying.py MARKER EXAMPLE ARGUMENTS..."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path

from dedup.distributed import Task, engine, perform

MARKER, EXAMPLE, *ARGUMENTS = sys.argv[1:]


def dying(task: Task) -> str:
    """Kill the process that is to match the first slice, once."""
    if task.stage == "match" and not Path(MARKER).exists():
        Path(MARKER).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return perform(task)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "cluster"))
    engine.perform = dying
    importlib.import_module(EXAMPLE).main(*ARGUMENTS)

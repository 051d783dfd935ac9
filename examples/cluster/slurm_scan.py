"""Scan headlines with Slurm job arrays: python slurm_scan.py INPUT OUTPUT [OPTIONS OF SBATCH].

INPUT and OUTPUT are on a file system that all nodes see. Each stage is one job array, whose jobs call this script again
with the file of the tasks and the number of theirs. Run it again after a failure: tasks that finished are not run
again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import dedup.distributed
from dedup.distributed import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_JOBS = 1_000
"""Jobs of one array: the usual MaxArraySize of Slurm is 1,001."""


def main(source: str, output: str, *options: str) -> None:
    """Scan, and print the counts."""

    def run(function: Callable[[Task], str], tasks: list[Task]) -> Iterator[Task]:
        del function  # the jobs call it
        for first in range(0, len(tasks), MOST_JOBS):
            part = tasks[first : first + MOST_JOBS]
            listed = Path(output) / "_work" / "tasks.json"
            listed.parent.mkdir(parents=True, exist_ok=True)
            listed.write_text(json.dumps([asdict(task) for task in part]), encoding="utf-8")
            command = f"{sys.executable} {Path(__file__).resolve()} --task {listed.resolve()}"
            array = f"--array=0-{len(part) - 1}"
            subprocess.run(["sbatch", "--wait", array, *options, "--wrap", command], check=True)  # noqa: S603, S607
            yield from part

    print(dedup.distributed.scan(source, output, run=run)["counts"])


def perform(listed: str) -> None:
    """Run the task of this job."""
    tasks = json.loads(Path(listed).read_text(encoding="utf-8"))
    dedup.distributed.perform(Task(**tasks[int(os.environ["SLURM_ARRAY_TASK_ID"])]))


if __name__ == "__main__":
    if sys.argv[1] == "--task":
        perform(sys.argv[2])
    else:
        main(*sys.argv[1:])

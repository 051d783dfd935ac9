"""Scan headlines with Dask: python dask_scan.py INPUT OUTPUT [SCHEDULER].

INPUT is a folder of Parquet files (or any files that dedup reads), OUTPUT a folder on a file system that all workers
see. Without the address of a scheduler, two processes of this machine do the work. Run it again after a failure: tasks
that finished are not run again.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from dask.distributed import Client, LocalCluster, as_completed

import dedup.distributed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dedup.distributed import Task


def main(source: str, output: str, scheduler: str | None = None) -> None:
    """Scan, and print the counts."""
    cluster = scheduler or LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with Client(cluster) as client:
        client.run(dedup.distributed.warm)  # compiles the kernels once for each worker's machine

        def run(function: Callable[[Task], str], tasks: list[Task]) -> Iterator[str]:
            # A task is more than a function of its arguments: it writes files. Workers that die are replaced.
            futures = client.map(function, tasks, pure=False, retries=3)
            return (future.result() for future in as_completed(futures))

        summary = dedup.distributed.scan(source, output, run=run, threads=1)
    print(summary["counts"])


if __name__ == "__main__":
    main(*sys.argv[1:])

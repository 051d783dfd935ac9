"""Scan headlines with Ray: python ray_scan.py INPUT OUTPUT [ADDRESS].

INPUT is a folder of Parquet files (or any files that dedup reads), OUTPUT a folder on a file system that all nodes see.
Without an address, two processes of this machine do the work. Run it again after a failure: tasks that finished are not
run again.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import ray

import dedup.distributed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dedup.distributed import Task


def main(source: str, output: str, address: str | None = None) -> None:
    """Scan, and print the counts."""
    if address:
        ray.init(address)
    else:
        ray.init(num_cpus=2, include_dashboard=False)

    def run(function: Callable[[Task], str], tasks: list[Task]) -> Iterator[str]:
        remote = ray.remote(num_cpus=1, max_retries=3)(function)
        pending = [remote.remote(task) for task in tasks]
        while pending:
            done, pending = ray.wait(pending)
            yield from ray.get(done)

    summary = dedup.distributed.scan(source, output, run=run, threads=1)
    print(summary["counts"])
    ray.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])

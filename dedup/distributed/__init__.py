"""The steps of a scan as tasks over slices of time, for an engine that runs them on many machines.

``scan`` runs them in order with any function that maps over a list of tasks: the built-in ``map``, a process pool
(``process_pool``), Dask, Ray, Spark (``dedup.integrations.spark``) or a Slurm array. The results are those of
``dedup.scan`` to the bit: both run the same functions. docs/cluster.md says when that is worth it.
"""

from __future__ import annotations

from dedup.distributed.job import scan
from dedup.distributed.pool import process_pool, warm
from dedup.distributed.results import TABLES, tables
from dedup.distributed.tasks import Run, Task, perform

__all__ = ["TABLES", "Run", "Task", "perform", "process_pool", "scan", "tables", "warm"]

"""Scan headlines with the executors of a Spark session: ``pip install "headline-dedup[spark]"``.

::

    from dedup.integrations import spark as dedup_spark

    result = dedup_spark.scan(session.table("headlines"), output="/shared/run-1")
    result.tables["stories"].show()

It works with Spark 3.5 and 4, classic or Connect, and with Sail: it calls the DataFrame API and ``mapInArrow``, nothing
else. No version of PySpark is required; the session brings its own. Executors need this package, and PyArrow.

Spark carries tasks to executors, and their files hold the data (``dedup.distributed``): the frame is written as Parquet
first, so that nothing before it is computed again, and the results are read from Parquet. ``output`` must therefore be
a path that the driver and all executors see as a folder: a network file system, or a mounted volume.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup import distributed
from dedup.distributed import Task
from dedup.distributed.job import check_common, output_folder
from dedup.distributed.results import SUMMARY
from dedup.errors import ArgumentTypeError, InputError
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from dedup.distributed import Run

INPUT = "_input"
"""Folder of the output that holds the frame's rows; engines do not read names that begin with an underscore."""

_FIELDS = tuple(field.name for field in fields(Task))


@dataclass(frozen=True, slots=True)
class SparkResult:
    """The result of a scan.

    Attributes:
        tables: headlines, pairs, stories, related, exclusives, outlets, overlap, skipped, remarks and files, those
            that have rows; docs/outputs.md describes every column. The column ``month`` is the partition.
        summary: as of ``dedup.distributed.scan``.
    """

    tables: dict[str, DataFrame]
    summary: dict[str, Any]


def scan(
    frame: DataFrame,
    *,
    output: str,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    slice_days: int | None = None,
    timezone: str = "UTC",
    columns: Mapping[str, str] | None = None,
    threads: int | None = 1,
    keep_work: bool = False,
) -> SparkResult:
    """Scan the headlines of a DataFrame; the results are those of ``dedup.scan``.

    A call with the output of a run that died resumes it, with the rows that were written then.

    Args:
        frame: a column ``title`` and, where known, ``outlet``, ``published``, ``url`` and ``id``.
        output: a folder that the driver and all executors see.
        settings: parameters of matching.
        slice_days: days that a task matches at once; None for as many as hold some 250,000 headlines.
        timezone: zone of times that name none.
        columns: the columns that hold each field, as ``{"title": "COLUMN"}``.
        threads: processors that a task uses: ``spark.task.cpus`` of the session.
        keep_work: keep the intermediate files, so that ``increment`` can add headlines.

    Raises:
        InputError: Spark wrote no file that the driver sees, or the frame has no titles.
        OutputError: see ``dedup.distributed.scan``.
        SettingError: an argument has an invalid value or type.
    """
    chosen = {"settings": settings, "slice_days": slice_days, "timezone": timezone, "columns": columns}
    folder = Path(output_folder(output))
    return _scan(frame, folder / INPUT / "000000", folder, **chosen, threads=threads, keep_work=keep_work)


def increment(
    frame: DataFrame,
    *,
    output: str,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    slice_days: int | None = None,
    timezone: str = "UTC",
    columns: Mapping[str, str] | None = None,
    threads: int | None = 1,
) -> SparkResult:
    """Add the headlines of a DataFrame to a run; the results are those of one scan of all headlines.

    Headlines are folded and keyed anew, but only slices of time in which something changed are matched again: for a new
    day, the last two or three. A call after one that died resumes that, with the rows that were written then.

    Args:
        frame: as for ``scan``.
        output: of the run, which was scanned with ``keep_work``.
        settings: of the run.
        slice_days: of the run.
        timezone: of the run.
        columns: of the run.
        threads: as for ``scan``.

    Raises:
        InputError: as for ``scan``; or there is no run to add to.
        OutputError: the output holds a run with other settings, or one that was not kept.
        SettingError: an argument has an invalid value or type.
    """
    folder = Path(output_folder(output))
    written = sorted(path.name for path in folder.glob(f"{INPUT}/[0-9]*"))
    if not written:
        reason = (
            "holds no run of dedup.integrations.spark to add headlines to; call scan(frame, …, keep_work=True) first"
        )
        raise InputError(str(folder), reason)
    is_new = (folder / SUMMARY).exists()
    added = folder / INPUT / f"{int(written[-1]) + is_new:06}"
    chosen = {"settings": settings, "slice_days": slice_days, "timezone": timezone, "columns": columns}
    return _scan(frame, added, folder, **chosen, threads=threads, keep_work=True)


def _scan(frame: DataFrame, folder: Path, output: Path, **options: Any) -> SparkResult:  # noqa: ANN401 - of the scan
    """Write a frame to a folder, unless it is there, and scan all that were written."""
    check_common(**options)
    if not hasattr(frame, "sparkSession"):
        raise ArgumentTypeError("frame", frame, "a DataFrame of a Spark session")
    session = frame.sparkSession
    if not (folder / "_SUCCESS").exists():
        frame.write.mode("overwrite").parquet(str(folder))
    if not any(folder.glob("*.parquet")):
        raise InputError(str(folder), "Spark wrote no file that the driver sees; name a folder on a shared file system")
    files = sorted(folder.parent.glob("*/*.parquet"))
    summary = distributed.scan(files, output, run=tasks_on(session), **options)
    paths = {name: Path(output, path) for name, path in distributed.TABLES.items()}
    tables = {name: session.read.parquet(str(path)) for name, path in paths.items() if path.exists()}
    return SparkResult(tables, summary)


def tasks_on(session: SparkSession) -> Run:
    """Return a ``run`` for ``dedup.distributed.scan`` that calls the function on the executors of a session."""

    def run(function: Callable[[Task], str], tasks: list[Task]) -> list[str]:
        rows = [tuple(getattr(task, field) for field in _FIELDS) for task in tasks]
        frame = session.createDataFrame(rows, ", ".join(f"{field} string" for field in _FIELDS))
        # By ranges of the names, so that every task has a partition of its own.
        frame = frame.repartitionByRange(len(tasks), "name")
        done = frame.mapInArrow(_performer(function), "name string")
        return [row[0] for row in done.collect()]

    return run


def _performer(
    function: Callable[[Task], str],
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return a function of Arrow batches that runs the tasks in them."""

    def perform(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa  # noqa: PLC0415 - on the executor

        for batch in batches:
            names = [function(Task(**row)) for row in batch.to_pylist()]
            yield pa.RecordBatch.from_arrays([pa.array(names, pa.string())], ["name"])

    return perform

"""Scan headlines with Spark: spark-submit spark_scan.py INPUT OUTPUT, or python spark_scan.py INPUT OUTPUT [REMOTE].

INPUT is a Parquet data set with the columns title and, where known, outlet, published, url and id; OUTPUT a folder on a
file system that the driver and all executors see. REMOTE is the address of a Spark Connect server (sc://host:port).
"""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from dedup.integrations import spark as dedup_spark


def main(source: str, output: str, remote: str | None = None) -> None:
    """Scan, and show the stories of the most outlets."""
    builder = SparkSession.builder.remote(remote) if remote else SparkSession.builder
    session = builder.appName("dedup").getOrCreate()
    result = dedup_spark.scan(session.read.parquet(source), output=output)
    print(result.summary["counts"])
    result.tables["stories"].orderBy("n_outlets", ascending=False).select("title", "n_outlets").show(10, truncate=False)
    session.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])

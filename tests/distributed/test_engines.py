"""The examples of ``examples/cluster`` give the results of ``dedup.scan``, also when a worker is killed at work.

They run in processes of their own: an engine starts servers, and warns of things that are not ours.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dedup

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "cluster"
SBATCH = """#!{python}
import os, subprocess, sys
last = int(next(option for option in sys.argv if option.startswith("--array=0-"))[len("--array=0-"):])
for number in range(last + 1):
    command = sys.argv[sys.argv.index("--wrap") + 1].split()
    subprocess.run(command, env=os.environ | {{"SLURM_ARRAY_TASK_ID": str(number)}}, check=True)
"""
SAIL = """
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession
from dedup.integrations import spark
server = SparkConnectServer()
server.start(background=True)
session = SparkSession.builder.remote(f"sc://localhost:{{server.listening_address[1]}}").getOrCreate()
frame = session.read.parquet({source!r})
spark.scan(frame.where("published < '2026-03-08'"), output={output!r}, slice_days=3, keep_work=True)
result = spark.increment(frame.where("published >= '2026-03-08'"), output={output!r}, slice_days=3)
assert result.tables["headlines"].count() == result.summary["counts"]["headlines"]
assert set(result.tables) >= {{"headlines", "pairs", "stories", "outlets", "overlap"}}
"""


def needs(*modules):
    """Skip where a module is not installed."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} not installed")


def ran(*command, **variables):
    """Run Python, and show what it said if it fails."""
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": paths, "POLARS_MAX_THREADS": "1", **variables}
    done = subprocess.run(
        [sys.executable, *map(str, command)], env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-4_000:]


def summary_of(output):
    """Read the summary of a run."""
    return json.loads((output / "summary.json").read_text(encoding="utf-8"))


@pytest.fixture
def source(messy_files, tmp_path):
    return messy_files(tmp_path / "in", count=250, days=9)


@pytest.mark.parametrize(
    "example",
    [pytest.param("dask_scan", marks=needs("dask", "distributed")), pytest.param("ray_scan", marks=needs("ray"))],
)
def test_an_engine_that_loses_a_worker_gives_the_same_results(source, tmp_path, assert_same_results, example):
    output, marker = tmp_path / "out", tmp_path / "killed"
    ran(Path(__file__).with_name("dying.py"), marker, example, source, output)
    assert marker.exists()
    assert_same_results(dedup.scan(source), output, summary_of(output))


@needs("pyspark")
@pytest.mark.skipif(shutil.which("java") is None, reason="no Java")
def test_spark_that_loses_a_worker_gives_the_same_results(source, tmp_path, assert_same_results):
    output, marker = tmp_path / "out", tmp_path / "killed"
    # Two threads; a task may fail three times. Without that, local mode gives up at the first failure.
    arguments = "--master local[2,4] --conf spark.ui.enabled=false pyspark-shell"
    ran(
        Path(__file__).with_name("dying.py"), marker, "spark_scan", source, output,
        PYSPARK_PYTHON=sys.executable, PYSPARK_SUBMIT_ARGS=arguments, SPARK_LOCAL_IP="127.0.0.1",
    )  # fmt: skip
    assert marker.exists()
    written = sorted((output / "_input").glob("*/*.parquet"))
    assert_same_results(dedup.scan(*written), output, summary_of(output))


@needs("pysail", "pyspark", "grpc")
def test_a_day_added_with_spark_connect_gives_the_same_results(source, tmp_path, assert_same_results):
    output = tmp_path / "out"
    ran("-c", SAIL.format(source=str(source), output=str(output)))
    written = sorted((output / "_input").glob("*/*.parquet"))
    assert_same_results(dedup.scan(*written), output, summary_of(output))


def test_job_arrays_give_the_same_results(messy_files, tmp_path, assert_same_results):
    """``sbatch`` is a script here that runs the jobs one after the other."""
    source, output = messy_files(tmp_path / "in", count=80, files=1, days=3, undated=0.0), tmp_path / "out"
    sbatch = tmp_path / "bin" / "sbatch"
    sbatch.parent.mkdir()
    sbatch.write_text(SBATCH.format(python=sys.executable), encoding="utf-8")
    sbatch.chmod(0o755)
    ran(EXAMPLES / "slurm_scan.py", source, output, PATH=f"{sbatch.parent}{os.pathsep}{os.environ['PATH']}")
    assert_same_results(dedup.scan(source), output, summary_of(output))

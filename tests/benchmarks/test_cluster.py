"""The figures of the tasks of a distributed scan."""

from __future__ import annotations

import pytest

import dedup.distributed
from benchmarks.speed import cluster
from dedup.distributed.store import WORK


def test_every_stage_of_a_run_has_its_figures(newsroom, tmp_path):
    newsroom(60, days=3, undated=0.3).write_parquet(tmp_path / "news.parquet")
    summary = dedup.distributed.scan(tmp_path / "news.parquet", tmp_path / "out", keep_work=True)
    rows = cluster.stages(tmp_path / "out", summary)
    named = {row[0]: row[1:] for row in rows}
    run = {folder.name for folder in (tmp_path / "out" / WORK / "done").iterdir()}
    assert list(named) == [*(stage for stage in summary["seconds"] if stage in run), "all"]
    assert set(named) == run | {"all"}
    assert set(named) >= {"read", "fold", "keys", "count", "match", "stories", "pair stories", "related", "headlines"}
    assert int(named["read"][2]) > 0
    sums = [sum(float(own[column]) for stage, own in named.items() if stage != "all") for column in (1, 2)]
    assert abs(float(named["all"][1]) - sums[0]) < 1
    assert abs(float(named["all"][2]) - sums[1]) < len(named)


@pytest.mark.parametrize(("workers", "ways"), [(1, 3), (2, 2)])
def test_whole_runs_are_compared_with_the_first(newsroom, tmp_path, workers, ways):
    newsroom(60, days=3).write_parquet(tmp_path / "news.parquet")
    rows = cluster.compare(tmp_path / "news.parquet", tmp_path / "out", rounds=1, slice_days=2, workers=workers)
    assert len(rows) == ways
    assert rows[0][2] == rows[0][4] == "1.00"
    assert all(float(figure) > 0 for row in rows for figure in row[1:])
    assert not list((tmp_path / "out").iterdir())

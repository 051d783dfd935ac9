"""A distributed run gives every table of ``dedup.scan`` to the bit, however it is cut."""

from __future__ import annotations

import gzip
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dedup
import dedup.distributed
from dedup import Settings

DAWN = datetime(2026, 3, 4, 6, tzinfo=UTC)
FLOODS = "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو"


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    slice_days=st.integers(2, 9),
    seed=st.integers(0, 99),
    files=st.integers(1, 6),
    buckets=st.integers(1, 7),
    undated=st.sampled_from([0.0, 0.02, 0.3]),
    window=st.sampled_from([5.0, 30.0, 72.0, 400.0]),
)
def test_no_slicing_changes_any_result(
    messy_files, assert_same_results, slice_days, seed, files, buckets, undated, window
):
    with tempfile.TemporaryDirectory() as folder:
        source = messy_files(Path(folder, "in"), seed=seed, files=files, undated=undated, count=200)
        chosen = Settings(pairs_floor=0.05, window=window, bucket_limit=20)
        summary = dedup.distributed.scan(
            source, Path(folder, "out"), settings=chosen, slice_days=slice_days, buckets=buckets
        )
        assert_same_results(dedup.scan(source, settings=chosen), Path(folder, "out"), summary)


@pytest.mark.parametrize(("corpus", "examples"), [("saudi2015", 2), ("egypt2013", 1)])
def test_real_corpora_give_the_same_results_in_slices_of_any_length(
    data, tmp_path, assert_same_results, corpus, examples
):
    source = tmp_path / "corpus.jsonl"
    source.write_bytes(gzip.decompress((data / f"{corpus}.jsonl.gz").read_bytes()))
    result = dedup.scan(source)

    @settings(max_examples=examples)
    @given(slice_days=st.integers(2, 20), buckets=st.integers(1, 5))
    def compared(slice_days, buckets):
        with tempfile.TemporaryDirectory(dir=tmp_path) as output:
            summary = dedup.distributed.scan(source, output, slice_days=slice_days, buckets=buckets)
            assert_same_results(result, output, summary)

    compared()


def test_processes_give_the_same_results(messy_files, tmp_path, assert_same_results):
    source = messy_files(tmp_path / "in")
    with dedup.distributed.process_pool(2) as run:
        summary = dedup.distributed.scan(source, tmp_path / "out", run=run, threads=1, buckets=3)
    assert {"صحيفة السدرة", "الضحى RSS", "Marfa Daily"} <= {row["outlet"] for row in summary["merged_outlets"]}
    assert_same_results(dedup.scan(source), tmp_path / "out", summary)


def test_a_list_of_files_and_all_pairs_give_the_same_results(messy_files, tmp_path, assert_same_results):
    files = sorted(messy_files(tmp_path / "in", count=120).iterdir(), reverse=True)
    chosen = Settings(exact=True)
    summary = dedup.distributed.scan(files, tmp_path / "out", settings=chosen, slice_days=2)
    assert summary["candidate_recall"] is not None
    assert_same_results(dedup.scan(*files, settings=chosen), tmp_path / "out", summary)


def test_inputs_without_headlines_give_empty_tables(tmp_path, assert_same_results):
    (tmp_path / "in").mkdir()
    pl.DataFrame({"title": pl.Series([], dtype=pl.String)}).write_parquet(tmp_path / "in" / "empty.parquet")
    (tmp_path / "in" / "broken.parquet").write_bytes(b"PAR1 and no more")
    summary = dedup.distributed.scan(tmp_path / "in", tmp_path / "out")
    assert_same_results(dedup.scan(tmp_path / "in"), tmp_path / "out", summary)


def test_a_chain_of_stories_through_many_slices_is_assembled_as_one(tmp_path, assert_same_results):
    rows = [
        {
            "title": f"{FLOODS} {'اليوم' * (hour % 2)}",
            "outlet": f"صحيفة {hour % 7}",
            "published": DAWN + timedelta(hours=hour),
        }
        for hour in range(0, 400, 9)
    ]
    pl.DataFrame(rows).write_parquet(tmp_path / "chain.parquet")
    summary = dedup.distributed.scan(tmp_path / "chain.parquet", tmp_path / "out", slice_days=1)
    result = dedup.scan(tmp_path / "chain.parquet")
    assert result.stories["n_headlines"].max() > 5
    assert_same_results(result, tmp_path / "out", summary)

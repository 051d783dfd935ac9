"""A labelled data folder of invented headlines, for benchmarks that take one."""

from __future__ import annotations

import gzip

import polars as pl
import pytest

from dedup.arabic.keys import add_keys


@pytest.fixture
def folder(newsroom, tmp_path):
    """A data folder in the documented layout, whose labels say that equal keys are the same news."""
    news = newsroom(1200, seed=4, undated=0).rename({"headline_id": "id"})
    rows = news.with_columns(pl.col("published").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_ndjson()
    (tmp_path / "invented.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    keyed = add_keys(news.rename({"id": "headline_id"})).head(300).select(id="headline_id", key="fuzzy_key")
    ordered = pl.col("id") < pl.col("id_b")
    pairs = keyed.join(keyed, how="cross", suffix="_b").filter(ordered).select("id", "id_b").sample(900, seed=1)
    equal = keyed.join(keyed, on="key", suffix="_b").filter(ordered).select("id", "id_b")
    labels = pl.concat([pairs, equal]).unique(maintain_order=True)
    labels = labels.join(equal.with_columns(label=pl.lit("dup")), on=["id", "id_b"], how="left")
    labels = labels.select(
        id_a="id",
        id_b="id_b",
        label=pl.col("label").fill_null("diff"),
        decidable=pl.lit("y"),
        kind=pl.lit("other"),
        weight=pl.lit(1.0),
    )
    (tmp_path / "labels").mkdir()
    labels.write_csv(tmp_path / "labels" / "invented.tsv", separator="\t")
    return tmp_path

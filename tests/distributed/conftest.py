"""Headlines in several files, and the comparison of a distributed run with a scan."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import dedup
import dedup.distributed

TABLES = (
    "headlines", "pairs", "stories", "related", "exclusives", "outlets", "overlap", "skipped", "remarks", "files",
)  # fmt: skip
HOSTS = {"الضحى": "duha", "المرفأ": "marfa", "السدرة": "sidra", "الراصد": "rasid"}
ALSO = {
    "الضحى": ("duha.example", "الضحى RSS"),
    "المرفأ": ("Marfa Daily", "Marfa Daily"),
    "السدرة": ("صحيفة السدرة", "sidra"),
}
"""Other names under which an outlet occurs."""

_ORDER = ("left_id", "right_id", "story_id", "related_id", "headline_id", "outlet", "outlet_a", "outlet_b")


def _ordered(frame):
    """Rows in one order: partitions of a result have none. Tables about files are in the order of the files."""
    keys = [name for name in _ORDER if name in frame.columns]
    return frame.sort(keys) if keys else frame


@pytest.fixture(scope="session")
def assert_same_results():
    """Assert that a distributed run has every table and count of a scan, to the bit."""

    def compared(result, output, summary):
        tables = dedup.distributed.tables(output)
        for name in TABLES:
            expected = getattr(result, name)
            found = tables[name].collect() if name in tables else expected.clear()
            assert_frame_equal(_ordered(found), _ordered(expected), check_exact=True)
        assert summary["counts"] == result.summary["counts"]
        for name in (
            "threshold",
            "pairs_floor",
            "fingerprint",
            "clocks",
            "candidate_recall",
            "model",
            "merged_outlets",
        ):
            assert summary[name] == result.summary[name]

    return compared


@pytest.fixture(scope="session")
def messy_files(newsroom):
    """Write headlines of some weeks into Parquet files: repeated items, shared ids and links, odd dates, no order."""

    def written(folder, *, seed=1, count=400, files=4, days=14, undated=0.03):
        folder.mkdir(parents=True, exist_ok=True)
        news = newsroom(count, seed=seed, days=days, undated=undated)
        names = [
            ALSO[name][row % 2] if name in ALSO and row % 5 == 0 else name for row, name in enumerate(news["outlet"])
        ]
        hosts = [HOSTS.get(name, "others") for name in news["outlet"]]
        links = [f"https://{host}.example/{row % 23}" if row % 4 else None for row, host in enumerate(hosts)]
        ids = [None if row % 3 else f"id-{row // 2 % 60}" for row in range(count)]
        news = news.select("title", "published", outlet=pl.Series(names), url=pl.Series(links), id=pl.Series(ids))
        again = news.sample(count // 8, seed=seed).with_columns(pl.col("published") + timedelta(minutes=seed % 3))
        odd = news.head(3).with_columns(published=pl.datetime(1970, 1, 5, time_unit="us", time_zone="UTC"))
        shuffled = pl.concat([news, again, odd]).sample(fraction=1.0, shuffle=True, seed=seed)
        for number in range(files):
            shuffled[number::files].write_parquet(folder / f"part-{number}.parquet")
        return folder

    return written

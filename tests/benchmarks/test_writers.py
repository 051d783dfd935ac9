"""The benchmark of several writers counts all calls of all of them."""

from __future__ import annotations

from benchmarks.speed.writers import measure, percentile


def test_every_call_of_every_worker_is_timed(tmp_path, newsroom):
    feed = tmp_path / "feed.jsonl"
    newsroom(40).select("outlet", "title", "published", id="headline_id").write_ndjson(feed)
    seconds, times = measure(tmp_path, feed, 2, 15)
    assert len(times) == 30
    assert 0 < times[0] <= times[-1] <= seconds


def test_percentiles_are_values_of_the_sample():
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, percent) for percent in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert percentile([3.0], 99) == 3

"""Generated headlines: as many as asked for, the same for a seed, with planted pairs that are what they say."""

from __future__ import annotations

import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from benchmarks.__main__ import main
from benchmarks.generator.blocks import Generator
from benchmarks.generator.files import ITEMS, planted_recall, write
from benchmarks.generator.ragged import Ragged, interleaved, stacked
from benchmarks.generator.source import measure_source
from benchmarks.generator.splice import spliced

LISTS = st.lists(st.lists(st.integers(0, 5), max_size=5), min_size=1, max_size=8)


def ragged(lists):
    ids = np.array([one for row in lists for one in row], np.int64)
    return Ragged(ids, np.array([len(row) for row in lists], np.int64))


def unragged(whole):
    return [part.tolist() for part in np.split(whole.ids, np.cumsum(whole.lengths)[:-1])]


@given(LISTS, st.data())
def test_ragged_lists_equal_python_lists(lists, data):
    whole = ragged(lists)
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), min_size=1))
    assert unragged(whole.take(np.array(rows))) == [lists[row] for row in rows]
    assert unragged(interleaved(whole, whole)) == [row + row for row in lists]
    assert unragged(stacked([whole, whole])) == lists + lists
    assert unragged(whole.keep(whole.ids > 2)) == [[one for one in row if one > 2] for row in lists]
    assert whole.positions.tolist() == [place for row in lists for place in range(len(row))]
    first = np.array([data.draw(st.integers(0, len(row))) for row in lists])
    assert unragged(whole.parts(first, whole.lengths)) == [row[at:] for row, at in zip(lists, first, strict=True)]


@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=7), min_size=2, max_size=20), st.integers(0, 99))
def test_splicing_uses_every_beginning_and_every_end_once(lists, seed):
    made = spliced(ragged(lists), np.arange(len(lists)) // 8, np.random.default_rng(seed))
    assert sorted(made.ids) == sorted(ragged(lists).ids)
    assert [row[0] for row in unragged(made)] == [row[0] for row in lists]
    assert sorted(row[-1] for row in unragged(made)) == sorted(row[-1] for row in lists)


@pytest.fixture(scope="module")
def corpus(newsroom, tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "source.jsonl"
    news = newsroom(3000, seed=3, days=9).drop_nulls("published").with_columns(id="headline_id")
    news.with_columns(pl.col("published").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_ndjson(path)
    return path


@pytest.fixture(scope="module")
def source(corpus):
    return measure_source(corpus)


def whole(generator):
    blocks = list(generator.blocks())
    return pl.concat([block.headlines for block in blocks]), pl.concat([block.truth for block in blocks])


@pytest.mark.parametrize(("size", "days", "outlets"), [(1, 1, 2), (500, 3, 4), (4000, 2, 40), (900, 60, 5)])
def test_the_generator_makes_the_requested_number_of_headlines(source, size, days, outlets):
    headlines, truth = whole(Generator(source, size, days, outlets))
    assert len(headlines) == size
    assert headlines["id"].n_unique() == size
    assert set(truth["id_a"]) | set(truth["id_b"]) <= set(headlines["id"])
    assert headlines["outlet"].n_unique() <= outlets
    assert (headlines["title"].str.len_chars() > 0).all()


def test_equal_seeds_give_equal_corpora(source):
    made = [whole(Generator(source, 800, 4, 6, seed)) for seed in (1, 1, 2)]
    assert made[0][0].equals(made[1][0])
    assert made[0][1].equals(made[1][1])
    assert not made[0][0].equals(made[2][0])


def test_a_story_runs_in_different_outlets_and_begins_with_its_first(source):
    headlines, truth = whole(Generator(source, 3000, 9, 6))
    assert truth["id_b"].is_unique().all()
    output = truth.join(headlines, left_on="id_a", right_on="id").join(headlines, left_on="id_b", right_on="id")
    assert (output["outlet"] != output["outlet_right"]).all()
    assert (output["published"] <= output["published_right"]).all()
    assert output.group_by("id_a").agg(pl.col("outlet_right").is_unique().all())["outlet_right"].all()


def test_names_differ_between_passes_over_the_source(source):
    headlines, _ = whole(Generator(source, 12_000, 36, 6))
    halves = [set(part["title"].str.split(" ").explode()) for part in (headlines.head(3000), headlines.tail(3000))]
    assert halves[1] - halves[0]


@pytest.mark.parametrize("form", ["parquet", "jsonl", "rss"])
def test_every_form_is_read_as_the_same_headlines(source, tmp_path, form):
    generator = Generator(source, 700, 3, 4)
    counts = write(generator.blocks(), tmp_path, form, {})
    headlines, truth = whole(generator)
    assert counts["headlines"] == 700
    assert counts["copies"] + counts["rewrites"] == len(truth)
    assert counts["files"] == len([path for path in (tmp_path / "feeds").rglob("*") if path.is_file()])
    assert form != "rss" or counts["files"] >= 700 / ITEMS
    read = dedup.read_feeds(tmp_path / "feeds")
    assert len(read.skipped) == 0
    made = headlines.select("url", "outlet", "published").sort("url")
    assert read.headlines.select("url", "outlet", "published").sort("url").equals(made)


def test_planted_pairs_are_found_in_any_form(source, tmp_path):
    for form in ("parquet", "rss"):
        write(Generator(source, 1500, 5, 6).blocks(), tmp_path / form, form, {})
    shares = {}
    for form in ("parquet", "rss"):
        result = dedup.scan(tmp_path / form / "feeds")
        truth = pl.read_parquet(tmp_path / form / "truth.parquet")
        shares[form] = planted_recall(truth, result.headlines, result.pairs)
    assert shares["parquet"] == pytest.approx(shares["rss"], abs=0.03)  # equal times are ordered by id, and ids differ
    assert shares["parquet"]["copy_matched"] > 0.8  # of few words, all common: 0.99 with the words of egypt2013


def test_the_command_writes_and_compares(corpus, tmp_path, monkeypatch, capsys):
    options = ["--from", str(corpus), "--size", "2000", "--out", str(tmp_path), "--outlets", "5", "--check"]
    monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "corpus", *options])
    assert main() == 0
    output = capsys.readouterr().out
    assert "2,000 headlines" in output
    assert "| candidates |" in output
    assert "planted copy, matched" in output
    assert (tmp_path / "corpus.json").exists()


def test_the_command_refuses_impossible_options(corpus, tmp_path, monkeypatch, capsys):
    options = ["--from", str(corpus), "--size", "0", "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "corpus", *options])
    with pytest.raises(SystemExit):
        main()
    assert "--size 0: at least 1" in capsys.readouterr().err

"""Word vectors fitted to an encoder that we wrote."""

from __future__ import annotations

import gzip

import numpy as np
import polars as pl
import pytest

from benchmarks.training import word_vectors


def test_fitted_vectors_place_unseen_titles_as_the_encoder_does():
    choice = np.random.default_rng(3)
    true = choice.normal(size=(60, 24)).astype(np.float32)
    words = [choice.choice(60, 6, replace=False) for _ in range(900)]
    encoded = word_vectors.unit(np.stack([true[row].sum(axis=0) for row in words]))
    cells = pl.DataFrame({"row": np.repeat(np.arange(900), 6), "stem": np.concatenate(words)})
    contents = word_vectors.occurrences(cells, pl.Series(np.arange(60)), 900)
    noisy = word_vectors.unit(true + choice.normal(size=true.shape).astype(np.float32))
    shares = np.full(60, 0.1, np.float32)
    fitted = word_vectors.distil(contents[:800], encoded[:800], noisy, shares, 20)
    found, wanted = word_vectors.unit(contents[800:] @ fitted), word_vectors.unit(encoded[800:] - encoded.mean(axis=0))
    upper = np.triu_indices(100, 1)
    assert np.corrcoef((found @ found.T)[upper], (wanted @ wanted.T)[upper])[0, 1] > 0.95


def test_titles_of_labelled_headlines_are_not_encoded(data):
    titles = word_vectors.all_titles(data)["mena2026"]
    labels = pl.read_csv(data / "labels/mena2026.tsv", separator="\t", quote_char=None)
    labelled = titles.filter(pl.col("id").is_in(pl.concat([labels["id_a"], labels["id_b"]]).implode()))["title"]
    chosen = word_vectors.unlabelled_titles(data, 10**6)
    assert len(labelled)
    assert not set(labelled).intersection(chosen)
    assert chosen[:50] == word_vectors.unlabelled_titles(data, 50)


def test_the_most_common_spelling_of_a_stem_is_encoded(tmp_path):
    titles = ("افتتاح المدرسة", "المدرسة تفتح", "مدرسه جديدة", "مدرسه قديمة", "المدرسة")
    lines = "\n".join(f'{{"title": "{title}"}}' for title in titles)
    (tmp_path / "invented.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    table = word_vectors.vocabulary(tmp_path, least=3)
    assert table["word"].to_list() == ["المدرسة"]
    assert table["share"].to_list() == [pytest.approx(1.0)]

"""Vectors of words and headlines, and the evidence from them, against the sum that they stand for."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.arabic import word_vectors
from dedup.arabic.vocabulary import tokenize
from dedup.arabic.word_vectors import SCALE, fill_vectors, headline_vectors, vector_rows
from dedup.core.text_arrays import TextArray
from dedup.matching.blocking.shingles import code_points
from dedup.matching.evidence import meaning
from dedup.matching.evidence.meaning import meaning_similarities

ROWS = st.lists(st.lists(st.integers(0, 500), min_size=4, max_size=4), min_size=1, max_size=6)


def vectors_of(rows: np.ndarray) -> np.ndarray:
    """Return the vectors of headlines of equally many words."""
    return headline_vectors(rows.ravel(), np.full(len(rows), rows.shape[1]))


def cosine(left: str, right: str) -> float:
    """Return the evidence of two fuzzy keys."""
    first = np.zeros(1, np.int32)
    return float(meaning_similarities(tokenize(*code_points([left, right])).meaning, first, first + 1)[0])


@settings(max_examples=30)
@given(ROWS)
def test_a_headline_has_the_direction_of_the_sum_of_its_words_alone_and_in_a_batch(rows):
    table = word_vectors._table().vectors.astype(float)
    together = vectors_of(np.array(rows, np.int32))
    for words, vector in zip(rows, together, strict=True):
        total = table[words].sum(axis=0)
        expected = np.rint(total * (SCALE / max(float(np.linalg.norm(total)), 1.0)))
        np.testing.assert_array_equal(vector, expected)
        np.testing.assert_array_equal(vectors_of(np.array([words], np.int32))[0], vector)


def test_compiled_sums_are_those_of_python():
    rows = np.random.default_rng(1).integers(0, 500, (10, 5), dtype=np.int32)
    table = word_vectors._table().vectors
    plain, compiled = np.zeros((2, 10, table.shape[1]), np.int8)
    lengths = np.full(10, 5)
    fill_vectors(rows.ravel(), lengths, table, plain)
    fill_vectors.compiled(rows.ravel(), lengths, table, compiled)
    assert plain.any()
    np.testing.assert_array_equal(plain, compiled)


def test_the_evidence_is_the_cosine_of_few_pairs_and_of_many(monkeypatch):
    vectors = vectors_of(np.random.default_rng(2).integers(0, 2000, (40, 6), dtype=np.int32))
    lengths = np.linalg.norm(vectors.astype(float), axis=1)
    assert (lengths > 0).all()
    left, right = np.arange(0, 40, 2, dtype=np.int32), np.arange(1, 40, 2, dtype=np.int32)
    exact = (vectors[left].astype(float) * vectors[right]).sum(axis=1) / (lengths[left] * lengths[right])
    found = meaning_similarities(vectors, left, right)
    assert found == pytest.approx(exact.clip(0), abs=0.03)
    np.testing.assert_array_equal(found, meaning_similarities(vectors, right, left))
    monkeypatch.setattr(meaning, "_FEW", 0)
    for plain in (True, False):
        monkeypatch.setattr(meaning.fill_products, "for_work", lambda _, plain=plain: (
            meaning.fill_products if plain else meaning.fill_products.compiled
        ))  # fmt: skip
        np.testing.assert_array_equal(meaning_similarities(vectors, left, right), found)


@pytest.mark.parametrize(
    ("word", "alike", "other"),
    [("مقتل", "مصرع", "معرض"), ("الطقس", "الامطار", "المحكمه"), ("مباراه", "الدوري", "البرلمان")],
)
def test_words_of_like_meaning_are_nearer_than_others(word, alike, other):
    assert cosine(word, alike) > cosine(word, other) + 0.1


def test_a_reworded_headline_is_nearer_than_one_of_the_same_template():
    report = "مصرع 5 اشخاص في حادث مروري"
    assert cosine(report, "وفاه 5 في تصادم سيارتين") > cosine(report, "فوز 5 طلاب في مسابقه علميه") + 0.1


def test_unknown_words_are_like_themselves_only():
    assert cosine("ميرخوفيتشسكي", "ميرخوفيتشسكي") == pytest.approx(1, abs=0.08)
    assert cosine("ميرخوفيتشسكي", "كارنوسيلدا") < 0.3
    assert cosine("flood in the valley of sarw", "flood in sarw valley") > 0.6
    assert cosine("flood in the valley of sarw", "سيول في وادي السرو") < 0.3
    assert not vectors_of(np.zeros((1, 0), np.int32)).any()


def test_every_stem_of_the_table_is_found_and_the_table_says_where_it_comes_from():
    path = word_vectors.resources.files("dedup.arabic").joinpath("data", word_vectors._FILE)
    table, metadata = pl.read_parquet(path), pl.read_parquet_metadata(path)
    assert table["stem"].is_unique().all()
    rows = vector_rows(TextArray.of(table["stem"].to_list()).hashes())
    assert rows.tolist() == list(range(1, len(table) + 1))
    assert {"encoder", "titles", "corpora", "date", "command"} <= set(metadata)

"""Sums of pieces against their definition; tables against dictionaries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.core import hashing
from dedup.core.hashing import HashIndex, SubstringHashes, among, hash32, mix64

texts = st.lists(st.text(alphabet="ابتسى٣x 😀", max_size=12), max_size=12)
hashes = st.integers(0, 2**64 - 1) | st.integers(0, 8)


def by_definition(text):
    total = 0
    for place, char in enumerate(text, start=1):
        mixed = int(mix64(np.array([ord(char) + 1], np.uint64))[0])
        total += mixed * pow(0x9E3779B97F4A7C15, place, 2**64)
    return total % 2**64


def sums(parts):
    codes = np.frombuffer("".join(parts).encode("utf-32-le"), np.uint32)
    ends = np.cumsum([0, *map(len, parts)])
    return SubstringHashes(codes).of(ends[:-1], ends[1:]).tolist()


@given(texts)
def test_a_pieces_sum_is_its_own_wherever_it_stands(parts):
    assert sums(parts) == [by_definition(part) for part in parts]


def test_sums_go_on_beyond_what_is_summed_at_a_time(monkeypatch):
    parts = ["سيول وادي السرو", "x" * 40, "", "ميناء"]
    whole = sums(parts)
    for cached in (4, 8):
        monkeypatch.setattr(hashing, "_CACHED", cached)
        hashing._powers_of_blocks.cache_clear()
        assert sums(parts) == whole
    hashing._powers_of_blocks.cache_clear()


@given(st.lists(hashes, max_size=6), st.lists(hashes, min_size=1, max_size=6, unique=True))
def test_what_is_among_a_few_is_told(values, listed):
    told = among(np.array(values, np.uint64), np.sort(np.array(listed, np.uint64)))
    assert told.tolist() == [value in listed for value in values]


@given(st.lists(st.lists(hashes, max_size=30), max_size=5), st.lists(hashes, max_size=20))
def test_a_table_finds_what_was_added_in_the_order_of_adding(batches, asked):
    table, known = HashIndex(np.zeros(0, np.uint64)), {}
    for batch in batches:
        new = [one for one in dict.fromkeys(batch) if one not in known]
        known |= {one: len(known) + at for at, one in enumerate(new)}
        table.add(np.array(new, np.uint64))
    asked = [*asked, *known]
    assert table.find(np.array(asked, np.uint64)).tolist() == [known.get(one, -1) for one in asked]
    assert len(table) == len(known)


@pytest.mark.parametrize("count", [1, 1_000, 50_000])
def test_a_short_hash_is_never_the_sign_for_no_word(count):
    assert 0 not in hash32(np.arange(count, dtype=np.uint64))

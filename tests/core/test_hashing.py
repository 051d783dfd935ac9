"""Hashes of pieces against their definition; hash tables against dictionaries."""

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
    for position, char in enumerate(text, start=1):
        mixed = int(mix64(np.array([ord(char) + 1], np.uint64))[0])
        total += mixed * pow(0x9E3779B97F4A7C15, position, 2**64)
    return total % 2**64


def hashes_of(parts):
    codes = np.frombuffer("".join(parts).encode("utf-32-le"), np.uint32)
    ends = np.cumsum([0, *map(len, parts)])
    return SubstringHashes(codes).of(ends[:-1], ends[1:]).tolist()


@given(texts)
def test_the_hash_of_a_piece_does_not_depend_on_its_position(parts):
    assert hashes_of(parts) == [by_definition(part) for part in parts]


def test_hashes_continue_across_blocks(monkeypatch):
    parts = ["سيول وادي السرو", "x" * 40, "", "ميناء"]
    expected = hashes_of(parts)
    for block in (4, 8):
        monkeypatch.setattr(hashing, "_BLOCK", block)
        hashing._powers_of_blocks.cache_clear()
        assert hashes_of(parts) == expected
    hashing._powers_of_blocks.cache_clear()


@given(st.lists(hashes, max_size=6), st.lists(hashes, min_size=1, max_size=6, unique=True))
def test_among_finds_the_listed_values(values, listed):
    is_listed = among(np.array(values, np.uint64), np.sort(np.array(listed, np.uint64)))
    assert is_listed.tolist() == [value in listed for value in values]


@given(st.lists(st.lists(hashes, max_size=30), max_size=5), st.lists(hashes, max_size=20))
def test_an_index_returns_the_order_of_adding(batches, queries):
    table, known = HashIndex(np.zeros(0, np.uint64)), {}
    for batch in batches:
        new = [value for value in dict.fromkeys(batch) if value not in known]
        known |= {value: len(known) + index for index, value in enumerate(new)}
        table.add(np.array(new, np.uint64))
    queries = [*queries, *known]
    assert table.find(np.array(queries, np.uint64)).tolist() == [known.get(value, -1) for value in queries]
    assert len(table) == len(known)


@pytest.mark.parametrize("count", [1, 1_000, 50_000])
def test_a_32_bit_hash_is_never_0(count):
    assert 0 not in hash32(np.arange(count, dtype=np.uint64))

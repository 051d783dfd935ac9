"""Shingles of whole columns against shingles cut one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.matching.blocking.shingles import code_points, shingle_hashes

KEYS = st.lists(st.text(max_size=9) | st.text(alphabet="سيول 5", max_size=30), max_size=12)


def hashed(shingle):
    """The 32-bit hash of one shingle: 21 bits a character, spread by MurmurHash3's finalizer."""
    value = 0
    for character in shingle:
        value = value << 21 | ord(character)
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * factor % 2**64
    return (value ^ value >> 33) >> 32


def shingles(key):
    if len(key) < 3:
        return [key] if key else []
    return [key[place : place + 3] for place in range(len(key) - 2)]


def test_shingles_do_not_depend_on_the_number_of_keys():
    keys = [f"خبر رقم {number}"[: number % 11] for number in range(2_100)]
    hashes, offsets = shingle_hashes(*code_points(keys))
    alone = [shingle_hashes(*code_points([key]))[0] for key in keys]
    np.testing.assert_array_equal(hashes, np.concatenate(alone))
    assert np.diff(offsets).tolist() == [len(part) for part in alone]


@given(KEYS)
def test_a_column_has_the_shingles_of_each_of_its_keys(keys):
    hashes, offsets = shingle_hashes(*code_points(keys))
    cut = [hashes[offsets[row] : offsets[row + 1]].tolist() for row in range(len(keys))]
    assert cut == [[hashed(shingle) for shingle in shingles(key)] for key in keys]
    assert offsets[-1] == len(hashes)


def test_characters_beyond_the_first_plane_are_one_character_each():
    hashes, offsets = shingle_hashes(*code_points(["😀😁😂😃", "😀", "😀😁", "\U0010ffff\U0010ffff\U0010ffff"]))
    assert offsets.tolist() == [0, 2, 3, 4, 5]
    assert hashes[0] == hashed("😀😁😂")


def test_keys_without_characters_have_no_shingles():
    assert [part.tolist() for part in shingle_hashes(*code_points(["", ""]))] == [[], [0, 0, 0]]
    assert [part.tolist() for part in shingle_hashes(*code_points([]))] == [[], [0]]


@given(KEYS)
def test_code_points_spell_the_keys(keys):
    points, offsets = code_points(keys)
    assert ["".join(map(chr, points[offsets[row] : offsets[row + 1]])) for row in range(len(keys))] == keys

"""Signatures and bands against datasketch's."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
from datasketch import MinHash, MinHashLSH
from hypothesis import given
from hypothesis import strategies as st

from dedup.core.time_windows import NO_TIME
from dedup.matching.blocking.join import join
from dedup.matching.blocking.minhash import band_keys, permutations, signatures
from dedup.matching.blocking.shingles import code_points, shingle_hashes

KEYS = st.lists(st.text(alphabet="سيولجارف 5", max_size=24) | st.text(max_size=5), max_size=12)


def itself(value):
    return value


def sets_of(keys):
    """The shingle hashes of each key, as datasketch takes them."""
    hashes, offsets = shingle_hashes(*code_points(keys))
    return [hashes[offsets[row] : offsets[row + 1]].tolist() for row in range(len(keys))], hashes, offsets


def datasketches(sets, count, seed):
    return MinHash.bulk(sets, num_perm=count, seed=seed, scheme="affine32", hashfunc=itself)


@given(KEYS, st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_signatures_are_datasketchs_bit_for_bit(keys, count, seed):
    sets, hashes, offsets = sets_of(keys)
    made = signatures(hashes, offsets, count=count, seed=seed)
    assert made.dtype == np.uint32
    expected = [sketch.hashvalues for sketch in datasketches(sets, count, seed)]
    np.testing.assert_array_equal(made, np.reshape(expected, (len(keys), count)))


def test_signatures_of_more_headlines_than_a_block_stay_in_their_rows(newsroom):
    keys = newsroom(1500)["title"].to_list()
    sets, hashes, offsets = sets_of(keys)
    expected = [sketch.hashvalues for sketch in datasketches(sets, 16, 3)]
    np.testing.assert_array_equal(signatures(hashes, offsets, count=16, seed=3), expected)


def test_signatures_are_several_times_cheaper_than_datasketchs(newsroom):
    sets, hashes, offsets = sets_of(newsroom(3000)["title"].to_list())

    def fastest(work):
        def seconds():
            begin = time.process_time()
            work()
            return time.process_time() - begin

        return min(seconds() for _ in range(3))

    ours = fastest(lambda: signatures(hashes, offsets, count=128, seed=1))
    theirs = fastest(lambda: datasketches(sets, 128, 1))
    # Of one processor; datasketch keeps to one, and signatures take all there are.
    assert theirs / ours >= 3


@given(
    st.lists(st.lists(st.integers(0, 2), min_size=12, max_size=12), max_size=14),
    st.sampled_from([(2, 6), (3, 4), (6, 2), (12, 1), (4, 2)]),
)
def test_headlines_that_share_a_band_are_minhashlshs_candidates(rows, shape):
    bands, height = shape
    signature = np.array(rows, np.uint32).reshape(len(rows), 12)
    lsh = MinHashLSH(num_perm=12, params=(bands, height))
    sketches = [MinHash(num_perm=12, hashvalues=values, scheme="affine32") for values in signature]
    for row, sketch in enumerate(sketches):
        lsh.insert(row, sketch)
    expected = {(other, row) for row, sketch in enumerate(sketches) for other in lsh.query(sketch) if other < row}
    keys = band_keys(signature, bands=bands, rows=height)
    times = np.full(len(rows), NO_TIME)
    found = join(keys, times, window=1, limit=max(len(rows), 1))
    assert set(zip(found.left.tolist(), found.right.tolist(), strict=True)) == expected
    assert len(found.left) == len(expected)
    assert found.left_out == 0


@given(KEYS)
def test_headlines_that_share_a_band_of_their_shingles_are_minhashlshs_candidates(keys):
    sets, hashes, offsets = sets_of(keys)
    lsh = MinHashLSH(num_perm=32, params=(8, 4))
    sketches = datasketches(sets, 32, 1)
    for row, sketch in enumerate(sketches):
        lsh.insert(row, sketch)
    expected = {(other, row) for row, sketch in enumerate(sketches) for other in lsh.query(sketch) if other < row}
    banded = band_keys(signatures(hashes, offsets, count=32, seed=1), bands=8, rows=4)
    found = join(banded, np.zeros(len(keys), np.int64), window=1, limit=max(len(keys), 1))
    assert set(zip(found.left.tolist(), found.right.tolist(), strict=True)) == expected


def test_the_shipped_permutations_are_datasketchs():
    np.testing.assert_array_equal(permutations(128, 1), MinHash(num_perm=128, seed=1, scheme="affine32").permutations)


def test_default_settings_load_neither_datasketch_nor_scipy():
    script = (
        "import sys, dedup; from dedup.matching.blocking.minhash import permutations\n"
        "settings = dedup.Settings(); permutations(settings.permutations, settings.seed)\n"
        "print(sorted({'scipy', 'datasketch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"

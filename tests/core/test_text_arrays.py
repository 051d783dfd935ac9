"""Table look-ups of code points against an equivalent regular expression."""

from __future__ import annotations

import re

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dedup.core.text_arrays import PlainAlphabet, encode, join_lines

titles = st.lists(st.text(alphabet="abz اب-٣\n\t\r😀", max_size=8), max_size=8)


@given(titles)
def test_each_title_is_one_line(strings):
    assert join_lines(pl.Series(strings, dtype=pl.String)).count("\n") == len(strings) + 1


@given(titles)
def test_titles_with_other_letters_or_uneven_blanks_are_exceptions(strings):
    lines = encode(join_lines(pl.Series(strings, dtype=pl.String)))
    odd = [row for row, text in enumerate(strings) if re.search("[^a-z ا-ب]|  |^ | $|\n", text)]
    assert PlainAlphabet("a-zا-ب").exceptions(lines).tolist() == odd

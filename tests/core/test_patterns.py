"""Rows that match a pattern: the same with Python, for few rows, and with Polars, for many."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.core import mojibake, titles
from dedup.core.patterns import FEW, matching_rows

SIGNS = (titles.MARKUP, titles.UNSEEN, titles.BREAKING, titles.UNEVEN, mojibake.SUSPICIOUS)
ODD = "<&\x00\x85\u200e\u2028\ufeff\U000e0041ØÙ§ÿŸ⁄€ط·…ª╪┘█ابت 12«»ab\t\n\u00a0\u3000\u0651é\x1c\x1f\u200d\u0301_]>"
TEXTS = st.lists(st.none() | st.text(st.sampled_from(ODD) | st.characters(codec="utf-8"), max_size=12), max_size=FEW)


@pytest.mark.parametrize("sign", SIGNS)
@example(texts=["ÿ\x1f", "ÿ\u0651", "█\x1c", "a]]>\n", "a]]>", "\x1fa", "a \u3000"])
@given(texts=TEXTS)
def test_few_texts_have_the_rows_of_many(sign, texts):
    few = matching_rows(pl.Series(texts, dtype=pl.String), sign)
    assert few == matching_rows(pl.Series(texts + [None] * (FEW + 1), dtype=pl.String), sign)


@given(texts=TEXTS)
def test_few_titles_are_cleaned_as_many_are(texts):
    few = titles.clean(pl.Series(texts, dtype=pl.String)).to_list()
    assert few == titles.clean(pl.Series(texts + ["<"] * (FEW + 1), dtype=pl.String)).to_list()[: len(texts)]

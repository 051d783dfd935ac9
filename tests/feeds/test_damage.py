"""Whatever happens to a feed, items that were not touched come through, and a loss is never silent."""

from __future__ import annotations

import random

import polars as pl
import pytest

from dedup.core.titles import clean
from dedup.feeds import Limits
from dedup.feeds.document import Unusable
from dedup.feeds.formats.content import Content
from dedup.feeds.formats.markup import read_markup

from .damage import KINDS, make_feed, untouched

UNDETECTABLE = frozenset(("lost chunk",))
"""A chunk may go so that two items become one, in a file that is well-formed still."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(8))
def test_untouched_titles_survive_and_loss_is_signalled(kind, seed):
    rng = random.Random(f"{kind}{seed}")  # noqa: S311 - damage needs no secrecy
    feed = make_feed(rng)
    damaged = KINDS[kind](feed.data, rng)
    try:
        document = read_markup(Content(damaged, "damaged.xml", Limits()))
    except Unusable:
        assert not untouched(feed, damaged, kind)
        return
    titles = clean(pl.Series(document.titles, dtype=pl.String)).to_list()
    assert not set(untouched(feed, damaged, kind)) - set(titles)
    if set(feed.titles) - set(titles) and kind not in UNDETECTABLE:
        # A flipped bit may make another letter: then nothing is lost, and nothing can be seen.
        assert document.notes.listed or "" in titles or len(titles) >= len(feed.titles)

"""Furniture that an outlet puts around its own headlines, found by counting.

A piece at an edge that recurs far more than content could is furniture. What content reaches, over 105,000 headlines of
27 outlets (shipped tags left aside): «اليوم..» leads 1.9 % of an outlet's headlines and ends 0.7 %, «فيديو» ends 2.9 %,
and a place before a colon («مصر:») leads 9.3 %. A site's name, a feed's suffix or an aggregator's
stands on nearly all. So an edge piece counts from a tenth of an outlet's headlines on, before a colon from half.
Neither corpus then yields one piece, which is right: both had lost their outlets' names before they reached us.

Shares are counted on at most a thousand of an outlet's headlines, evenly spread: a share of a tenth is then known to a
hundredth. Counted on all, it took longer than the keys themselves, and as much memory again.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from dedup import frames
from dedup.arabic.display import readable
from dedup.arabic.exact import exact_codes
from dedup.arabic.furniture import FEWEST_WORDS, segments, texts
from dedup.arabic.punctuation import COLON
from dedup.core.hashing import true_at

_LEAST = 10  # fewer occurrences prove nothing
_SHARE, _SHARE_BEFORE_COLON = 0.10, 0.50
_LONGEST = 5  # words
_ASKED = 1_000  # headlines of an outlet


def learn_furniture(headlines: pl.DataFrame) -> pl.DataFrame:
    """The pieces at the edges of each outlet's headlines that are furniture, for ``add_keys``.

    Args:
        headlines: a HEADLINES frame; outlets with fewer than some dozens of headlines teach nothing.

    Returns:
        Columns ``outlet``, ``edge`` (lead, trail) and ``text`` (as the fuzzy key writes it), ordered by all three.

    Raises:
        FrameError: when the frame has not the columns of HEADLINES.
    """
    frames.check(headlines, frames.HEADLINES, "HEADLINES")
    empty = pl.DataFrame(schema={"outlet": pl.String, "edge": pl.String, "text": pl.String})
    if headlines.is_empty():
        return empty
    place, size = pl.int_range(pl.len()).over("outlet"), pl.len().over("outlet")
    headlines = headlines.select("outlet", "title").filter(place % (size / _ASKED).ceil().cast(pl.Int64) == 0)
    codes = exact_codes(readable(headlines["title"].fill_null(""))[1])
    pieces = segments(codes)
    remain = np.bincount(pieces.row, weights=pieces.words, minlength=len(headlines))[pieces.row] - pieces.words
    fits = (pieces.words <= _LONGEST) & (remain >= FEWEST_WORDS)
    first = np.diff(pieces.row, prepend=-1) > 0
    last = np.diff(pieces.row, append=len(headlines)) > 0
    found = [empty.with_columns(colon=pl.lit(value=False))]
    for edge, at_edge, mark in (("lead", first, pieces.after), ("trail", last, pieces.before)):
        which = true_at(at_edge & fits & ((mark > 0) | pieces.bracketed))
        text = pl.Series(texts(codes, pieces, which).strings(), dtype=pl.String)
        rows = {"outlet": headlines["outlet"].gather(pieces.row[which]), "text": text, "colon": mark[which] == COLON}
        found.append(pl.DataFrame(rows).select("outlet", pl.lit(edge).alias("edge"), "text", "colon"))
    sizes = headlines.group_by("outlet").agg(pl.len().alias("size"))
    counts = pl.concat(found).group_by("outlet", "edge", "text").agg(n=pl.len(), colon=pl.col("colon").mean() > 0.5)
    share = pl.col("n") / pl.col("size")
    enough = pl.when("colon").then(share >= _SHARE_BEFORE_COLON).otherwise(share >= _SHARE)
    learned = counts.join(sizes, on="outlet").filter((pl.col("n") >= _LEAST) & enough)
    return learned.select("outlet", "edge", "text").sort("outlet", "edge", "text")

"""Learn the furniture that an outlet puts around its own headlines, by counting.

A piece at an edge that recurs far more often than content does is furniture. Content reaches, over 105,000 headlines of
27 outlets (without the shipped tags): «اليوم..» begins 1.9 % of an outlet's headlines and ends 0.7 %, «فيديو» ends
2.9 %, and a place before a colon («مصر:») begins 9.3 %. The name of a site, a feed or an aggregator stands on nearly
all. So an edge piece counts as furniture from a tenth of an outlet's headlines on, before a colon from half. Neither
corpus then has a single piece, which is right: both had lost their outlets' names when they were collected.

Shares are estimated from at most a thousand headlines of an outlet, those whose ids have the smallest hashes: a share
of a tenth is then known to a hundredth, and neither the order of the headlines nor their division into files changes
what is learned. Counting all took longer than the keys themselves, and as much memory again.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from dedup import frames
from dedup.arabic.display import readable
from dedup.arabic.exact import exact_codes
from dedup.arabic.furniture import MIN_WORDS, segments, texts
from dedup.arabic.punctuation import COLON
from dedup.core.hashing import mix64, true_at
from dedup.core.text_arrays import TextArray

_MIN_COUNT = 10  # fewer occurrences prove nothing
_MIN_SHARE, _MIN_SHARE_BEFORE_COLON = 0.10, 0.50
_MAX_WORDS = 5
_SAMPLE = 1_000  # headlines of an outlet
_SLICE = 100_000  # ids held as Python strings at a time


def learn_furniture(headlines: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces at the edges of each outlet's headlines that are furniture, for ``add_keys``.

    Args:
        headlines: a HEADLINES frame; outlets with fewer than some dozens of headlines yield nothing.

    Returns:
        Columns ``outlet``, ``edge`` (lead, trail) and ``text`` (as the fuzzy key writes it), ordered by all three.

    Raises:
        FrameError: the frame lacks columns of HEADLINES.
    """
    frames.check(headlines, frames.HEADLINES, "HEADLINES")
    empty = pl.DataFrame(schema={"outlet": pl.String, "edge": pl.String, "text": pl.String})
    if headlines.is_empty():
        return empty
    headlines = _sample(headlines)
    codes = exact_codes(readable(headlines["title"].fill_null(""))[1])
    pieces = segments(codes)
    remain = np.bincount(pieces.row, weights=pieces.words, minlength=len(headlines))[pieces.row] - pieces.words
    fits = (pieces.words <= _MAX_WORDS) & (remain >= MIN_WORDS)
    first = np.diff(pieces.row, prepend=-1) > 0
    last = np.diff(pieces.row, append=len(headlines)) > 0
    candidates = [empty.with_columns(colon=pl.lit(value=False))]
    for edge, at_edge, mark in (("lead", first, pieces.after), ("trail", last, pieces.before)):
        selected = true_at(at_edge & fits & ((mark > 0) | pieces.bracketed))
        text = pl.Series(texts(codes, pieces, selected).strings(), dtype=pl.String)
        rows = {
            "outlet": headlines["outlet"].gather(pieces.row[selected]),
            "text": text,
            "colon": mark[selected] == COLON,
        }
        candidates.append(pl.DataFrame(rows).select("outlet", pl.lit(edge).alias("edge"), "text", "colon"))
    sizes = headlines.group_by("outlet").agg(pl.len().alias("size"))
    counts = (
        pl.concat(candidates).group_by("outlet", "edge", "text").agg(n=pl.len(), colon=pl.col("colon").mean() > 0.5)
    )
    share = pl.col("n") / pl.col("size")
    enough = pl.when("colon").then(share >= _MIN_SHARE_BEFORE_COLON).otherwise(share >= _MIN_SHARE)
    learned = counts.join(sizes, on="outlet").filter((pl.col("n") >= _MIN_COUNT) & enough)
    return learned.select("outlet", "edge", "text").sort("outlet", "edge", "text")


def _sample(headlines: pl.DataFrame) -> pl.DataFrame:
    """Return the outlets and titles of at most ``_SAMPLE`` headlines of each outlet, in any order."""
    is_large = pl.len().over("outlet") > _SAMPLE
    small = headlines.filter(~is_large)
    if len(small) == len(headlines):
        return headlines.select("outlet", "title")
    large = headlines.filter(is_large)
    hashes = [mix64(TextArray.of(part["headline_id"].to_list()).hashes()) for part in large.iter_slices(_SLICE)]
    large = large.select("outlet", "title", hash=pl.Series(np.concatenate(hashes)))
    large = large.filter(pl.col("hash").rank("ordinal").over("outlet") <= _SAMPLE)
    return pl.concat([small.select("outlet", "title"), large.drop("hash")])

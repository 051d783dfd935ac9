"""Write generated headlines to files: Parquet, JSON lines, or RSS feeds of fifty items.

A folder holds ``feeds/`` (the input of a scan), ``truth.parquet`` (``id_a``, ``id_b``, ``kind``) and ``corpus.json``
(its parameters and counts). Feed readers identify headlines by hashes, so the last part of each link is the id.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from benchmarks.generator.blocks import Block

ITEMS = 50
"""Number of items of an RSS file."""

_CHANNEL = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{}</title><link>{}</link>'
    "<description>{}</description><language>ar</language>\n{}\n</channel></rss>\n"
)
_ITEM = "<item><title>{}</title><link>{}</link><guid>{}</guid><pubDate>{}</pubDate><description>{}</description></item>"


def write(blocks: Iterable[Block], directory: Path, form: str, parameters: dict[str, Any]) -> dict[str, int]:
    """Write all blocks, replacing an earlier corpus in the folder.

    Returns:
        Counts of ``headlines``, ``copies``, ``rewrites`` and ``files``.
    """
    feeds = directory / "feeds"
    shutil.rmtree(feeds, ignore_errors=True)
    feeds.mkdir(parents=True)
    counts, truth = dict.fromkeys(("headlines", "copies", "rewrites", "files"), 0), []
    for number, block in enumerate(blocks):
        counts["files"] += FORMS[form](block.headlines, feeds, number)
        counts["headlines"] += len(block.headlines)
        truth.append(block.truth)
    planted = pl.concat(truth)
    planted.write_parquet(directory / "truth.parquet")
    counts["copies"] = int((planted["kind"] == "copy").sum())
    counts["rewrites"] = len(planted) - counts["copies"]
    (directory / "corpus.json").write_text(
        json.dumps(parameters | counts, indent=2, ensure_ascii=False) + "\n", "utf-8"
    )
    return counts


def _parquet(headlines: pl.DataFrame, folder: Path, number: int) -> int:
    """Write a block as Parquet and return the number of files."""
    headlines.write_parquet(folder / f"{number:04}.parquet")
    return 1


def _jsonl(headlines: pl.DataFrame, folder: Path, number: int) -> int:
    """Write a block as JSON lines and return the number of files."""
    dated = headlines.with_columns(published=pl.col("published").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    dated.write_ndjson(folder / f"{number:04}.jsonl")
    return 1


def _rss(headlines: pl.DataFrame, folder: Path, number: int) -> int:
    """Write one feed per fifty headlines of an outlet; an item's description is its next two headlines."""
    items = headlines.sort("outlet", "published", "id").with_columns(pl.col("title", "outlet").pipe(_escaped))
    place = pl.int_range(pl.len()).over("outlet") // ITEMS
    items = items.with_columns(
        feed=pl.struct("outlet", place).rank("dense") - 1,
        item=pl.format(
            _ITEM, "title", "url", "id", pl.col("published").dt.strftime("%a, %d %b %Y %H:%M:%S +0000"),
            pl.concat_str(*(pl.col("title").shift(-place, fill_value="") for place in (1, 2)), separator=". "),
        ),
    )  # fmt: skip
    home = pl.col("url").str.extract("^(.*/)").first()
    feeds = items.group_by("feed", maintain_order=True).agg(
        pl.format(_CHANNEL, pl.col("outlet").first(), home, pl.col("outlet").first(), pl.col("item").str.join("\n"))
    )
    within = folder / f"{number:04}"
    within.mkdir()
    for feed, text in feeds.iter_rows():
        (within / f"{feed:05}.xml").write_text(text, "utf-8")
    return len(feeds)


def _escaped(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(["&", "<", ">"], ["&amp;", "&lt;", "&gt;"])


FORMS: dict[str, Callable[[pl.DataFrame, Path, int], int]] = {"parquet": _parquet, "jsonl": _jsonl, "rss": _rss}
"""Writers of a block by format: from headlines, folder and number of the block to the number of files."""


def planted_recall(truth: pl.DataFrame, headlines: pl.DataFrame, pairs: pl.DataFrame) -> dict[str, float]:
    """Return the shares of planted copies and rewrites that match, and that are in one story with their first.

    Args:
        truth: planted pairs; only pairs with both headlines scanned are judged.
        headlines: headlines of the scan: ``headline_id``, ``url``, ``story_id``.
        pairs: pairs of the scan: ``left_id``, ``right_id``, ``is_match``.
    """
    known = headlines.select(
        id=pl.col("url").str.extract("([^/]+)$"), story=pl.col("story_id"), own="headline_id"
    ).with_row_index("row")
    known = known.with_columns(pl.col("row").cast(pl.Int64))
    planted_pairs = truth.join(known.rename({"id": "id_a"}), on="id_a").join(known.rename({"id": "id_b"}), on="id_b")
    ids = known.select("own", "row")
    matches = pairs.filter("is_match").select("left_id", "right_id")
    matches = matches.join(ids, left_on="left_id", right_on="own").join(ids, left_on="right_id", right_on="own")
    both_orders = np.concatenate(
        [_codes(matches["row"], matches["row_right"]), _codes(matches["row_right"], matches["row"])]
    )
    planted_pairs = planted_pairs.select(
        "kind",
        matched=pl.Series(np.isin(_codes(planted_pairs["row"], planted_pairs["row_right"]), both_orders)),
        together=pl.col("story") == pl.col("story_right"),
    )
    kinds = planted_pairs.group_by("kind").agg(pl.col("matched", "together").mean())
    return {
        f"{kind}_{name}": value for row in kinds.to_dicts() for kind in [row.pop("kind")] for name, value in row.items()
    }


def _codes(left: pl.Series, right: pl.Series) -> NDArray[np.int64]:
    """Encode pairs of rows as one number each."""
    codes: NDArray[np.int64] = (left.to_numpy().astype(np.int64) << 32) | right.to_numpy()
    return codes

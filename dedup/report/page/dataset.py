"""Build the data of the page: all headlines and stories as columns, compact enough to be embedded.

Headlines are ordered by story (the widest first), inside a story by time; exclusives and standing titles follow, the
latest first. So a story is a range of rows, a match is an offset, and gzip finds the copies of a title next to it.
"""

from __future__ import annotations

import base64
import gzip
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dedup.matching.evidence.schema import BY_NAME
from dedup.report.evidence_words import SHOWN, evidence_of
from dedup.report.wording import plain

if TYPE_CHECKING:
    from datetime import tzinfo

    from dedup.coverage import Coverage
    from dedup.matching.scoring.model import Model
    from dedup.report.content import Content

_REASONS = 3
_ROLE_LETTERS = {"first": "f", "copy": "c", "rewrite": "r", "repeat": "p", "single": "s", "standing": "t"}
_MATRIX = 15  # outlets of the matrix


def build_dataset(content: Content, *, zone: tzinfo) -> dict[str, Any]:
    """Build the columns that the page's script reads.

    Args:
        content: of its pairs, only matches inside a story are used.
        zone: the time zone in which the page shows times.

    Returns:
        JSON-ready columns; `dedup/report/page/page.js` documents them.
    """
    coverage, model = content.coverage, content.model
    headlines = _ordered(coverage)
    outlets = coverage.outlets["outlet"].to_list()
    numbers = {name: number for number, name in enumerate(outlets)}
    rows = headlines.select("headline_id", row=pl.int_range(pl.len()))
    matched = headlines.join(rows, left_on="matched_id", right_on="headline_id", how="left", maintain_order="left")
    follows = matched.select(row=pl.int_range(pl.len()), matched="row").drop_nulls()
    stories = coverage.stories
    links = _story_links(content.pairs, headlines, rows)
    times = headlines["published"].dt.epoch("s")
    start = times.min()
    return {
        "outlets": [plain(name) for name in outlets],
        "zone": _offsets(headlines["published"], zone),
        "start": start,
        "titles": [plain(title) for title in headlines["title"]],
        "urls": [_web_link(url) for url in headlines["url"]],
        "outlet": [numbers[name] for name in headlines["outlet"]],
        "time": (times - start).to_list() if start is not None else times.to_list(),
        "roles": "".join(headlines["role"].replace_strict(_ROLE_LETTERS)),
        "match": [follows["row"].to_list(), (follows["row"] - follows["matched"]).to_list()],
        "score": (headlines["score"].gather(follows["row"]) * 100).floor().cast(pl.Int32).to_list(),
        "reasons": _reasons_of_rows(links, follows, model),
        "features": list(_features()),
        "sizes": stories["n_headlines"].to_list(),
        "breadth": stories["n_outlets"].to_list(),
        "firsts": [[numbers[name] for name in names] for names in stories["first_outlets"]],
        "weakest": _weakest(links, stories, model),
        "related": _related(content.related, stories, headlines),
        "overlap": _overlap(coverage.overlap, numbers),
        "matrix": _MATRIX,
    }


def pack(dataset: dict[str, Any]) -> str:
    """Compress a dataset to gzip in base64, which the page's script decompresses.

    Examples:
        >>> import base64, gzip
        >>> gzip.decompress(base64.b64decode(pack({"titles": ["سيول"]}))).decode()
        '{"titles":["سيول"]}'
    """
    text = json.dumps(dataset, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=9, mtime=0)).decode()


def _ordered(coverage: Coverage) -> pl.DataFrame:
    ranks = coverage.stories.select("story_id").with_row_index("rank").lazy()
    columns = ("headline_id", "outlet", "title", "url", "published", "role", "matched_id", "score", "story_id")
    headlines = coverage.headlines.select(columns).join(ranks, on="story_id", how="left", maintain_order="left")
    together = headlines.filter(pl.col("rank").is_not_null()).sort(
        "rank", "published", pl.col("role") != "first", nulls_last=True, maintain_order=True
    )
    alone = headlines.filter(pl.col("rank").is_null()).sort(
        pl.col("role") == "standing", "published", descending=[False, True], nulls_last=True, maintain_order=True
    )
    return pl.concat([together, alone]).collect()


def _web_link(url: str | None) -> str:
    return url if url is not None and url.startswith(("http://", "https://")) else ""


def _offsets(published: pl.Series, zone: tzinfo) -> list[list[int]]:
    """List the UTC offsets of a zone during the period, as [from this second of the epoch, seconds]."""
    hours = published.drop_nulls().dt.truncate("1h").unique().sort()
    offsets = [(time.astimezone(zone).utcoffset() or timedelta()).total_seconds() for time in hours]
    starts = hours.dt.epoch("s").to_list()
    changes = [row for row in range(len(offsets)) if row == 0 or offsets[row] != offsets[row - 1]]
    return [[starts[row], int(offsets[row])] for row in changes]


def _features() -> dict[str, int]:
    return {name: number for number, name in enumerate(BY_NAME)}


def _story_links(pairs: pl.LazyFrame, headlines: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the matches inside stories: the rows of their headlines (``earlier``, ``later``) and the evidence."""
    together = headlines.select("headline_id", "story_id", "rank").with_columns(rows["row"]).drop_nulls("rank").lazy()
    left, right = (
        together.select(pl.col("headline_id").alias(f"{side}_id"), pl.col("row").alias(side), story="story_id")
        for side in ("left", "right")
    )
    links = pairs.filter("is_match").join(left, on="left_id").join(right, on=["right_id", "story"])
    return links.with_columns(
        earlier=pl.min_horizontal("left", "right"), later=pl.max_horizontal("left", "right")
    ).collect()


def _reasons(links: pl.DataFrame, model: Model) -> list[list[float]]:
    """List the strongest evidence of each pair, flat: feature, value, part, and again."""
    reasons: list[list[float]] = [[] for _ in range(links.height)]
    features = _features()
    for scorer, rows, columns in model.divided(evidence_of(links)):
        parts = scorer.parts(scorer.same_news, columns)
        names = list(parts)
        table = np.array([parts[name] for name in names])
        strongest = np.argsort(-np.abs(table), axis=0, kind="stable")[:_REASONS]
        for pair, row in enumerate(rows.tolist()):
            for feature in strongest[:, pair]:
                part = float(table[feature, pair])
                if abs(part) >= SHOWN:
                    name = names[feature]
                    value = float(columns[name][pair])
                    reasons[row] += [features[name], round(value, 2), round(part, 1)]
    return reasons


def _reasons_of_rows(links: pl.DataFrame, follows: pl.DataFrame, model: Model) -> list[list[float]]:
    """List the reasons of each row that follows another, in the order of ``follows``."""
    pairs = follows.select(earlier=pl.min_horizontal("row", "matched"), later=pl.max_horizontal("row", "matched"))
    wanted = pairs.join(
        links.with_row_index("link").with_columns(pl.col("earlier", "later").cast(pl.Int64)),
        on=["earlier", "later"], how="left", maintain_order="left",
    )  # fmt: skip
    linked = wanted["link"].drop_nulls()
    reasons = dict(zip(linked, _reasons(links[linked], model), strict=True))
    return [reasons.get(link, []) for link in wanted["link"]]


def _weakest(links: pl.DataFrame, stories: pl.DataFrame, model: Model) -> list[list[Any]]:
    """List the match with the lowest score of each story: earlier row, later row, score in percent, reasons."""
    lowest = links.sort("score", "earlier", "later").unique("story", keep="first", maintain_order=True)
    reasons = _reasons(lowest, model)
    found = {
        story: [earlier, later, int(score * 100), why]
        for story, earlier, later, score, why in zip(
            *lowest.select("story", "earlier", "later", "score").get_columns(), reasons, strict=True
        )
    }
    return [found.get(story, []) for story in stories["story_id"]]


def _related(related: pl.DataFrame | None, stories: pl.DataFrame, headlines: pl.DataFrame) -> list[list[int]]:
    """List the related stories of each story, flat: the row of the first headline, score in percent, and again."""
    if related is None:
        return []
    ranks = stories.select("story_id").with_row_index("rank")
    first = headlines.with_row_index("row").group_by("story_id").agg(pl.col("row").min())
    pairs = related.join(ranks, on="story_id", maintain_order="left").join(
        first.rename({"story_id": "related_id"}), on="related_id", maintain_order="left"
    )
    listed: list[list[int]] = [[] for _ in range(stories.height)]
    columns = pairs.sort("related_score", descending=True, maintain_order=True).select("rank", "row", "related_score")
    for rank, row, score in columns.iter_rows():
        listed[rank] += [row, int(score * 100)]
    return listed


def _overlap(overlap: pl.DataFrame, numbers: dict[str, int]) -> list[list[Any]]:
    columns = ("outlet_a", "outlet_b", "stories", "a_first", "b_first", "median_lag_minutes")
    return [
        [numbers[a], numbers[b], *rest] for a, b, *rest in overlap.select(columns).iter_rows()
        if max(numbers[a], numbers[b]) < _MATRIX
    ]  # fmt: skip

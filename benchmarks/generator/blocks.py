"""Generate news in blocks of days: headlines spliced from a source corpus, with copies and rewrites by other outlets.

Headlines that begin a story come from the source in its order of time, so that topics rise and fall as they do there;
when the source ends it begins anew, with other names (``words.renamed``). News that is denser than the source is taken
from several places of it at once, each with names of its own: ten times the news is a wider world, not ten times the
news of one country. How many copies and rewrites a headline gets, and after how many hours, is drawn from what the scan
of the source found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from benchmarks.generator.ragged import Ragged, interleaved, stacked
from benchmarks.generator.retell import RewriteModel
from benchmarks.generator.splice import spliced
from benchmarks.generator.words import RENAMED_UP_TO, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from benchmarks.generator.source import Source

    Ids = NDArray[np.int64]

START = datetime(2016, 1, 4, tzinfo=UTC)
"""First day of every generated corpus; ten years later is still past, and a scan rejects future times."""

BLOCK = 150_000
"""Approximate number of headlines of a block, which covers whole days."""

MISSED = 0.2
"""Share of rewrites to add to those that the scan of the source finds, about five of six."""

_PAPERS = (
    "منبر", "مرآة", "صدى", "بريد", "رسالة", "جسر", "شعلة", "ميزان", "مجلة", "أصداء",
    "دفتر", "نداء", "قنديل", "شرفة", "مسار", "رواق", "بوصلة", "سجل", "محطة", "منارة",
)  # fmt: skip
_PLACES = (
    "الشرق", "الغرب", "الشمال", "الجنوب", "الساحل", "الوادي", "الهضبة", "الواحة", "الجزيرة", "الميناء",
    "النخيل", "الزيتون", "المدينة", "الضفة", "السهل",
)  # fmt: skip

_SECONDS_A_DAY, _SECONDS_AN_HOUR = 86_400, 3600


@dataclass(frozen=True, slots=True)
class Block:
    """The news of some days.

    Attributes:
        headlines: ``id``, ``outlet``, ``title``, ``published`` (UTC), ``url``.
        truth: ``id_a`` (the first), ``id_b`` (its copy or rewrite), ``kind``.
    """

    headlines: pl.DataFrame
    truth: pl.DataFrame


@dataclass(frozen=True)
class Generator:
    """Generator of a corpus.

    Attributes:
        source: corpus whose statistics it reproduces.
        size: number of headlines.
        days: number of days.
        outlets: number of outlets.
        seed: seed of all draws.
    """

    source: Source
    size: int
    days: int
    outlets: int
    seed: int = 1

    def blocks(self) -> Iterator[Block]:
        """Yield all headlines in blocks of days."""
        weights = self.source.weekdays[(START.weekday() + np.arange(self.days)) % 7]
        until = np.round(self.size * np.cumsum(weights) / weights.sum()).astype(np.int64)
        day, made, used = 0, 0, 0
        while day < self.days:
            end = max(day + 1, int(np.searchsorted(until, made + BLOCK, side="right")))
            rng = np.random.default_rng([self.seed, day])
            per_day = np.diff(until[day:end], prepend=made)
            block, stories = self._block(day, per_day, made, used, rng)
            day, made, used = end, int(until[end - 1]), used + stories
            yield block

    @cached_property
    def names(self) -> pl.Series:
        """Return the names of the outlets, the busiest first."""
        names = [f"{paper} {place}" for place in _PLACES for paper in _PAPERS]
        more = range(2, 2 + self.outlets // len(names))
        return pl.Series("outlet", [*names, *(f"{name} {number}" for number in more for name in names)][: self.outlets])

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        """Return each outlet's share of the headlines, interpolated from the source's outlets."""
        own = np.log(self.source.outlets)
        shares = np.exp(np.interp(np.linspace(0, 1, self.outlets), np.linspace(0, 1, len(own)), own))
        normalized: NDArray[np.float64] = shares / shares.sum()
        return normalized

    @cached_property
    def _rewrite_model(self) -> RewriteModel:
        return RewriteModel.of(self.source)

    @cached_property
    def _furniture(self) -> pl.Series:
        """Return the tags that precede headlines, then the outlets' names that follow them."""
        return pl.concat([self.source.tags["tag"] + " |", "- " + self.names])

    def _block(self, day: int, per_day: Ids, made: int, used: int, rng: np.random.Generator) -> tuple[Block, int]:
        """Return the block that starts at ``day``, and the number of stories taken from the source."""
        total = int(per_day.sum())
        standing = self._standing(day, per_day, rng)
        turn, row = self._flow(used + np.arange(total - len(standing)), total / len(per_day))
        shapes = self._shapes(row, rng)
        stories = len(shapes)
        turn, row = turn[:stories], row[:stories]
        originals = self._originals(turn, row, rng)
        followers, story, rewrite = self._follow(originals, row, shapes, rng)
        first = _moments(day, per_day, stories, self.source.hours, rng)
        lags = np.where(rewrite, *(_drawn(self.source.lags[kind], len(story), rng) for kind in (1, 0)))
        outlets = self._outlets(story, stories, rng)
        words = self._furnished(stacked([originals, followers]), outlets, rng)
        titles = texts(
            words, np.concatenate([turn, turn[story]]), self.source.vocabulary,
            self.source.akin <= RENAMED_UP_TO, self._furniture, self.seed,
        )  # fmt: skip
        moments = np.concatenate([first, first[story] + lags * _SECONDS_AN_HOUR])
        ids = ("g" + pl.Series(np.arange(made, made + total)).cast(pl.String).str.zfill(9)).alias("id")
        headlines = pl.concat([self._frame(outlets, titles, moments), standing]).with_columns(ids)
        url = pl.format("https://outlet-{}.example/{}", "outlet_number", "id")
        truth = pl.DataFrame(
            {
                "id_a": ids.gather(story),
                "id_b": ids[stories : stories + len(story)],
                "kind": pl.Series(["copy", "rewrite"]).gather(rewrite.astype(np.int64)),
            }
        )
        return Block(headlines.select("id", "outlet", "title", "published", url.alias("url")), truth), stories

    def _follow(
        self, originals: Ragged, row: Ids, shapes: Ids, rng: np.random.Generator
    ) -> tuple[Ragged, Ids, NDArray[np.bool_]]:
        """Return the words of all copies, then of all rewrites; the story of each; and whether it is a rewrite."""
        copied, rewritten = (np.repeat(np.arange(len(shapes)), shapes[:, kind]) for kind in (0, 1))
        copies = self._rewrite_model.retyped(originals.take(copied), rng)
        rewrites = self._rewrite_model.rewritten(originals.take(rewritten), row[rewritten], rng)
        story = np.concatenate([copied, rewritten])
        return stacked([copies, rewrites]), story, np.arange(len(story)) >= len(copied)

    def _frame(self, outlets: Ids, titles: pl.Series, moments: NDArray[np.float64]) -> pl.DataFrame:
        """Return headlines from outlet numbers, titles, and seconds since ``START``."""
        published = (moments * 1e6).astype(np.int64) + int(START.timestamp() * 1e6)
        return pl.DataFrame(
            {
                "outlet_number": outlets,
                "outlet": self.names.gather(outlets),
                "title": titles,
                "published": pl.Series(published).cast(pl.Datetime("us", "UTC")).dt.truncate("1s"),
            }
        )

    def _flow(self, story: Ids, per_day: float) -> tuple[Ids, Ids]:
        """Return the turn through the source, and the row of its pool, of each story's first headline."""
        pool, places = len(self.source.pool), max(1, round(per_day / self.source.per_day))
        step = max(1.0, self.source.per_day * places / per_day)
        place = story % places
        at = place * (pool // places) + ((story // places) * step).astype(np.int64)
        return at // pool * places + place, at % pool

    def _shapes(self, row: Ids, rng: np.random.Generator) -> Ids:
        """Return the copies and rewrites of the first stories that fill ``len(row)`` headlines, shape (s, 2)."""
        headlines, drawn = len(row), self.source.stories[row]
        drawn = drawn + rng.binomial(drawn, [0, MISSED])
        over = np.maximum(drawn.sum(axis=1) - (self.outlets - 1), 0)  # a story has no more headlines than outlets
        drawn = np.column_stack([drawn[:, 0] - np.minimum(drawn[:, 0], over), drawn[:, 1]])
        drawn[:, 1] = np.minimum(drawn[:, 1], self.outlets - 1)
        until = np.cumsum(1 + drawn.sum(axis=1))
        shapes = drawn[: int(np.searchsorted(until, headlines)) + 1]
        over = int(until[len(shapes) - 1]) - headlines if headlines else 0
        for kind in (0, 1):  # the last story is cut to fit
            less = min(over, int(shapes[-1, kind])) if len(shapes) else 0
            shapes[-1:, kind] -= less
            over -= less
        return shapes

    def _originals(self, turn: Ids, row: Ids, rng: np.random.Generator) -> Ragged:
        """Return the first headline of each story, spliced from headlines of one day of the source."""
        day = turn * self.source.days + self.source.day[row]
        order = np.argsort(day, kind="stable")
        made = spliced(self.source.pool.take(row[order]), np.unique(day[order], return_inverse=True)[1], rng)
        return made.take(np.argsort(order, kind="stable"))

    def _outlets(self, story: Ids, stories: int, rng: np.random.Generator) -> Ids:
        """Return the outlets of first headlines, then of followers; all outlets of a story differ."""
        first = rng.choice(self.outlets, stories, p=self._shares)
        followed, place = np.unique(story, return_inverse=True)
        luck = np.log(self._shares) + rng.gumbel(size=(len(followed), self.outlets))
        luck[np.arange(len(followed)), first[followed]] = -np.inf
        ranked = np.argsort(-luck, axis=1)
        order = np.argsort(place, kind="stable")
        begin = np.searchsorted(place[order], np.arange(len(followed)))
        rank = np.empty(len(story), np.int64)
        rank[order] = np.arange(len(story)) - begin[place[order]]
        return np.concatenate([first, ranked[place, rank]])

    def _furnished(self, headlines: Ragged, outlets: Ids, rng: np.random.Generator) -> Ragged:
        """Add tags before some headlines, and the outlet's name after as many."""
        dice = rng.random(len(headlines))
        tags, tagged = self.source.tags, dice < self.source.tag_share
        named = dice > 1 - self.source.tag_share
        tag = rng.choice(len(tags), int(tagged.sum()), p=tags["share"].to_numpy())
        before = Ragged(-1 - tag, tagged.astype(np.int64))
        behind = Ragged(-1 - len(tags) - outlets[named], named.astype(np.int64))
        return interleaved(before, headlines, behind)

    def _standing(self, day: int, per_day: Ids, rng: np.random.Generator) -> pl.DataFrame:
        """Return standing titles: each outlet has its own few, at a fixed hour."""
        titles = self.source.standing
        count = rng.binomial(per_day, self.source.standing_share if len(titles) else 0)
        days = np.repeat(day + np.arange(len(per_day)), count)
        outlets = rng.choice(self.outlets, len(days), p=self._shares)
        own = np.random.default_rng([self.seed, 0]).integers(max(len(titles), 1), size=(self.outlets, 3))
        title = own[outlets, rng.integers(3, size=len(days))]
        moments = days * _SECONDS_A_DAY + (5 + title % 5 + rng.random(len(days))) * _SECONDS_AN_HOUR
        return self._frame(outlets, titles.gather(title), moments)


def _moments(
    day: int, per_day: Ids, count: int, hours: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return ascending seconds since ``START``, distributed like the headlines of the days and hours."""
    share = np.outer(per_day / per_day.sum(), hours).ravel()
    busy = np.concatenate([[0], np.cumsum(share)])
    drawn = (np.arange(count) + rng.random(count)) / max(count, 1)
    return day * _SECONDS_A_DAY + np.interp(drawn, busy, np.arange(len(busy)) * _SECONDS_AN_HOUR)


def _drawn(values: NDArray[np.float64], count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw from measured values; values below a minute are spread, since equal times would reveal copies."""
    return np.maximum(rng.choice(values, count) if len(values) else np.zeros(count), rng.random(count) / 60)

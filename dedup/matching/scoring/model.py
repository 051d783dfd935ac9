"""The scores: calibrated probabilities that two headlines report the same news, or related news, from their evidence.

Each model is additive: a table of one feature, or of two, gives a part in log-odds; the parts and the base add up, and
the logistic function of the sum is the score. So a score is explained by listing its parts, and evaluated by counting
the edges below the value of each feature, one look-up per table, and a sum. ``python -m benchmarks train`` fits it as
boosted trees of at most two splits (Lou, Caruana, Gehrke, Hooker, "Accurate intelligible models with pairwise
interactions", 2013), which are summed into tables; scoring does not need the library that fits.

Trees without the limit to two features, trained alike, were no better on the labelled pairs (docs/decisions.md), and
could not be explained.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from itertools import accumulate, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.core.file_cache import cached_until_changed
from dedup.core.hashing import true_at
from dedup.errors import CalibrationError, ModelError
from dedup.matching.evidence.bounds import MAX_EDGES, Bounds, PackedTables, ScoreBounds
from dedup.matching.evidence.schema import ROW
from dedup.matching.scoring.calibration import read_calibration

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.matching.evidence.schema import Columns
    from dedup.matching.scoring.calibration import Calibration, ScoreMap
    from dedup.settings import Settings

    Bins = NDArray[np.intp]
    """The bin of each pair's value, one row per feature, and a last row of zeros, shape (features + 1, p)."""

THRESHOLD_NAMES = ("default", "precise", "wide", "related")

_NO_EDGES = np.empty(0, np.float32)
_BLOCK = 1 << 7  # pairs scored at once: their parts of all tables stay in the cache


@dataclass(frozen=True, slots=True)
class Table:
    """Parts in log-odds by the bins of one or two features, shape (bins,) or (bins, bins)."""

    names: tuple[str, ...]
    parts: NDArray[np.float32]

    def maximized_over(self, known: Container[str]) -> Table:
        """Marginalize the table over unknown features by taking the maximum: an upper bound."""
        unknown = tuple(axis for axis, name in enumerate(self.names) if name not in known)
        names = tuple(name for name in self.names if name in known)
        return Table(names, self.parts.max(axis=unknown)) if unknown else self


class FlatTables(NamedTuple):
    """The parts of t tables in one array, so that all are looked up at once: a call of NumPy for each takes longer."""

    first_feature: NDArray[np.intp]  # row of the bins along each table's first axis, shape (t,)
    second_feature: NDArray[np.intp]  # the same for its second axis; the row of zeros where there is none
    part_start: NDArray[np.intp]  # the first part of each table, shape (t,)
    width: NDArray[np.intp]  # length of each table's second axis, 1 where there is none, shape (t,)
    parts: NDArray[np.float32]  # log-odds of all tables, concatenated

    @classmethod
    def of(cls, tables: Sequence[Table], features: Sequence[str]) -> FlatTables:
        """Return tables over the bins of these features."""
        none = len(features)
        rows = [[*map(features.index, table.names), none, none] for table in tables]
        widths = [table.parts.shape[1] if len(table.names) > 1 else 1 for table in tables]
        starts = [0, *accumulate(table.parts.size for table in tables)]
        return cls(
            np.array([row[0] for row in rows]), np.array([row[1] for row in rows]), np.array(starts[:-1]),
            np.array(widths), np.concatenate([table.parts.ravel() for table in tables]),
        )  # fmt: skip

    def look_up(self, bins: Bins) -> NDArray[np.float32]:
        """Return the part of each table for each pair, shape (t, p)."""
        index = bins.take(self.first_feature, axis=0)
        index *= self.width[:, None]
        index += self.part_start[:, None]
        index += bins.take(self.second_feature, axis=0)
        return self.parts.take(index)


@dataclass(frozen=True)
class Additive:
    """The answer to one question about pairs: a sum of tables.

    Attributes:
        base: log-odds of the average pair.
        tables: their parts are added to the base.
        features: those that have bins, in the order of their rows.
    """

    base: float
    tables: tuple[Table, ...]
    features: tuple[str, ...]

    @cached_property
    def flat(self) -> FlatTables:
        """The tables in one array."""
        return FlatTables.of(self.tables, self.features)

    @cached_property
    def summed(self) -> list[Table]:
        """The tables as they are added up, here and in the kernel: fewer and larger, the widest ranges first."""
        return _summed(self.tables)

    @property
    def names(self) -> list[str]:
        """The features of the tables, each once."""
        return list(dict.fromkeys(name for table in self.tables for name in table.names))

    def packed(self, row: Sequence[str], known: Container[str], floor: float) -> PackedTables:
        """Pack the tables for the kernel that bounds the log-odds from above.

        Args:
            row: the names of a row of evidence.
            known: those of them that are known; over the others, the maximum is taken.
            floor: log-odds.
        """
        tables = [table.maximized_over(known) for table in self.tables]
        base = self.base + sum(float(table.parts) for table in tables if not table.names)
        tables = _summed(tables)
        flat = FlatTables.of(tables, row)
        return PackedTables(
            floor=np.float32(floor),
            base=np.float32(base),
            first_feature=flat.first_feature.astype(np.uint32),
            second_feature=flat.second_feature.astype(np.uint32),
            part_start=flat.part_start.astype(np.uint32),
            width=flat.width.astype(np.uint32),
            parts=flat.parts,
            remaining=np.cumsum([0, *(table.parts.max() for table in reversed(tables))], dtype=np.float32)[::-1].copy(),
        )

    def mapped(self, score_map: ScoreMap) -> Additive:
        """Return the model whose log-odds are slope × log-odds + shift: every part is multiplied by the slope."""
        tables = tuple(replace(table, parts=table.parts * np.float32(score_map.slope)) for table in self.tables)
        return replace(self, base=self.base * score_map.slope + score_map.shift, tables=tables)


@dataclass(frozen=True)
class Scorer:
    """The answers to both questions about pairs of one kind, over the same bins.

    Attributes:
        edges: for each feature the upper bounds of all its bins but the last, ascending.
        same_news: whether two headlines report the same news.
        related: whether they report the same news or belong to one running story; it uses no string similarity.
    """

    edges: dict[str, NDArray[np.float32]]
    same_news: Additive
    related: Additive

    def logits(self, columns: Columns) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the log-odds of the same and of related news of each pair, from all evidence columns; shapes (p,)."""
        parts = (self._tables.look_up(bins) for bins in self._bins(columns))
        same_news, related = np.concatenate([part.reshape(-1, 2, part.shape[1]).sum(axis=0) for part in parts], axis=1)
        return same_news, related

    def parts(self, additive: Additive, columns: Columns) -> dict[str, NDArray[np.float32]]:
        """Return the part of each feature in the log-odds of each pair; with the base, the parts add up to them.

        The part of a table of two features is divided equally between them.
        """
        looked_up = np.concatenate([additive.flat.look_up(bins) for bins in self._bins(columns)], axis=1)
        looked_up /= np.array([[len(table.names)] for table in additive.tables], np.float32)
        parts = {name: np.zeros(_length(columns), np.float32) for name in additive.names}
        for table, part in zip(additive.tables, looked_up, strict=True):
            for name in table.names:
                parts[name] += part
        return parts

    @cached_property
    def _tables(self) -> FlatTables:
        """The tables of same and of related news by turns, in the order in which the kernel adds them up.

        First come the bases. Tables that add nothing follow the shorter list.
        """
        listed = (
            [Table((), np.array([additive.base], np.float32)), *additive.summed]
            for additive in (self.same_news, self.related)
        )
        pairs = zip_longest(*listed, fillvalue=Table((), np.zeros(1, np.float32)))
        return FlatTables.of([table for pair in pairs for table in pair], self.same_news.features)

    @cached_property
    def _padded_edges(self) -> NDArray[np.float32]:
        """The edges of each feature, padded with inf, shape (edges, features, 1)."""
        columns = zip_longest(*self.edges.values(), fillvalue=np.inf)
        return np.array(list(columns), np.float32).reshape(-1, len(self.edges), 1)

    def _bins(self, columns: Columns) -> Iterator[Bins]:
        """Yield the bins of some pairs at a time: for each value the number of edges below it."""
        for first in range(0, max(_length(columns), 1), _BLOCK):
            values = np.array([columns[name][first : first + _BLOCK] for name in self.edges])
            bins = np.zeros((len(values) + 1, values.shape[1]), np.intp)
            bins[:-1] = (self._padded_edges < values).sum(axis=0, dtype=np.uint8)
            yield bins

    def bounds(self, floor: float, related_floor: float) -> ScoreBounds:
        """Return upper bounds for pairs whose evidence is not complete.

        The models are additive, so the bounds are exact: pairs that cannot reach a floor need no further evidence.

        Args:
            floor: of the score, 0..1.
            related_floor: of the related score.
        """
        edges = np.full((MAX_EDGES, len(ROW)), np.inf, np.float32)
        for feature, name in enumerate(ROW):
            known = self.edges.get(name, _NO_EDGES)
            edges[: len(known), feature] = known
        same_news = self.same_news.packed(ROW, ROW, _log_odds(floor))
        return ScoreBounds(edges, same_news, self.related.packed(ROW, ROW, _log_odds(related_floor)))

    def mapped(self, calibration: Calibration) -> Scorer:
        """Return the scorer with the log-odds of both questions mapped."""
        same_news, related = self.same_news.mapped(calibration.same_news), self.related.mapped(calibration.related)
        return replace(self, same_news=same_news, related=related)


class Scores(NamedTuple):
    """Both scores of p pairs, 0..1, each of shape (p,)."""

    score: NDArray[np.float32]  # probability of the same news
    related_score: NDArray[np.float32]  # probability of related or the same news, never less than ``score``

    def take(self, rows: NDArray[np.int64]) -> Scores:
        """Return the scores of some pairs."""
        return Scores(self.score[rows], self.related_score[rows])


@dataclass(frozen=True, slots=True)
class Model:
    """Both scores, and where they decide.

    Time is the strongest single feature, so that without it all others weigh differently: two headlines without times
    must agree on more.

    Attributes:
        timed: for pairs with ``hours_apart`` known.
        untimed: for the others.
        thresholds: score from which a pair is a match: ``default``, ``precise`` and ``wide``; related score from which
            it is ``related``.
        provenance: corpora and their digests, date, command, figures.
        digest: twelve hex digits over the file.
    """

    timed: Scorer
    untimed: Scorer
    thresholds: dict[str, float]
    provenance: dict[str, Any]
    digest: str

    def scores(self, columns: Columns) -> Scores:
        """Return both scores of each pair from all evidence columns, each of shape (p,)."""
        score, related_score = np.empty((2, _length(columns)), np.float32)
        for scorer, rows, evidence in self.divided(columns):
            score[rows], related_score[rows] = map(probability, scorer.logits(evidence))
        return Scores(score, np.maximum(score, related_score))

    def divided(self, columns: Columns) -> Iterator[tuple[Scorer, NDArray[np.int64], Columns]]:
        """Yield each scorer with the rows of the pairs that it scores, shape (r,), and their evidence.

        Args:
            columns: evidence columns, each of shape (p,).
        """
        timed = columns["hours_apart"] >= 0
        for scorer, rows in ((self.timed, true_at(timed)), (self.untimed, true_at(~timed))):
            if len(rows) == len(timed) > 0:
                yield scorer, rows, columns
            elif len(rows):
                yield scorer, rows, {name: values[rows] for name, values in columns.items()}

    def bounds(self, floor: float, related_floor: float, *, keeps_related: bool) -> Bounds:
        """Return upper bounds of both scores with these floors; see ``Scorer.bounds``, ``evidence.bounds.Bounds``."""
        timed, untimed = (scorer.bounds(floor, related_floor) for scorer in (self.timed, self.untimed))
        return Bounds(timed, untimed, keeps_related)

    def mapped(self, calibration: Calibration) -> Model:
        """Return the model with the log-odds of both scores mapped."""
        digest = hashlib.blake2b(f"{self.digest} {calibration.digest}".encode(), digest_size=6).hexdigest()
        return replace(
            self, timed=self.timed.mapped(calibration), untimed=self.untimed.mapped(calibration), digest=digest
        )


def probability(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities of log-odds."""
    one = np.float32(1)
    return one / (one + np.exp(-logits))


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values())))


def read_model(text: str, source: str) -> Model:
    """Read a model from the text of its file.

    Args:
        text: JSON.
        source: named in errors.

    Raises:
        ModelError: the text is not a model.
    """
    try:
        data = json.loads(text)
        digest = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
        thresholds = {name: float(data["thresholds"][name]) for name in THRESHOLD_NAMES}
        return Model(_scorer(data["timed"]), _scorer(data["untimed"]), thresholds, data["provenance"], digest)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"not a score model ({error!r}); install dedup again, or train one with python -m benchmarks train"
        raise ModelError(source, reason) from error


def _scorer(data: dict[str, Any]) -> Scorer:
    edges = {name: np.array(bounds, np.float32) for name, bounds in data["edges"].items()}
    for name, bounds in edges.items():
        if len(bounds) > MAX_EDGES or not (np.diff(bounds) > 0).all():
            raise ValueError(f"the edges of {name} do not ascend, or are more than {MAX_EDGES}")
    same_news, related = _additive(data["same_news"], edges), _additive(data["related"], edges)
    if strings := set(related.names) - set(ROW):
        raise ValueError(f"the related score uses {', '.join(sorted(strings))}")
    return Scorer(edges, same_news, related)


def _additive(data: dict[str, Any], edges: dict[str, NDArray[np.float32]]) -> Additive:
    shapes = [[len(edges[name]) + 1 for name in table["of"]] for table in data["tables"]]
    tables = tuple(
        Table(tuple(table["of"]), np.array(table["parts"], np.float32).reshape(shape))
        for table, shape in zip(data["tables"], shapes, strict=True)
    )
    return Additive(float(data["base"]), tables, tuple(edges))


def _summed(tables: Iterable[Table]) -> list[Table]:
    """Sum tables of the same features, and add those of one feature to one of two features that has it.

    Fewer tables are looked up, and the bound is closer, because the maximum of a sum is at most the sum of the maxima:
    with half as many look-ups, as many pairs are dropped.
    """
    sums: dict[tuple[str, ...], NDArray[np.float32]] = {}
    for table in sorted(tables, key=lambda table: -len(table.names)):
        names = tuple(sorted(table.names))
        parts = table.parts if names == table.names else table.parts.T
        wide = next((pair for pair in sums if len(names) == 1 and names[0] in pair), names)
        if len(wide) > len(names):
            parts = np.expand_dims(parts, 1 - wide.index(names[0]))
        sums[wide] = sums[wide] + parts if wide in sums else parts
    summed = [Table(names, np.ascontiguousarray(parts)) for names, parts in sums.items() if names]
    return sorted(summed, key=lambda table: -float(table.parts.max() - table.parts.mean()))


def _log_odds(score: float) -> float:
    """Return the log-odds of a score, a little lower, so that rounding never drops a pair."""
    below_one = min(score, 1 - 1e-7)  # scores above are rounded to 1
    return -math.inf if score <= 0 else math.log(below_one / (1 - below_one)) - 1e-3


def load_model(calibration: str | None = None) -> Model:
    """Return the model that ships with the package, its scores mapped by a calibration if there is one.

    Args:
        calibration: path of a file that ``dedup audit fit`` wrote.

    Raises:
        CalibrationError: the file cannot be used, or was fitted to the scores of another model.
    """
    return _shipped_model() if calibration is None else _calibrated_model(calibration)


@cache
def _shipped_model() -> Model:
    file = resources.files("dedup.matching.scoring").joinpath("model.json")
    return read_model(file.read_text("utf-8"), str(file))


@cached_until_changed
def _calibrated_model(path: str) -> Model:
    """Return the model mapped by a calibration."""
    model, calibration = _shipped_model(), read_calibration(path)
    if calibration.model != model.digest:
        reason = f"fitted to the scores of model {calibration.model}, not {model.digest}; draw and fit again"
        raise CalibrationError(path, reason)
    return model.mapped(calibration)


def related_threshold() -> float:
    """Return the related score from which a pair is related."""
    return load_model().thresholds["related"]


def threshold(settings: Settings) -> float:
    """Return the score from which a pair is a match.

    Examples:
        >>> from dedup.settings import Settings
        >>> threshold(Settings(threshold=0.8))
        0.8
    """
    named = settings.threshold
    return load_model().thresholds[named] if isinstance(named, str) else named

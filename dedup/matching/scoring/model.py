"""The scores: calibrated probabilities that two headlines report the same news, or related news, from their evidence.

Each model is additive: a table of one feature, or of two, gives a part in log-odds; the parts and the base add up, and
the logistic function of the sum is the score. So a score is explained by listing its parts, and evaluated with one
binary search per feature and one look-up per table. ``python -m benchmarks train`` fits it as boosted trees of at most
two splits (Lou, Caruana, Gehrke, Hooker, "Accurate intelligible models with pairwise interactions", 2013), which are
summed into tables; scoring does not need the library that fits.

Trees without the limit to two features, trained alike, were no better on the labelled pairs (docs/decisions.md), and
could not be explained.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.core.hashing import true_at
from dedup.core.parallel import map_in_threads
from dedup.errors import CalibrationError, ModelError
from dedup.matching.evidence.bounds import PackedTables, ScoreBounds
from dedup.matching.evidence.schema import ROW
from dedup.matching.scoring.calibration import read_calibration

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.matching.evidence.schema import Columns
    from dedup.matching.scoring.calibration import ScoreMap
    from dedup.settings import Settings

THRESHOLD_NAMES = ("default", "precise", "wide", "related")

_BLOCK = 1 << 16
_NO_EDGES = np.empty(0, np.float32)


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


@dataclass(frozen=True, slots=True)
class Additive:
    """One additive model.

    Attributes:
        base: log-odds of the average pair.
        edges: for each feature the upper bounds of all its bins but the last, ascending.
        tables: their parts are added to the base.
    """

    base: float
    edges: dict[str, NDArray[np.float32]]
    tables: tuple[Table, ...]

    def logits(self, columns: Columns) -> NDArray[np.float32]:
        """Return the log-odds of each pair, shape (p,), from all evidence columns, each of shape (p,)."""
        count = len(next(iter(columns.values())))
        logits = np.empty(count, np.float32)

        def fill_block(first: int) -> None:
            block = slice(first, first + _BLOCK)
            bins = self._bins({name: columns[name][block] for name in self.edges})
            logit = np.full(len(logits[block]), self.base, np.float32)
            for table in self.tables:
                logit += table.parts[tuple(bins[name] for name in table.names)]
            logits[block] = logit

        map_in_threads(fill_block, range(0, count, _BLOCK))
        return logits

    def packed(self, row: Sequence[str], known: Container[str]) -> PackedTables:
        """Pack the tables for the kernel that bounds the log-odds from above.

        Args:
            row: the names of a row of evidence.
            known: those of them that are known; over the others, the maximum is taken.
        """
        tables = [table.maximized_over(known) for table in self.tables]
        base = self.base + sum(float(table.parts) for table in tables if not table.names)
        tables = sorted(_summed(tables), key=lambda table: -float(table.parts.max() - table.parts.mean()))
        edges = [self.edges.get(name, _NO_EDGES) if name in known else _NO_EDGES for name in row]
        sizes = [table.parts.size for table in tables]
        return PackedTables(
            base=np.float32(base),
            edges=np.concatenate(edges),
            edge_start=np.cumsum([0, *map(len, edges)]),
            first_feature=np.array([row.index(table.names[0]) for table in tables]),
            second_feature=np.array([row.index(table.names[1]) if len(table.names) > 1 else -1 for table in tables]),
            part_start=np.cumsum([0, *sizes])[:-1],
            width=np.array([table.parts.shape[-1] for table in tables]),
            parts=np.concatenate([table.parts.ravel() for table in tables]),
            remaining=np.cumsum([0, *(table.parts.max() for table in reversed(tables))], dtype=np.float32)[::-1],
        )

    def parts(self, columns: Columns) -> dict[str, NDArray[np.float32]]:
        """Return the part of each feature in the log-odds of each pair; with the base, the parts add up to them.

        The part of a table of two features is divided equally between them.
        """
        bins = self._bins({name: columns[name] for name in self.edges})
        parts = {name: np.zeros(len(columns[name]), np.float32) for name in self.edges}
        for table in self.tables:
            part = table.parts[tuple(bins[name] for name in table.names)] / len(table.names)
            for name in table.names:
                parts[name] += part
        return parts

    def mapped(self, score_map: ScoreMap) -> Additive:
        """Return the model whose log-odds are slope × log-odds + shift: every part is multiplied by the slope."""
        tables = tuple(replace(table, parts=table.parts * np.float32(score_map.slope)) for table in self.tables)
        return Additive(self.base * score_map.slope + score_map.shift, self.edges, tables)

    def _bins(self, columns: Columns) -> dict[str, NDArray[np.intp]]:
        """Return the bin of each value, by feature."""
        return {name: self.edges[name].searchsorted(values) for name, values in columns.items()}


@dataclass(frozen=True, slots=True)
class Score:
    """The answer to one question about pairs: an additive model for pairs with both times, one for the others.

    Time is the strongest single feature, so that without it all others weigh differently: two headlines without times
    must agree on more.

    Attributes:
        timed: for pairs with ``hours_apart`` known.
        untimed: for the others.
    """

    timed: Additive
    untimed: Additive

    def probability(self, columns: Columns) -> NDArray[np.float32]:
        """Return the probability of each pair, 0..1, shape (p,), from all evidence columns, each of shape (p,)."""
        one = np.float32(1)
        logits = np.empty(len(columns["hours_apart"]), np.float32)
        for additive, rows, evidence in self.divided(columns):
            logits[rows] = additive.logits(evidence)
        return one / (one + np.exp(-logits))

    def divided(self, columns: Columns) -> Iterator[tuple[Additive, NDArray[np.int64], Columns]]:
        """Yield each additive model with the rows of the pairs that it scores, shape (r,), and their evidence.

        Args:
            columns: all evidence columns, each of shape (p,).
        """
        timed = columns["hours_apart"] >= 0
        for additive, rows in ((self.timed, true_at(timed)), (self.untimed, true_at(~timed))):
            if len(rows) == len(timed) > 0:
                yield additive, rows, columns
            elif len(rows):
                yield additive, rows, {name: columns[name][rows] for name in additive.edges}

    def bounds(self, floor: float) -> ScoreBounds:
        """Return upper bounds for pairs whose evidence is not complete.

        The models are additive, so the bounds are exact: pairs that cannot reach the floor need no further evidence.

        Args:
            floor: a probability, 0..1.
        """
        return ScoreBounds(np.float32(_log_odds(floor)), self.timed.packed(ROW, ROW), self.untimed.packed(ROW, ROW))

    def mapped(self, score_map: ScoreMap) -> Score:
        """Return the score with its log-odds mapped."""
        return Score(self.timed.mapped(score_map), self.untimed.mapped(score_map))

    def of(self, columns: Columns) -> Additive:
        """Return the additive model of the first pair of the columns."""
        return self.timed if columns["hours_apart"][0] >= 0 else self.untimed


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

    Attributes:
        same_news: whether two headlines report the same news.
        related: whether they report the same news or belong to one running story.
        thresholds: score from which a pair is a match: ``default``, ``precise`` and ``wide``; related score from which
            it is ``related``.
        provenance: corpora and their digests, date, command, figures.
        digest: twelve hex digits over the file.
    """

    same_news: Score
    related: Score
    thresholds: dict[str, float]
    provenance: dict[str, Any]
    digest: str

    def scores(self, columns: Columns) -> Scores:
        """Return both scores of each pair from all evidence columns, each of shape (p,)."""
        score = self.same_news.probability(columns)
        return Scores(score, np.maximum(score, self.related.probability(columns)))


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
        same_news, related = (
            Score(*(_additive(data[question][times]) for times in ("timed", "untimed")))
            for question in ("same_news", "related")
        )
        thresholds = {name: float(data["thresholds"][name]) for name in THRESHOLD_NAMES}
        return Model(same_news, related, thresholds, data["provenance"], digest)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"not a score model ({error!r}); install dedup again, or train one with python -m benchmarks train"
        raise ModelError(source, reason) from error


def _additive(data: dict[str, Any]) -> Additive:
    edges = {name: np.array(bounds, np.float32) for name, bounds in data["edges"].items()}
    for name, bounds in edges.items():
        if not (np.diff(bounds) > 0).all():
            raise ValueError(f"the edges of {name} do not ascend")
    shapes = [[len(edges[name]) + 1 for name in table["of"]] for table in data["tables"]]
    tables = tuple(
        Table(tuple(table["of"]), np.array(table["parts"], np.float32).reshape(shape))
        for table, shape in zip(data["tables"], shapes, strict=True)
    )
    return Additive(float(data["base"]), edges, tables)


def _summed(tables: list[Table]) -> list[Table]:
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
    return [Table(names, parts) for names, parts in sums.items() if names]


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
    if calibration is None:
        return _shipped_model()
    try:
        changed = Path(calibration).stat().st_mtime_ns
    except OSError:
        changed = 0  # reading it names the reason
    return _calibrated_model(calibration, changed)


@cache
def _shipped_model() -> Model:
    file = resources.files("dedup.matching.scoring").joinpath("model.json")
    return read_model(file.read_text("utf-8"), str(file))


@lru_cache(maxsize=8)
def _calibrated_model(path: str, _changed: int) -> Model:
    """Return the model mapped by a calibration; the time of the file's last change is part of the cache's key."""
    model, calibration = _shipped_model(), read_calibration(path)
    if calibration.model != model.digest:
        reason = f"fitted to the scores of model {calibration.model}, not {model.digest}; draw and fit again"
        raise CalibrationError(path, reason)
    return replace(
        model,
        same_news=model.same_news.mapped(calibration.same_news),
        related=model.related.mapped(calibration.related),
        digest=hashlib.blake2b(f"{model.digest} {calibration.digest}".encode(), digest_size=6).hexdigest(),
    )


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

"""Verdicts: whether a headline's news is new, its story, its best match and the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, overload

import polars as pl

from dedup.matching.scoring.model import load_model
from dedup.report.evidence_words import reasons

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dedup.matching.evidence.schema import Columns
    from dedup.settings import Settings

_SCHEMA: dict[str, pl.DataType] = {
    "headline_id": pl.String(),
    "story_id": pl.String(),
    "is_new_story": pl.Boolean(),
    "relation": pl.String(),
    "matched_id": pl.String(),
    "score": pl.Float32(),
    "related_story_id": pl.String(),
    "related_score": pl.Float32(),
    "reasons": pl.List(pl.String()),
    "first_outlet": pl.String(),
    "n_outlets": pl.Int64(),
    "known": pl.Boolean(),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to ``add`` or ``check`` for one headline.

    Attributes:
        headline_id: its id.
        story_id: its story: the id of the headline that began it. It never changes for the headlines of a story; when
            two stories merge, the id of the older one stays, and the other id still finds it.
        is_new_story: whether the headline began the story.
        relation: relation to the matched headline: copy or same-news. If it matches nothing in its story: related if
            another story tells of the same running story, else none.
        matched_id: the stored headline of its story that it matches best; None if there is none.
        score: score of that match, 0..1; None if there is none.
        related_story_id: the story of the closest related headline; None with a match, or where none is related.
        related_score: related score of the two, 0..1; None if there is none.
        reasons: the strongest evidence for and against that match in words, each with its part of the log-odds. Without
            a match: the rules by which the stored headline with the highest score is none, if that score would be
            enough (the two state different numbers); else empty. Empty for a headline that was already stored.
        first_outlet: the outlet with the story's earliest known time; None on a tie, or without times.
        n_outlets: number of outlets that have run the story so far.
        known: the headline was already stored; nothing was changed.
    """

    headline_id: str
    story_id: str
    is_new_story: bool
    relation: str
    matched_id: str | None
    score: float | None
    related_story_id: str | None
    related_score: float | None
    reasons: tuple[str, ...]
    first_outlet: str | None
    n_outlets: int
    known: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dict of strings, numbers, booleans, None and a list: serializable as JSON.

        Examples:
            >>> verdict = Verdict("a", "a", True, "none", None, None, None, None, (), None, 0, False)
            >>> verdict.to_dict()["reasons"]
            []
        """
        return asdict(self) | {"reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class Verdicts(Sequence[Verdict]):
    """The verdicts on a batch, in the order of its headlines, each item once.

    Attributes:
        skipped: SKIPPED: records that were not used, or not as they are, and the reasons.
    """

    _verdicts: tuple[Verdict, ...]
    skipped: pl.DataFrame

    @overload
    def __getitem__(self, index: int) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, index: int | slice) -> Verdict | Sequence[Verdict]:
        return self._verdicts[index]

    def __len__(self) -> int:
        return len(self._verdicts)

    @property
    def frame(self) -> pl.DataFrame:
        """One row per headline, the fields of ``Verdict`` as columns."""
        return pl.DataFrame([asdict(verdict) for verdict in self._verdicts], schema=_SCHEMA)


def explain_pairs(evidence: Columns, pairs: NDArray[np.int64], settings: Settings) -> dict[int, tuple[str, ...]]:
    """Return the reasons of some pairs, by their row in the evidence."""
    by_pair: dict[int, tuple[str, ...]] = {}
    columns = {name: values[pairs] for name, values in evidence.items()}
    for scorer, rows, features in load_model(settings.calibration).divided(columns):
        parts = scorer.parts(scorer.same_news, features)
        by_pair |= zip(pairs[rows].tolist(), reasons(features, parts), strict=True)
    return by_pair

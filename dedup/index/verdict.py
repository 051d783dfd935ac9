"""What an index answers: for each headline whether its news is new, which story it is, what it matches and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, overload

import polars as pl

from dedup.core.hashing import true_at
from dedup.matching.scoring.model import load_model
from dedup.report.evidence_words import reasons

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dedup.matching.evidence.schema import Columns

_SCHEMA: dict[str, pl.DataType] = {
    "headline_id": pl.String(),
    "story_id": pl.String(),
    "is_new_story": pl.Boolean(),
    "relation": pl.String(),
    "matched_id": pl.String(),
    "score": pl.Float32(),
    "reasons": pl.List(pl.String()),
    "first_outlet": pl.String(),
    "n_outlets": pl.Int64(),
    "known": pl.Boolean(),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one headline when it has been added (or checked).

    Attributes:
        headline_id: its id.
        story_id: its story: the id of the headline that began it. It never changes for the headlines in it; when two
            stories turn out to be one, the id of the older stays, and the other id still finds it.
        is_new_story: whether it began the story just now.
        relation: to the headline that it matches: copy or same-news; none where it matches nothing in its story.
        matched_id: the remembered headline of its story that it matches best; None where there is none.
        score: of that match, 0..1; None where there is none.
        reasons: what speaks for and against that match most, in words, with the log-odds that each added or took.
            Empty where there is no match, and for a headline that was remembered before.
        first_outlet: who ran the story first: the outlet with the earliest known time; None on a tie, or without times.
        n_outlets: how many outlets have run the story so far.
        known: the headline was remembered before; nothing was changed.
    """

    headline_id: str
    story_id: str
    is_new_story: bool
    relation: str
    matched_id: str | None
    score: float | None
    reasons: tuple[str, ...]
    first_outlet: str | None
    n_outlets: int
    known: bool


@dataclass(frozen=True, slots=True)
class Verdicts(Sequence[Verdict]):
    """The verdicts on a batch: a sequence, in the order in which the headlines came, each item once.

    Attributes:
        skipped: SKIPPED: the records that were not used, or not as they stand, and why.
    """

    _verdicts: tuple[Verdict, ...]
    skipped: pl.DataFrame

    @overload
    def __getitem__(self, place: int) -> Verdict: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, place: int | slice) -> Verdict | Sequence[Verdict]:
        return self._verdicts[place]

    def __len__(self) -> int:
        return len(self._verdicts)

    @property
    def frame(self) -> pl.DataFrame:
        """One row per headline, the fields of ``Verdict`` as columns."""
        return pl.DataFrame([asdict(verdict) for verdict in self._verdicts], schema=_SCHEMA)


def reasons_of(evidence: Columns, pairs: NDArray[np.int64]) -> dict[int, tuple[str, ...]]:
    """The reasons of some pairs, by their place in the evidence."""
    told: dict[int, tuple[str, ...]] = {}
    columns = {name: values[pairs] for name, values in evidence.items()}
    timed = columns["hours_apart"] >= 0
    model = load_model()
    for additive, which in ((model.timed, true_at(timed)), (model.untimed, true_at(~timed))):
        if len(which):
            theirs = {name: values[which] for name, values in columns.items()}
            told |= zip(pairs[which].tolist(), reasons(theirs, additive.parts(theirs)), strict=True)
    return told

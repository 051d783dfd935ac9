"""The content of a report, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dedup.matching.scoring.model import load_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from dedup.coverage import Coverage
    from dedup.matching.scoring.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The frames that reports show.

    Attributes:
        coverage: the coverage, narrowed or not.
        pairs: PAIRS with the evidence, lazy.
        files: FILES.
        skipped: SKIPPED.
        summary: the summary of the run.
        remarks: REMARKS on how inputs were read, or None.
        related: related stories (``story_id``, ``related_id``, ``related_score``, ``hours_apart`` from the beginning of
            the first to that of the second), the closest first, or None.
    """

    coverage: Coverage
    pairs: pl.LazyFrame
    files: pl.DataFrame
    skipped: pl.DataFrame
    summary: Mapping[str, Any]
    remarks: pl.DataFrame | None = None
    related: pl.DataFrame | None = None

    @property
    def model(self) -> Model:
        """The model of the run's scores, with their calibration if there was one."""
        return load_model(self.summary.get("settings", {}).get("calibration"))

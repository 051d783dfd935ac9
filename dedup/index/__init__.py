"""HeadlineIndex: the steps of a scan with persistent state."""

from dedup.index.headline_index import HeadlineIndex
from dedup.index.queries import Stats, Story, Verification
from dedup.index.verdict import Verdict, Verdicts

__all__ = ["HeadlineIndex", "Stats", "Story", "Verdict", "Verdicts", "Verification"]

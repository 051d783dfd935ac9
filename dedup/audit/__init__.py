"""Audit a scan of one's own archive: draw pairs to label, measure accuracy, recalibrate.

Examples:
    >>> from dedup import audit
    >>> pairs = audit.draw("examples/feeds", pairs=40)
    >>> sorted(pairs.columns)[:3]
    ['is_match', 'kind', 'label']
"""

from dedup.audit.draw import draw, draw_from
from dedup.audit.fit import fit
from dedup.audit.report import errors, evaluate
from dedup.audit.sheet import label_page, read_labels, write_pairs

__all__ = ["draw", "draw_from", "errors", "evaluate", "fit", "label_page", "read_labels", "write_pairs"]

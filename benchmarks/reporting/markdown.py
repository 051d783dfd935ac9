"""Markdown tables, and the part of a document that a benchmark rewrites."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are right-aligned.

    Examples:
        >>> print(markdown(["corpus", "recall"], [["a", "0.5"]]))
        | corpus | recall |
        | --- | ---: |
        | a | 0.5 |
    """
    rule = ["---", *("---:" for _ in header[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *rows])


def rewrite(path: Path, mark: str, text: str) -> None:
    """Replace the text between ``<!-- MARK -->`` and ``<!-- /MARK -->`` in a file; append both if it has none."""
    opening, closing = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    old = path.read_text("utf-8") if path.exists() else ""
    before, mark_found, rest = old.partition(opening)
    after = rest.partition(closing)[2] if mark_found else "\n"
    before = before if mark_found or not before else before.rstrip() + "\n\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{before}{opening}\n{text}\n{closing}{after}", "utf-8")

"""Put rendered lines into visual order, for terminals that draw characters in the order of the text.

Such terminals (xterm, Alacritty, foot, the consoles of tmux and editors) draw Arabic from left to right, and letters
without joining them. Here the letters are replaced by their joined forms (arabic-reshaper), and each cell of a line is
reordered by the Unicode bidirectional algorithm (python-bidi). A cell is a unit of its own, as between isolates: its
direction is that of its first letter. In a report in Arabic the order of cells is reversed, and lines end at the right.

The result is for looking at. Copied text has its characters in visual order, therefore pipes and files never get it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_REORDERING = ("VTE_VERSION", "KONSOLE_VERSION", "MLTERM")
_PLAIN = ("XTERM_VERSION", "ALACRITTY_WINDOW_ID", "WT_SESSION", "WEZTERM_PANE", "GHOSTTY_RESOURCES_DIR")
_PLAIN_PROGRAMS = {"vscode", "WezTerm", "ghostty", "Hyper"}
_PLAIN_TERMS = ("foot", "alacritty", "linux", "st-", "rxvt", "xterm-ghostty")


def draws_in_text_order(environment: Mapping[str, str]) -> bool:
    """Return whether the terminal is known to draw characters in the order of the text.

    Terminals name themselves in environment variables. One that is not known is taken to reorder lines itself.

    Examples:
        >>> draws_in_text_order({"TERM": "xterm-256color", "VTE_VERSION": "7200"})
        False
        >>> draws_in_text_order({"TERM": "alacritty"})
        True
    """
    if any(environment.get(name) for name in _REORDERING):
        return False
    if any(environment.get(name) for name in _PLAIN) or environment.get("TERM_PROGRAM") in _PLAIN_PROGRAMS:
        return True
    return environment.get("TERM", "").startswith(_PLAIN_TERMS)


def reorder(lines: Iterable[list[Segment]], *, width: int, rtl: bool) -> Iterator[list[Segment]]:
    """Yield lines in visual order.

    Args:
        lines: lines of segments in the order of the text, each segment a cell or blanks.
        width: columns of the terminal; lines of a right-to-left report end at its right edge.
        rtl: whether the report runs from right to left.
    """
    for line in lines:
        cells = [part for segment in line for part in _visual(segment, rtl=rtl)]
        if rtl:
            room = width - sum(cell_len(cell.text) for cell in cells)
            yield [Segment(" " * max(0, room)), *reversed(cells)]
        else:
            yield cells


def _visual(segment: Segment, *, rtl: bool) -> list[Segment]:
    """Reorder a cell; blanks around it keep their side in the order of the text, and its width stays the same."""
    text, style, _ = segment
    core = text.strip(" ")
    if not core:
        return [segment]
    before, _, after = text.partition(core)
    drawn = _display(core)
    # A ligature is one column where its letters were two.
    missing = " " * (cell_len(core) - cell_len(drawn))
    drawn = missing + drawn if rtl else drawn + missing
    return [Segment(part, style) for part in (before, drawn, after) if part]


def _display(text: str) -> str:
    """Join the letters of a text and put it into visual order; texts without right-to-left letters stay the same."""
    from arabic_reshaper import reshape  # noqa: PLC0415 - an extra
    from bidi.algorithm import get_display  # noqa: PLC0415 - bidi.get_display does not mirror brackets

    return text if text.isascii() else str(get_display(reshape(text)))

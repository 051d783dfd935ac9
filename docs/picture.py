"""The picture of the report in the README: ``python docs/picture.py`` runs the command and writes ``docs/report.svg``.

rich draws a grid of cells of one width, which pulls joined Arabic letters apart. The report ends each line with its
only stretch of Arabic, so that stretch is drawn here at its own width, from right to left.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
COMMAND = ("scan", "examples/feeds", "--top", "4")
WIDTH = 118
CELL = 12.2
"""The width of a cell in the units of rich's picture: letters of 20 units, of which 0.61 is the advance."""

_TEXT = re.compile(
    r'<text class="([^"]*)" x="([^"]*)" y="([^"]*)" textLength="([^"]*)" clip-path="[^"]*">(.*?)</text>', re.DOTALL
)
_ARABIC_BEGINS = re.compile(r'["«(]*[\u0600-\u06ff]')
_PAGE = """<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px; white-space: pre;
}}
.{unique_id}-title {{ font-family: sans-serif; font-size: 18px; }}
{styles}
</style>
{chrome}
<g class="{unique_id}-matrix" transform="translate({terminal_x}, {terminal_y})">
{matrix}
</g>
</svg>
"""


def main() -> None:
    """Run the command as in a terminal, and draw what it prints."""
    printed = subprocess.run(  # noqa: S603 - this project's own command
        [sys.executable, "-m", "dedup", *COMMAND],
        cwd=ROOT,
        env=os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    ).stdout
    console = Console(record=True, width=WIDTH, file=io.StringIO(), color_system="truecolor")
    console.print(Text.from_ansi(printed))
    svg = console.export_svg(title=f"dedup {' '.join(COMMAND)}", code_format=_PAGE, unique_id="report")
    svg = "\n".join(line for line in _TEXT.sub(_drawn, svg).splitlines() if line.strip())
    (ROOT / "docs" / "report.svg").write_text(svg + "\n", encoding="utf-8")


def _drawn(match: re.Match[str]) -> str:
    """A stretch of the line: what is Latin fills its cells, what is Arabic follows."""
    style, x, y, length, escaped = match.groups()
    text = escaped.replace("&#160;", " ").rstrip()
    begins = _ARABIC_BEGINS.search(unescape(text))
    if not text:
        return ""
    if not begins:
        return f'<text class="{style}" x="{x}" y="{y}" textLength="{length}">{escaped}</text>\n'
    cells = begins.start()
    latin, arabic = unescape(text)[:cells], unescape(text)[cells:]
    at = float(x) + cells * CELL
    drawn = f'<text class="{style}" x="{at:g}" y="{y}" direction="rtl" text-anchor="end">{_escaped(arabic)}</text>\n'
    if latin.strip():
        width = f"{cells * CELL:g}"
        drawn = f'<text class="{style}" x="{x}" y="{y}" textLength="{width}">{_escaped(latin)}</text>\n{drawn}'
    return drawn


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(" ", "&#160;")


if __name__ == "__main__":
    main()

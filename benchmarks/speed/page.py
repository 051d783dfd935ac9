"""Measure the HTML report in Chromium: ``python -m benchmarks page [--data DIR] [--axe FILE]``.

For the examples and, with ``--data``, each corpus: the seconds that rendering takes, the size of the file, the
milliseconds from opening it to its being ready for use, those of the first search (which folds all titles) and of a
later one (each without the pause of 120 ms in which typing is awaited), and the memory of its script; the median of the
rounds. Chromium, its driver (``apt-get install chromium-driver``) and ``pip install -e ".[test]"`` are needed.

With ``--axe``, the path of ``axe.min.js`` (``npm pack axe-core``), it also counts the violations of accessibility rules
that axe finds in each view of the examples' page, both languages, and in the page to label pairs of an audit: desktop
and phone, light and dark, with a story open.
The exit code is 1 if there is one. A full run rewrites the table in ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selenium import webdriver

import dedup
from benchmarks.data import corpora
from benchmarks.reporting import runs
from benchmarks.reporting.markdown import markdown
from dedup import audit

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = ("ar", "en")
DESKTOP, PHONE = (1366, 900), (360, 740)
VIEWS = ("#view=overview", "#view=stories", "#view=stories&story=0", "#view=exclusives", "#view=outlets", "#view=notes")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Tags of axe's rules: WCAG 2.2 up to level AA, and axe's best practices."""

_TYPING = 120  # milliseconds for which the page waits for further letters
_WATCH = """
new MutationObserver((_, watch) => {
  if (document.documentElement?.dataset.ready) { window.readyAfter = performance.now(); watch.disconnect(); }
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-ready"] });
"""
_SEARCH = """
const [query, done] = arguments, box = document.getElementById("q"), before = location.hash, began = performance.now();
box.value = query;
box.dispatchEvent(new Event("input"));
const wait = () => (location.hash === before ? setTimeout(wait, 1) : done(performance.now() - began));
wait();
"""
_AXE = """
const [tags, done] = arguments;
axe.run({ runOnly: tags }).then((results) => done(results.violations.map(
  (rule) => [rule.id, rule.nodes.length, rule.nodes[0].target.join(" ")])));
"""


@contextmanager
def browser(width: int, height: int, scheme: str = "light") -> Iterator[Any]:
    """Start headless Chromium with a viewport and a colour scheme."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
        driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
        driver.set_script_timeout(60)
        yield driver
    finally:
        driver.quit()


def visit(driver: Any, page: Path, fragment: str = "") -> float:  # noqa: ANN401 - selenium has no types
    """Open a page anew; return the milliseconds until it was ready."""
    driver.get("about:blank")
    driver.get(page.as_uri() + fragment)
    end = time.monotonic() + 120
    while not driver.execute_script("return window.readyAfter"):
        if time.monotonic() > end:
            raise TimeoutError(f"{page} was not ready after two minutes")
        time.sleep(0.05)
    return float(driver.execute_script("return window.readyAfter"))


def measure(page: Path, rounds: int) -> list[str]:
    """Return milliseconds until ready, of the first and of a later search, and the megabytes of the script's heap."""
    figures: list[tuple[float, ...]] = []
    for _ in range(rounds):
        with browser(*DESKTOP) as driver:
            ready = visit(driver, page, "#view=stories")
            first, later = (driver.execute_async_script(_SEARCH, query) - _TYPING for query in ("الرئيس", "وزير"))
            driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
            heap = driver.execute_cdp_cmd("Runtime.getHeapUsage", {})["usedSize"] / 1e6
            figures.append((ready, first, later, heap))
    return [f"{statistics.median(column):,.0f}" for column in zip(*figures, strict=True)]


def find_violations(pages: dict[str, Path], axe: Path) -> tuple[int, list[tuple[str, ...]]]:
    """Run axe on every view; return the number of runs and the violations, as page, view, rule, nodes, first node."""
    source, found, checked = axe.read_text(encoding="utf-8"), [], 0
    for size in (DESKTOP, PHONE):
        for scheme in ("light", "dark"):
            with browser(*size, scheme) as driver:
                for language, page in pages.items():
                    for view in VIEWS if language in LANGUAGES else ("",):
                        visit(driver, page, view)
                        driver.execute_script(source)
                        checked += 1
                        for rule, nodes, target in driver.execute_async_script(_AXE, RULES):
                            found.append((f"{language} {size[0]} px {scheme}", view, rule, str(nodes), target))
    return checked, found


def main() -> int:
    """Run, and print a table, and the violations of accessibility rules."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser, required=False)
    parser.add_argument("--corpora", default="saudi2015,egypt2013", help="corpora, separated by commas")
    parser.add_argument("--rounds", type=int, default=3, help="times that each page is opened")
    parser.add_argument("--axe", type=Path, metavar="FILE", help="axe.min.js, to check accessibility")
    runs.add_output(parser)
    args = parser.parse_args()
    sources = {"examples": runs.ROOT / "examples" / "feeds"}
    if args.data:
        sources |= {name: args.data / f"{name}.jsonl.gz" for name in args.corpora.split(",")}
    rows, violations = [], None
    with tempfile.TemporaryDirectory() as folder:
        for name, path in sources.items():
            result = dedup.scan(path)
            began = time.perf_counter()
            text = result.to_html()
            seconds = time.perf_counter() - began
            page = Path(folder) / f"{name}.html"
            page.write_text(text, encoding="utf-8")
            size = page.stat().st_size / 1e6
            counts = [f"{result.summary['counts']['headlines']:,}", f"{result.stories.height:,}"]
            rows.append(
                [name, *counts, f"{seconds:.1f}", f"{size:.2f}", *measure(page, 1 if args.quick else args.rounds)]
            )
        if args.axe:
            pages = {name: Path(folder) / f"{name}.html" for name in (*LANGUAGES, "audit")}
            result = dedup.scan(sources["examples"], runs.ROOT / "examples" / "messy")
            for language in LANGUAGES:
                pages[language].write_text(result.to_html(language=language), encoding="utf-8")
            audit.write_pairs(audit.draw(sources["examples"], pairs=20), pages["audit"])
            checked, violations = find_violations(pages, args.axe)
    titles = ["page", "headlines", "stories", "rendered s", "MB", "ready ms", "first search ms", "search ms", "heap MB"]
    figures = runs.provenance(quick=args.quick) | {"rows": [dict(zip(titles, row, strict=True)) for row in rows]}
    parts = [runs.heading(figures), markdown(titles, rows)]
    if violations is not None:
        figures |= {"axe": {"views": checked, "violations": violations}}
        parts.append(f"axe: {len(violations)} violations in {checked} views ({', '.join(RULES)}).")
        parts += [markdown(["page", "view", "rule", "nodes", "first node"], violations)] if violations else []
    runs.record("page", figures, "\n\n".join(parts), None, output=args.output)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())

"""Measure the gain from a corpus's own word counts: ``python -m benchmarks counts --data DIR``.

For each corpus in turn, the background is counted and the score trained on the other corpora; the corpus is then judged
with that background, and with a background that also counts the whole corpus. A scan cannot have the second for its
first headline, since evidence only looks back, so the difference is an upper bound of the gain.
"""

from __future__ import annotations

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from benchmarks.data import corpora
from benchmarks.reporting.markdown import markdown
from benchmarks.training import background_words, train
from benchmarks.training.labelled_evidence import labelled_evidence
from dedup.arabic import word_frequencies
from dedup.settings import Settings

FIGURES = ("ap", "precision", "recall", "r_at_p90", "r_at_p95")


def evidence_with_background(data: Path, name: str, table: Path) -> pl.DataFrame:
    """Return the labelled evidence of a corpus under another background table.

    Must run in a fresh process: the table is read once per process.
    """
    word_frequencies._FILE = str(table)
    pairs = labelled_evidence(data, name, Settings())
    return pairs.with_columns(within=pl.col("same_outlet") > 0, hours=pl.col("hours").fill_null(72.0))


def compare(data: Path, name: str, others: list[str], folder: Path) -> list[list[str]]:
    """Return one row judged with the background of the other corpora, and one with the corpus counted too."""
    of_others, of_all = folder / f"without-{name}.parquet", folder / "all.parquet"
    for table, counted in ((of_others, others), (of_all, [*others, name])):
        background_words.write([data / f"{corpus}.jsonl.gz" for corpus in counted], table, background_words.LEAST, "")
    tasks = [(corpus, of_others) for corpus in others] + [(name, of_others), (name, of_all)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        results = [pool.submit(evidence_with_background, data, *task) for task in tasks]
        *training, without_own, with_own = [result.result() for result in results]
    names = [column for column in training[0].columns if column not in train.LABELS]
    softened = train.soften(pl.concat(training, how="diagonal_relaxed"), names)
    model = train.fit_timed(softened, names)
    limit = train.thresholds(model.scores, softened)["default"]
    rows = []
    for counts, pairs in (("of the others", without_own), ("and its own", with_own)):
        figures = train.judge(model, data, name, pairs, limit)
        rows.append([name, counts, *(f"{figures[figure]:.3f}" for figure in FIGURES)])
    return rows


def main() -> None:
    """Compare and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    data = parser.parse_args().data
    found = corpora.names(data)
    rows = []
    with TemporaryDirectory() as folder:
        for name in found:
            rows += compare(data, name, [other for other in found if other != name], Path(folder))
    print(markdown(["judged", "counts", *FIGURES], rows))


if __name__ == "__main__":
    main()

"""What a corpus's own counts of words are worth: ``python -m benchmarks counts --data DIR``.

For each corpus in turn, the background is counted on the others and the score is trained on them; then the corpus is
judged twice: its words weighed by that background alone, and by one that counts the corpus too, all of it. No scan
could do the second for its first headline, since evidence looks back only: it is the most that own counts can be worth.
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
from benchmarks.training.labelled_evidence import labelled
from dedup.arabic import word_frequencies as shipped
from dedup.settings import Settings

FIGURES = ("ap", "precision", "recall", "r_at_p90", "r_at_p95")


def weighed(data: Path, name: str, table: Path) -> pl.DataFrame:
    """The labelled evidence of a corpus with another background; for a process that has not read one yet."""
    shipped._FILE = str(table)
    pairs = labelled(data, name, Settings())
    return pairs.with_columns(within=pl.col("same_outlet") > 0, hours=pl.col("hours").fill_null(72.0))


def compared(data: Path, name: str, others: list[str], folder: Path) -> list[list[str]]:
    """A row for the background of the others, and one for that and the corpus's own counts."""
    of_others, of_all = folder / f"without-{name}.parquet", folder / "all.parquet"
    for table, counted in ((of_others, others), (of_all, [*others, name])):
        background_words.write([data / f"{corpus}.jsonl.gz" for corpus in counted], table, background_words.LEAST, "")
    asked = [(corpus, of_others) for corpus in others] + [(name, of_others), (name, of_all)]
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh, max_tasks_per_child=1) as pool:
        *known, alone, own = [pool.submit(weighed, data, corpus, table).result() for corpus, table in asked]
    names = [column for column in known[0].columns if column not in train.LABELS]
    taught = train.softened(pl.concat(known, how="diagonal_relaxed"), names)
    model = train.fit_timed(taught, names)
    limit = train.thresholds(model.scores, taught)["default"]
    rows = []
    for what, pairs in (("of the others", alone), ("and its own", own)):
        figures = train.judge(model, data, name, pairs, limit)
        rows.append([name, what, *(f"{figures[figure]:.3f}" for figure in FIGURES)])
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    data = parser.parse_args().data
    found = corpora.names(data)
    rows = []
    with TemporaryDirectory() as folder:
        for name in found:
            rows += compared(data, name, [other for other in found if other != name], Path(folder))
    print(markdown(["judged", "counts", *FIGURES], rows))


if __name__ == "__main__":
    main()

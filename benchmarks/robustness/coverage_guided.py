"""Coverage-guided fuzzing of the readers with Atheris (libFuzzer)."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

from benchmarks.robustness.mutations import Seed

with atheris.instrument_imports(include=["dedup.feeds"]):
    from benchmarks.robustness.fuzz import MEGABYTES, SECONDS, read_one, save

if TYPE_CHECKING:
    import argparse


def run(seeds: list[Seed], options: argparse.Namespace) -> int:
    """Fuzz for the given minutes; libFuzzer saves the input of a crash, a hang or too much memory."""
    names = sorted({Path(seed.name).suffix for seed in seeds})
    folder = Path(tempfile.mkdtemp(prefix="dedup-fuzz-"))
    corpus = folder / "corpus"
    corpus.mkdir()
    for seed in seeds:
        # The first byte chooses the suffix.
        save(Seed("seed", bytes([names.index(Path(seed.name).suffix)]) + seed.data), corpus)

    def read(data: bytes) -> None:
        if not data:
            return
        seed = Seed(f"input{names[data[0] % len(names)]}", data[1:])
        outcome = read_one(seed, folder)
        if outcome.fault:
            raise RuntimeError(f"{outcome.fault}; saved as {save(seed, options.findings)}")

    limits = [
        f"-max_total_time={int(60 * options.minutes)}",
        f"-timeout={int(4 * SECONDS)}",
        f"-rss_limit_mb={4 * MEGABYTES}",
    ]
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    atheris.Setup([sys.argv[0], *limits, str(corpus)], read)
    atheris.Fuzz()
    return 0

"""Command line of the benchmarks: ``python -m benchmarks COMMAND [OPTIONS]``.

Exit codes: 0 done, 1 failed or below a floor, 2 usage, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys

from dedup.errors import DedupError

COMMANDS = {
    "data": ("data.build", "build the data folder from clones of public repositories"),
    "labels": ("data.describe", "labelled pairs of each corpus, and the candidates that they stand for"),
    "judge": ("quality.judge", "figures of any tool's scored pairs on labels drawn from all candidates"),
    "leaderboard": ("quality.leaderboard", "dedup beside recipes and embeddings, on labels of all candidates"),
    "tables": ("reporting.tables", "rewrite every table of the documents, one command after the other"),
    "gate": ("quality.gate", "fails when accuracy falls below the pinned floors"),
    "linkage": ("quality.linkage", "clusterings of the same matches into stories, compared"),
    "blocking": ("quality.blocking", "recall and number of candidates of each blocking rule"),
    "damage": ("quality.damaged_feeds", "items lost from damaged feeds, read by dedup and by feedparser"),
    "fuzz": ("robustness.fuzz", "mutated inputs of every format: exceptions, seconds, memory, items lost in silence"),
    "titles": ("quality.titles_only", "accuracy where only titles are given, beside the usual similarities"),
    "alternatives": ("training.alternatives", "other models of the score, compared"),
    "corpus": ("generator.generate", "generate a corpus of any size with planted copies and rewrites"),
    "speed": ("speed.stages", "seconds, memory and results of each stage of a scan, of start-up and of reading"),
    "libraries": ("speed.libraries", "dedup beside comparable libraries: seconds, memory, accuracy"),
    "page": (
        "speed.page",
        "the HTML report in Chromium: size, time until ready and of a search, accessibility",
    ),
    "scale": ("speed.scale", "how seconds and memory grow with the number of headlines"),
    "cluster": ("speed.cluster", "processor time, memory and bytes of the tasks of a distributed scan"),
    "ingest": ("speed.ingest", "latency and memory of an index beside datasketch, in memory and on Redis"),
    "writers": ("speed.writers", "how long single additions of several processes wait for each other"),
    "ablation": ("training.ablation", "loss from leaving out each family of evidence"),
    "train": ("training.train", "train the score models"),
    "background": ("training.background_words", "count the table of word frequencies"),
    "vectors": ("training.word_vectors", "distil the table of word vectors from a sentence encoder"),
}
"""Module and summary of each command."""


def main() -> int:
    """Run the command named by the first argument and return its exit code; list the commands if there is none.

    What stops a command without being a fault of it ends in one line: an interruption, a missing library of the bench
    extra, input that cannot be read. A reader that closes the pipe early, as ``head`` does, ends it in silence.
    """
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        wants_help = len(sys.argv) > 1 and sys.argv[1] in ("-h", "--help")
        width = max(map(len, COMMANDS))
        lines = [f"  {name:{width}}  {summary}" for name, (_, summary) in COMMANDS.items()]
        usage = "\n".join(["usage: python -m benchmarks COMMAND [OPTIONS]", *lines])
        print(usage, file=sys.stdout if wants_help else sys.stderr)
        return 0 if wants_help else 2
    name = sys.argv[1]
    module, _ = COMMANDS[name]
    sys.argv = [f"python -m benchmarks {name}", *sys.argv[2:]]
    try:
        return int(importlib.import_module(f"benchmarks.{module}").main() or 0)
    except KeyboardInterrupt:
        return _stop(f"python -m benchmarks {name}: interrupted; nothing was recorded", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes stdout at exit
        return 1
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("benchmarks", "dedup"):
            raise
        return _stop(f'python -m benchmarks {name} needs {error.name}: pip install -e ".[bench,test]"', 1)
    except DedupError as error:
        return _stop(f"python -m benchmarks {name}: {error}", 1)


def _stop(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())

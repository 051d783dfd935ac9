"""The benchmarks as commands: ``python -m benchmarks quality --data DIR``, and so on for those below."""

from __future__ import annotations

import importlib
import sys

COMMANDS = {
    "quality": "accuracy of dedup beside the usual recipes, on any labelled corpus",
    "gate": "fails when accuracy falls below the pinned floors",
    "linkage": "ways to make stories of the same matches, compared",
    "blocking": "what the ways to propose candidates find, and how many candidates they make",
    "damage": "what damaged feeds cost, read by dedup and by feedparser",
    "bare": "accuracy where only titles are known, beside the usual similarities",
    "alternatives": "what else the score might have been, compared",
    "corpus": "headlines like a real corpus's, as many as asked for, with planted copies and rewrites",
    "speed": "each stage of a scan, start-up and reading: seconds, memory, and what was found",
    "peers": "dedup beside the usual libraries: seconds, memory, accuracy",
    "scale": "how seconds and memory grow with the headlines",
    "ingest": "what remembering costs: an index beside datasketch, in memory and on Redis",
    "train": "train the score",
    "background": "count the background table of words",
    "counts": "what a corpus's own counts of words are worth",
}


def main() -> int:
    """Run the module that the first argument names, with the other arguments."""
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        asked = len(sys.argv) > 1 and sys.argv[1] in ("-h", "--help")
        width = max(map(len, COMMANDS))
        lines = [f"  {name:{width}}  {what}" for name, what in COMMANDS.items()]
        usage = "\n".join(["usage: python -m benchmarks COMMAND [OPTIONS]", *lines])
        print(usage, file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    name = sys.argv[1]
    sys.argv = [f"python -m benchmarks {name}", *sys.argv[2:]]
    return int(importlib.import_module(f"benchmarks.{name}").main() or 0)


if __name__ == "__main__":
    sys.exit(main())

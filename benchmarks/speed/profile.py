"""Profile one scan and print its functions as JSON: ``python -m benchmarks.speed.profile PATH...``.

``cProfile`` adds a cost to every Python call. A scan over columns makes few calls, reading feeds makes many, so reading
seems slower than it is. Threads and reading processes are not profiled: their time appears in the function that waits
for them.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import sys
from pathlib import Path

import dedup

PACKAGE = Path(dedup.__file__).parent


def steps(profile: cProfile.Profile) -> list[dict[str, float | str]]:
    """Return every function of the package by its cumulative seconds, the longest first, with its number of calls."""
    entries: list[dict[str, float | str]] = []
    stats = pstats.Stats(profile)
    for (file, _, function), (_, calls, _, cumulative, _) in stats.stats.items():  # type: ignore[attr-defined] # no stubs
        path = Path(file)
        if PACKAGE in path.parents:
            name = ".".join([*path.relative_to(PACKAGE).with_suffix("").parts, function])
            entries.append({"step": name, "seconds": round(cumulative, 3), "calls": calls})
    return sorted(entries, key=lambda entry: -float(entry["seconds"]))


def main() -> int:
    """Scan the paths under the profiler and print the profile."""
    profile = cProfile.Profile()
    result = profile.runcall(dedup.scan, *sys.argv[1:])
    figures = {
        "stages": result.summary["seconds"],
        "steps": steps(profile),
        "peak_mb": result.summary["peak_memory_mb"],
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())

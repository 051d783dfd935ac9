"""Where a scan's time goes: ``python -m benchmarks.steps PATH...`` profiles one scan and prints JSON.

``cProfile`` counts calls of Python, of which a scan over columns makes few; reading feeds makes many, so that reading
seems slower here than it is. Threads of the package and processes that read are not followed: what they do appears as
time in the function that waits for them.
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
    """Every function of the package, by the seconds in it and all that it calls, with its own and library calls."""
    entries: list[dict[str, float | str]] = []
    found = pstats.Stats(profile)
    for (file, _, function), (_, calls, _, whole, _) in found.stats.items():  # type: ignore[attr-defined] # no stubs
        path = Path(file)
        if PACKAGE in path.parents:
            name = ".".join([*path.relative_to(PACKAGE).with_suffix("").parts, function])
            entries.append({"step": name, "seconds": round(whole, 3), "calls": calls})
    return sorted(entries, key=lambda entry: -float(entry["seconds"]))


def main() -> int:
    """Scan under the profiler."""
    profile = cProfile.Profile()
    result = profile.runcall(dedup.scan, *sys.argv[1:])
    told = {"stages": result.summary["seconds"], "steps": steps(profile), "peak_mb": result.summary["peak_memory_mb"]}
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())

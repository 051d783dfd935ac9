"""Build the data folder from git clones: ``python -m benchmarks data --from CLONES --out DIR``.

Writes ``NAME.jsonl.gz`` (headlines), ``labels/NAME.tsv`` and ``silver/NAME.tsv.gz`` for each corpus. CLONES holds
plain clones of the public repositories that ``--list`` names; each is read at the stated commit, whatever is checked
out. Labels and silver ship with the benchmarks (``benchmarks/labels/``); headlines do not, for they are the outlets'.

A corpus whose clone is missing is skipped with the command that makes the clone. The SHA-256 of every content is
compared with the one stated in ``benchmarks/data/digests.json``.

Exit codes: 0 all corpora built, digests equal · 1 a corpus is missing or differs · 2 usage.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import lzma
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.data.article_corpora import egypt2013, saudi2015
from benchmarks.data.collected_corpora import mena2026, mixed2026
from benchmarks.data.git_clone import CloneError
from benchmarks.data.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LABELS = Path(__file__).parents[1] / "labels"
DIGESTS: dict[str, str] = json.loads(Path(__file__).with_name("digests.json").read_text("utf-8"))
"""SHA-256 of the uncompressed content of each file of the data folder, by path."""

BUILDERS: dict[str, Callable[[Path], Iterable[dict[str, Any]]]] = {
    "egypt2013": egypt2013,
    "saudi2015": saudi2015,
    "mena2026": mena2026,
    "mixed2026": mixed2026,
}


def build(name: str, clones: Path) -> dict[str, bytes]:
    """Build the files of one corpus.

    Args:
        name: name of the corpus.
        clones: folder with the clones.

    Returns:
        Uncompressed contents by path in the data folder.

    Raises:
        CloneError: a clone is missing or incomplete.
    """
    rows = BUILDERS[name](clones)
    lines = (json.dumps(row, ensure_ascii=False, separators=(", ", ": ")) + "\n" for row in rows)
    files = {f"{name}.jsonl.gz": "".join(lines).encode()}
    files[f"labels/{name}.tsv"] = (LABELS / f"{name}.tsv").read_bytes()
    silver = LABELS / "silver" / f"{name}.tsv.xz"
    if silver.exists():
        files[f"silver/{name}.tsv.gz"] = lzma.decompress(silver.read_bytes())
    return files


def write(files: dict[str, bytes], folder: Path) -> list[str]:
    """Write files, compressing those whose path ends in ``.gz``, and return the paths whose digest is not as stated."""
    different = []
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.compress(content, mtime=0) if path.endswith(".gz") else content)
        lines, digest = content.count(b"\n"), hashlib.sha256(content).hexdigest()
        equal = digest == DIGESTS.get(path)
        print(f"{path}: {lines:,} lines, sha256 {digest[:12]}, {'as stated' if equal else 'NOT as stated'}")
        if not equal:
            different.append(path)
    return different


def sources_text() -> str:
    """Return what to clone for each corpus, and what its licence permits."""
    lines = ["Clone into one folder; headlines remain the outlets'."]
    for name, sources in SOURCES.items():
        lines.append(f"\n{name}")
        for source in sources:
            lines += [f"  {source.command}", f"    read at {source.commit}", f"    {source.licence}: {source.permits}"]
    return "\n".join(lines)


def main() -> int:
    """Build the corpora whose clones are there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="clones", type=Path, help="folder with the clones")
    parser.add_argument("--out", type=Path, help="folder to write the data to")
    parser.add_argument("--only", action="append", choices=list(BUILDERS), help="build this corpus only (repeatable)")
    parser.add_argument("--list", action="store_true", help="print what to clone and what each licence permits")
    args = parser.parse_args()
    if args.list:
        print(sources_text())
        return 0
    if args.clones is None or args.out is None:
        parser.error("--from and --out are required (or --list)")
    problems = []
    for name in args.only or BUILDERS:
        try:
            files = build(name, args.clones)
        except CloneError as error:
            problems.append(f"{name}: {error}")
            continue
        problems += [f"{path}: content differs from the stated digest" for path in write(files, args.out)]
    print("\n".join(problems), end="\n" if problems else "", file=sys.stderr)
    return 1 if problems else 0

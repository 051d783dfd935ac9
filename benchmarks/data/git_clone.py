"""Read files of a git clone at a stated commit, without touching its work tree."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class CloneError(Exception):
    """A clone is missing, or lacks the commit that a corpus is built from; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a file: time of its commit (ISO, with zone) and hash of its content."""

    time: str
    blob: str


@dataclass(frozen=True, slots=True)
class Clone:
    """A git clone read at one commit.

    Attributes:
        path: folder of the clone; a bare repository also works.
        commit: commit to read, 40 hex digits.
    """

    path: Path
    commit: str

    def files(self, folder: str = "") -> dict[str, str]:
        """Return the hash of each file's content below ``folder``, by path."""
        listing = self._git("ls-tree", "-r", "-z", self.commit, "--", *([folder] if folder else []))
        entries = (entry.split(b"\t", 1) for entry in listing.split(b"\0") if entry)
        return {name.decode("utf-8", "replace"): meta.split()[2].decode() for meta, name in entries}

    def versions(self, path: str) -> list[Version]:
        """Return all versions of a file up to the commit, the oldest first."""
        log = self._git(
            "log", "--reverse", "--raw", "--no-abbrev", "--no-renames", "--format=>%cI", self.commit, "--", path
        )
        versions, time = [], ""
        for line in log.decode("utf-8", "replace").split("\n"):
            if line.startswith(">"):
                time = line[1:]
            elif line.startswith(":") and set(blob := line.split()[3]) != {"0"}:
                versions.append(Version(time, blob))
        return versions

    def contents(self, blobs: Iterable[str]) -> Iterator[bytes]:
        """Yield the content of each blob, in order.

        Raises:
            CloneError: the clone lacks a blob, as partial and shallow clones do.
        """
        command = ["git", "-C", str(self.path), "cat-file", "--batch"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            if process.stdin is None or process.stdout is None:  # pragma: no cover - both are pipes
                raise CloneError("git cat-file has no pipes")
            for blob in blobs:
                process.stdin.write(f"{blob}\n".encode())
                process.stdin.flush()
                header = process.stdout.readline().split()
                if len(header) < 3:
                    raise CloneError(f"{self.path} lacks {blob}; clone it in full (no --depth, no --filter)")
                content = process.stdout.read(int(header[2]))
                process.stdout.read(1)
                yield content
            process.stdin.close()

    def _git(self, *words: str) -> bytes:
        """Return the output of a git command.

        Raises:
            CloneError: git fails, because the folder is no clone or lacks the commit.
        """
        command = ["git", "-C", str(self.path), "-c", "core.quotepath=off", *words]
        ran = subprocess.run(command, capture_output=True, check=False)
        if ran.returncode:
            reason = ran.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["git failed"]
            raise CloneError(f"cannot read commit {self.commit[:12]} in {self.path}: {reason[0]}")
        return ran.stdout

"""Whole processes, measured: seconds, the peak memory of the process tree, and why one did not finish.

Commands run in turn (A B A B), so that a machine that slows down slows all of them. The first of them runs twice in
every round: what its two medians differ by is the band of noise, within which nothing is said.
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

EVERY = 0.02
"""Seconds between two looks at the memory of a process tree."""

AGAIN = "again"
"""Ends the name of the second run of the first command."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of a command.

    Attributes:
        seconds: from its start to its end.
        peak_mb: the most that the process and its children held together, in MB.
        failure: why it did not finish; None where it did.
        output: what it printed on standard output.
    """

    seconds: float
    peak_mb: float
    failure: str | None
    output: str


def run(
    command: Sequence[str],
    *,
    timeout: float = 3600,
    memory_mb: float = float("inf"),
    codes: Sequence[int] = (0,),
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Ran:
    """Run a command to its end, or until it has taken too much time or memory."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        child = subprocess.Popen(
            command, stdout=output, stderr=errors, stdin=subprocess.DEVNULL,
            cwd=cwd, env=os.environ | dict(env or {}), start_new_session=True,
        )  # fmt: skip
        tree, peak, stopped = psutil.Process(child.pid), 0.0, None
        while True:
            ended, status = os.waitpid(child.pid, os.WNOHANG)
            if ended:
                break
            peak = max(peak, _held(tree))
            if stopped is None and (stopped := _too_much(time.perf_counter() - started, timeout, peak, memory_mb)):
                os.killpg(child.pid, signal.SIGKILL)
            time.sleep(EVERY)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        failure = stopped
        if failure is None and child.returncode not in codes:
            errors.seek(0)
            told = errors.read().decode("utf-8", "replace").strip().splitlines()
            failure = f"left with {child.returncode}: {told[-1] if told else 'said nothing'}"
        output.seek(0)
        return Ran(seconds, peak, failure, output.read().decode("utf-8", "replace"))


def _held(tree: psutil.Process) -> float:
    """MB that a process and its children hold; pages that they share are counted for each."""
    held = 0
    try:
        for process in (tree, *tree.children(recursive=True)):
            held += process.memory_info().rss
        return max(held / 1e6, _highest(tree.pid))
    except (psutil.Error, OSError):  # one of them has just ended
        return held / 1e6


def _highest(process: int) -> float:
    """MB that the process alone has held at most, where the system tells: a peak may fall between two looks.

    It is not asked at the end (``wait4``), since that counts what the benchmark itself held before the process began.
    """
    status = Path(f"/proc/{process}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text("utf-8")) if status.exists() else None
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def _too_much(seconds: float, timeout: float, peak: float, memory_mb: float) -> str | None:
    if seconds > timeout:
        return f"stopped after {timeout:.0f} s"
    return f"stopped at {memory_mb / 1000:.0f} GB" if peak > memory_mb else None


def in_turn(commands: Mapping[str, Callable[[], Ran]], *, rounds: int) -> dict[str, list[Ran]]:
    """All commands in turn, so many rounds, the first of them twice; one that did not finish is not run again."""
    first = next(iter(commands))
    ran: dict[str, list[Ran]] = {name: [] for name in (*commands, f"{first} {AGAIN}")}
    for turn in range(rounds):
        for name, runs in ran.items():
            if any(one.failure for one in runs):
                continue
            runs.append(commands[name.removesuffix(f" {AGAIN}")]())
            print(f"{turn + 1}/{rounds} {name}: {runs[-1].failure or f'{runs[-1].seconds:.2f} s'}", flush=True)
    return ran


def told(runs: Sequence[Ran]) -> dict[str, Any]:
    """Median and range of the seconds, the largest peak, and why there are none."""
    failure = next((one.failure for one in runs if one.failure), None)
    if failure:
        return {"failure": failure}
    seconds = [one.seconds for one in runs]
    return {
        "seconds": round(statistics.median(seconds), 3),
        "range": [round(min(seconds), 3), round(max(seconds), 3)],
        "peak_mb": round(max(one.peak_mb for one in runs), 1),
        "runs": len(runs),
    }


def noise(ran: Mapping[str, Sequence[Ran]]) -> float | None:
    """The ratio of the medians of the two runs of one command, 1 or more; None where it did not finish."""
    name = next(name for name in ran if name.endswith(AGAIN))
    one, other = told(ran[name.removesuffix(f" {AGAIN}")]), told(ran[name])
    if "failure" in one or "failure" in other:
        return None
    return round(max(one["seconds"], other["seconds"]) / min(one["seconds"], other["seconds"]), 3)

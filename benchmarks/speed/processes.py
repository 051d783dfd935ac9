"""Measure whole processes: seconds, peak memory of the process tree, reason of failure.

Commands run in turn (A B A B), so that a machine that slows down slows all of them. The first command runs twice in
every round: the ratio of its two medians is the noise, below which differences mean nothing.
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

EVERY = 0.02
"""Seconds between two samples of the memory of a process tree."""

AGAIN = "again"
"""Suffix of the second run of the first command."""


@dataclass(frozen=True, slots=True)
class ProcessRun:
    """One run of a command.

    Attributes:
        seconds: wall-clock time.
        peak_mb: peak resident memory of the process and its children together, in MB.
        failure: reason why it did not finish; None if it did.
        output: its standard output.
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
) -> ProcessRun:
    """Run a command until it ends or exceeds its limits of time or memory.

    Args:
        command: the command and its arguments.
        timeout: limit in seconds.
        memory_mb: limit of the process tree in MB.
        codes: exit codes that count as success.
        cwd: working directory.
        env: variables to add to the environment.
    """
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
            peak = max(peak, _memory_mb(tree))
            if stopped is None and (
                stopped := _limit_exceeded(time.perf_counter() - started, timeout, peak, memory_mb)
            ):
                os.killpg(child.pid, signal.SIGKILL)
            time.sleep(EVERY)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        failure = stopped
        if failure is None and child.returncode not in codes:
            errors.seek(0)
            figures = errors.read().decode("utf-8", "replace").strip().splitlines()
            failure = f"exit code {child.returncode}: {figures[-1] if figures else 'no message'}"
        output.seek(0)
        return ProcessRun(seconds, peak, failure, output.read().decode("utf-8", "replace"))


def run_together(commands: Sequence[Sequence[str]], *, cwd: Path | None = None) -> tuple[float, list[str]]:
    """Start processes that begin together when all are ready.

    Args:
        commands: each prints a line when it is ready, and reads one before it begins.
        cwd: working directory.

    Returns:
        The seconds from their beginning to the end of the last, and what each printed in them.

    Raises:
        subprocess.CalledProcessError: a process failed.
    """
    with ExitStack() as stack:
        workers = [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd)
            )
            for command in commands
        ]
        for worker in workers:
            worker.stdout.readline()
        began = time.perf_counter()
        for worker in workers:
            worker.stdin.write("\n")
            worker.stdin.flush()
        printed = [worker.communicate()[0] for worker in workers]
        seconds = time.perf_counter() - began
    for worker in workers:
        if worker.returncode:
            raise subprocess.CalledProcessError(worker.returncode, worker.args)
    return seconds, printed


def _memory_mb(tree: psutil.Process) -> float:
    """Return the resident memory of a process and its children in MB; shared pages count for each."""
    resident = 0
    try:
        for process in (tree, *tree.children(recursive=True)):
            resident += process.memory_info().rss
        return max(resident / 1e6, _peak_mb(tree.pid))
    except (psutil.Error, OSError):  # one of them has just ended
        return resident / 1e6


def _peak_mb(process: int) -> float:
    """Return the peak memory of the process alone in MB, 0 if the system does not report it.

    It catches peaks between two samples. ``wait4`` is no alternative: it includes the memory of the parent before exec.
    """
    status = Path(f"/proc/{process}/status")
    match = re.search(r"VmHWM:\s+(\d+) kB", status.read_text("utf-8")) if status.exists() else None
    return int(match[1]) * 1024 / 1e6 if match else 0.0


def _limit_exceeded(seconds: float, timeout: float, peak: float, memory_mb: float) -> str | None:
    """Return why a process must be stopped; None if it may go on."""
    if seconds > timeout:
        return f"stopped after {timeout:.0f} s"
    return f"stopped at {memory_mb / 1000:.0f} GB" if peak > memory_mb else None


def in_turn(commands: Mapping[str, Callable[[], ProcessRun]], *, rounds: int) -> dict[str, list[ProcessRun]]:
    """Run all commands in turn for some rounds, the first one twice per round; a failed command is not run again."""
    first = next(iter(commands))
    ran: dict[str, list[ProcessRun]] = {name: [] for name in (*commands, f"{first} {AGAIN}")}
    for turn in range(rounds):
        for name, runs in ran.items():
            if any(run.failure for run in runs):
                continue
            runs.append(commands[name.removesuffix(f" {AGAIN}")]())
            print(f"{turn + 1}/{rounds} {name}: {runs[-1].failure or f'{runs[-1].seconds:.2f} s'}", flush=True)
    return ran


def summarize(runs: Sequence[ProcessRun]) -> dict[str, Any]:
    """Return median and range of the seconds and the largest peak, or the failure."""
    failure = next((run.failure for run in runs if run.failure), None)
    if failure:
        return {"failure": failure}
    seconds = [run.seconds for run in runs]
    return {
        "seconds": round(statistics.median(seconds), 3),
        "range": [round(min(seconds), 3), round(max(seconds), 3)],
        "peak_mb": round(max(run.peak_mb for run in runs), 1),
        "runs": len(runs),
    }


def noise(ran: Mapping[str, Sequence[ProcessRun]]) -> float | None:
    """Return the ratio, 1 or more, of the two medians of the first command; None if it did not finish."""
    name = next(name for name in ran if name.endswith(AGAIN))
    first, second = summarize(ran[name.removesuffix(f" {AGAIN}")]), summarize(ran[name])
    if "failure" in first or "failure" in second:
        return None
    return round(max(first["seconds"], second["seconds"]) / min(first["seconds"], second["seconds"]), 3)

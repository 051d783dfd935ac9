"""Fuzz the readers: mutate inputs of every format, and report what hurts.

A finding is an input that raises an exception (also one that the last resort names), kills its process, takes over 5
seconds or 500 MB, or loses items without naming them. Findings are saved; ``tests/robustness`` reads a minimized corpus
of earlier ones.

    python -m benchmarks fuzz --minutes 10 --seed 3
    python -m benchmarks fuzz --inputs 20000
    python -m benchmarks fuzz --minutes 10 --engine atheris     # coverage-guided; pip install atheris
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.robustness.mutations import Seed, mutate, own_seeds, shared_seeds
from dedup.feeds.read import read_feeds

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from types import FrameType

SECONDS, MEGABYTES = 5.0, 500
UNEXPECTED = "an error in dedup"
"""Words of the reason with which the last resort names an exception that no reader expects."""
BATCH = 200
"""Inputs for one process; a new one starts with the memory of a small scan."""


class Outcome(NamedTuple):
    """The result of reading one input: the fault ("" for none), seconds and peak memory in MB beyond the start."""

    fault: str
    seconds: float
    megabytes: float


def read_one(seed: Seed, folder: Path) -> Outcome:
    """Read an input as a scan does, in this process."""
    path = folder / (Path(seed.name).name or "input")
    path.write_bytes(seed.data)
    before, start = _peak(), time.process_time()
    fault = ""
    try:
        feeds = read_feeds(path, workers=1)
        counts = feeds.counts
        if counts["items"] > counts["headlines"] + counts["repeated_items"] and feeds.skipped.is_empty():
            fault = "items lost in silence"
        unexpected = [reason for reason in feeds.skipped["reason"] if UNEXPECTED in reason]
        fault = unexpected[0] if unexpected else fault
    except TimeoutError:
        fault = f"over {10 * SECONDS:g} s"
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        fault = f"{type(error).__name__} in {Path(place.filename).name}:{place.name}"
    finally:
        path.unlink(missing_ok=True)
    seconds, megabytes = time.process_time() - start, _peak() - before
    if not fault and seconds > SECONDS:
        fault = f"over {SECONDS:g} s"
    if not fault and megabytes > MEGABYTES:
        fault = f"over {MEGABYTES} MB"
    return Outcome(fault, seconds, megabytes)


def _peak() -> float:
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(peaks) / 1024


def _timeout(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the protocol of handlers
    raise TimeoutError


def _work(inputs: list[Seed], folder: str, answers: Connection) -> None:
    """Read inputs in a process of its own; send each outcome."""
    signal.signal(signal.SIGALRM, _timeout)
    resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))  # a bomb kills this process, not the machine
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until the process ends
    for seed in inputs:
        signal.alarm(int(10 * SECONDS))
        answers.send(read_one(seed, Path(folder)))
        signal.alarm(0)
    answers.close()


def run_batch(inputs: list[Seed]) -> list[Outcome]:
    """Read inputs in processes; one that dies costs the input it was reading."""
    context, outcomes = multiprocessing.get_context("spawn"), list[Outcome]()
    with tempfile.TemporaryDirectory() as folder:
        while len(outcomes) < len(inputs):
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(inputs[len(outcomes) :], folder, sender))
            process.start()
            sender.close()
            try:
                while len(outcomes) < len(inputs):
                    outcomes.append(receiver.recv())
            except EOFError:
                process.join()
                outcomes.append(Outcome(f"process ended with code {process.exitcode}", 0.0, 0.0))
            process.join()
    return outcomes


def seeds_of(data: Path | None) -> list[Seed]:
    """Return the seeds, smallest first."""
    seeds = [*own_seeds(), *(shared_seeds(data) if data and data.is_dir() else ())]
    return sorted(seeds, key=lambda seed: len(seed.data))


def save(seed: Seed, folder: Path) -> Path:
    """Save a finding under a name that keeps its suffix."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(seed.data).hexdigest()[:12]}-{Path(seed.name).name[-60:]}"
    path.write_bytes(seed.data)
    return path


def main() -> int:
    """Run the fuzzer; the exit code is 1 if there are findings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0, help="time to spend (default: 1)")
    parser.add_argument("--inputs", type=int, help="number of inputs to read instead")
    parser.add_argument("--seed", type=int, default=1, help="seed of the mutations (default: 1)")
    parser.add_argument("--engine", choices=("mutation", "atheris"), default="mutation")
    parser.add_argument("--data", type=Path, default=os.environ.get("DEDUP_DATA"), help="folder with further seeds")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"), help="folder for findings")
    options = parser.parse_args()
    seeds = seeds_of(options.data)
    if options.engine == "atheris":
        from benchmarks.robustness.coverage_guided import run  # noqa: PLC0415 - it needs atheris

        return run(seeds, options)
    dice, faults, slowest, largest, count = random.Random(options.seed), Counter[str](), 0.0, 0.0, 0  # noqa: S311 - not for secrets
    end = time.monotonic() + 60 * options.minutes
    while count < options.inputs if options.inputs else time.monotonic() < end:
        size = min(BATCH, options.inputs - count) if options.inputs else BATCH
        inputs = [mutate(dice.choice(seeds), seeds, dice) for _ in range(size)]
        for seed, outcome in zip(inputs, run_batch(inputs), strict=True):
            count += 1
            slowest, largest = max(slowest, outcome.seconds), max(largest, outcome.megabytes)
            if outcome.fault:
                faults[outcome.fault] += 1
                cost = f"{outcome.seconds:.1f} s, {outcome.megabytes:.0f} MB"
                print(f"{outcome.fault}: {cost}, {save(seed, options.findings)}")
        print(f"{count:,} inputs so far", file=sys.stderr)
    print(f"{count:,} inputs from {len(seeds):,} seeds: {sum(faults.values())} findings")
    print(f"slowest {slowest:.1f} s, most memory {largest:.0f} MB beyond the start")
    for fault, times in faults.most_common():
        print(f"  {times:5}  {fault}")
    return 1 if faults else 0

"""Run a reader in a process of its own, with limits on memory and time.

Compiled readers (Parquet, workbooks) allocate what a file tells them to, and abort their process when that fails: 1.1
kB of Parquet took 12.8 GB. So they run in a worker whose address space and processor time are limited; a file that
breaks it is named, and the next one gets a new worker. The worker is started with the first such file (0.2 s, for
Polars) and kept until this process ends. It is a new interpreter, not a fork: Polars' threads do not survive a fork.

Results come back pickled, their columns in Arrow's IPC format: through memory that both processes have where the system
offers that, else through the pipe. Pickled, columns take twice the time and four times the memory.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import io
import os
import pickle
import struct
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

from dedup.feeds.document import Unusable

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

MIB = 1 << 20
BASE_MEMORY = 192 * MIB
"""Bytes beyond the started worker that a small file may take."""
_LENGTH = struct.Struct("<Q")


class Sandbox:
    """A worker process that runs one reader at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._shared: int | None = None
        self._lock = threading.Lock()

    def run(self, reader: Callable[..., Any], *arguments: object, memory: int, seconds: int) -> Any:  # noqa: ANN401 - the reader's result
        """Return ``reader(*arguments)``, computed in the worker.

        Args:
            reader: a function of a module of this package.
            arguments: picklable.
            memory: bytes that it may take beyond ``BASE_MEMORY``.
            seconds: processor time that it may take.

        Raises:
            Unusable: the reader raised it, raised something else, or broke the limits.
        """
        with self._lock:
            process = self._started()
            task = pickle.dumps((reader.__module__, reader.__qualname__, arguments, BASE_MEMORY + memory, seconds))
            try:
                _send(process.stdin, task)
                failure, result, columns = pickle.loads(_receive(process.stdout))  # noqa: S301 - from our own process
                if isinstance(columns, int) and self._shared is not None:
                    columns = os.pread(self._shared, columns, 0)
                    os.ftruncate(self._shared, 0)
            except (OSError, EOFError):
                self._stop()
                limit = f"{(BASE_MEMORY + memory) // MIB:,} MiB of memory or {seconds} s"
                raise Unusable(f"reading it takes more than {limit}, the limit, or it is damaged") from None
            except BaseException:
                self._stop()
                raise
        if failure:
            raise Unusable(failure)
        return _unpack(result, columns)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            environment = os.environ | {
                "POLARS_MAX_THREADS": "1",
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            }
            self._close_shared()  # a process that was forked meanwhile has it too
            self._shared = os.memfd_create("dedup-columns") if hasattr(os, "memfd_create") else None
            code = f"from dedup.feeds.files.sandbox import work; work({self._shared})"
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                pass_fds=() if self._shared is None else (self._shared,),
            )
            self._owner = os.getpid()
            atexit.register(self._stop)
        return self._process

    def _close_shared(self) -> None:
        """Release the memory for columns."""
        shared, self._shared = self._shared, None
        if shared is not None:
            os.close(shared)

    def _stop(self) -> None:
        """End the worker."""
        self._close_shared()
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            process.wait()


def work(shared: int | None) -> None:
    """Run tasks from stdin until it closes: the worker's side.

    Args:
        shared: descriptor of the memory for columns; None where there is none.
    """
    import signal  # noqa: PLC0415 - only the worker needs it

    answer: tuple[str | None, bytes, bytes | int | None]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    tasks, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    import polars  # noqa: F401, PLC0415 - its memory is not the file's

    while True:
        try:
            task = _receive(tasks)
        except EOFError:
            return
        module, name, arguments, memory, seconds = pickle.loads(task)  # noqa: S301 - from our own process
        reader = getattr(importlib.import_module(module), name)
        _limit(memory, seconds)
        try:
            answer = None, *_pack(reader(*arguments), shared)
        except Unusable as fault:
            answer = str(fault), b"", None
        except MemoryError:
            answer = f"the file takes over {memory // MIB:,} MiB of memory, the limit", b"", None
        except BaseException as error:
            words = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
            answer = f"damaged: {words}", b"", None
        _send(answers, pickle.dumps(answer))


class _Pickler(pickle.Pickler):
    """Pickles a result without its columns, which it collects: those of the length of the first."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.columns: list[pl.Series] = []

    def persistent_id(self, value: object) -> int | None:
        import polars as pl  # noqa: PLC0415 - of the worker

        if not isinstance(value, pl.Series) or len(value) != len((*self.columns, value)[0]):
            return None
        self.columns.append(value)
        return len(self.columns) - 1


class _Unpickler(pickle.Unpickler):
    """Restores a result with its columns."""

    def __init__(self, file: io.BytesIO, columns: list[pl.Series]) -> None:
        super().__init__(file)
        self.columns = columns

    def persistent_load(self, number: int) -> pl.Series:
        return self.columns[number]


def _pack(result: object, shared: int | None) -> tuple[bytes, bytes | int | None]:
    """Return a pickled result, and its columns in Arrow's format, or their size in bytes in the shared memory."""
    import polars as pl  # noqa: PLC0415 - of the worker

    pickled = io.BytesIO()
    pickler = _Pickler(pickled)
    pickler.dump(result)
    if not pickler.columns:
        return pickled.getvalue(), None
    frame = pl.DataFrame([column.alias(str(number)) for number, column in enumerate(pickler.columns)])
    if shared is None:
        packed = io.BytesIO()
        frame.write_ipc(packed)
        return pickled.getvalue(), packed.getvalue()
    with open(shared, "wb", closefd=False) as file:
        file.seek(0)
        frame.write_ipc(file)
    return pickled.getvalue(), os.fstat(shared).st_size


def _unpack(pickled: bytes, columns: bytes | None) -> object:
    """Return the result that ``_pack`` packed."""
    import polars as pl  # noqa: PLC0415 - loaded by the readers already

    frame = pl.DataFrame() if columns is None else pl.read_ipc(columns)
    return _Unpickler(io.BytesIO(pickled), frame.get_columns()).load()


def _limit(memory: int, seconds: int) -> None:
    """Limit the address space and processor time of this process from now on."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    with contextlib.suppress(OSError, ValueError):
        pages = int(open("/proc/self/statm", encoding="ascii").read().split()[0])  # noqa: SIM115 - one line of the kernel
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + memory, resource.RLIM_INFINITY))
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(OSError, ValueError):
        end = int(used.ru_utime + used.ru_stime) + seconds + 1
        resource.setrlimit(resource.RLIMIT_CPU, (end, resource.RLIM_INFINITY))


def _send(pipe: Any, message: bytes) -> None:  # noqa: ANN401 - a pipe of Popen or a file
    pipe.write(_LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def _receive(pipe: Any) -> bytes:  # noqa: ANN401 - as above
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (size,) = _LENGTH.unpack(head)
    message: bytes = pipe.read(size)
    if len(message) < size:
        raise EOFError
    return message


sandbox = Sandbox()
"""The worker of this process."""

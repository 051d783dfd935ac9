"""One connection to a Redis server: commands and scripts, few round trips, errors that say what to do.

The one place where the client library is imported. What a lost connection interrupts is sent again some times within a
second; every command that is sent here may be sent twice.
"""

from __future__ import annotations

import functools
import hashlib
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from dedup.errors import HeadlineIndexError, SettingError
from dedup.index.storage.redis.layout import NAMES

try:
    from redis import Redis, exceptions
    from redis.backoff import ExponentialBackoff
    from redis.retry import Retry
except ImportError as error:
    message = 'redis is not installed; an index on a Redis server needs it: pip install "dedup[redis]"'
    raise HeadlineIndexError("redis://", message) from error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    Value: TypeAlias = str | bytes | int | float

_TRIES = 4
"""Times that a command is sent again after the connection was lost."""

_ANSWER = 60
"""Seconds that the server may take for an answer, unless the address says otherwise (``socket_timeout=…``)."""

_ADVICE = (
    ("OOM", "the server's memory is full; raise its maxmemory, or keep headlines for less long"),
    ("READONLY", "the server is a replica, which cannot be written; name its primary"),
    ("MISCONF", "the server cannot save and refuses to write; see to its disk"),
    ("WRONGTYPE", "another program uses keys of this name; choose another prefix (?prefix=…)"),
    ("Authentication required", "the server asks for a password: redis://user:password@host:port/db"),
    ("WRONGPASS", "the server does not take this user and password"),
    ("NOPERM", "this user may not do what an index does on the server"),
)


class Connection:
    """A server, a database on it, and the prefix of an index.

    Attributes:
        where: the address without its password, for messages.
        keys: the keys of the index, in the order of ``NAMES``.
    """

    def __init__(self, where: str) -> None:
        """Name a server; nothing is sent yet.

        Args:
            where: ``redis://[[user]:password@]host[:port][/db][?prefix=…]``; ``rediss://`` with TLS; ``unix://path``.
                Other options of the client may follow, as ``&socket_timeout=10``.

        Raises:
            SettingError: it is no such address.
        """
        parts = urlsplit(where)
        options = dict(parse_qsl(parts.query))
        prefix = options.pop("prefix", "dedup")
        self.where = where.replace(f":{parts.password}@", ":…@") if parts.password else where
        self.keys = {name: f"{{{prefix}}}:{name}" for name in NAMES}
        try:
            self._client = Redis.from_url(
                urlunsplit(parts._replace(query=urlencode(options))),
                retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), _TRIES),
                protocol=2,
                socket_timeout=_ANSWER,
            )
        except (ValueError, TypeError) as error:
            raise SettingError(
                "where", self.where, f"an address as redis://host:6379/0?prefix=news ({error})"
            ) from error
        self._send: Callable[..., Any] = self._client.execute_command
        self._closed = False

    def call(self, command: str, name: str, *arguments: Value) -> Any:  # noqa: ANN401 - the server decides
        """The answer to one command on one of the keys."""
        with self._told():
            return self._send(command, self.keys[name], *arguments)

    def many(self, *commands: Sequence[Value]) -> list[Any]:
        """The answers to commands (whose second word names a key) that are sent together: one round trip."""
        with self._told():
            pipeline: Any = self._client.pipeline(transaction=False)
            for command, name, *arguments in commands:
                pipeline.execute_command(command, self.keys[str(name)], *arguments)
            answers: list[Any] = pipeline.execute()
        return answers

    def run(self, script: str, *arguments: Value) -> Any:  # noqa: ANN401 - the script decides
        """The answer of a script; the server sees all of it or nothing."""
        with self._told():
            text, named = _script(script)
            told = (len(NAMES), *self.keys.values(), *arguments)
            try:
                return self._send("EVALSHA", named, *told)
            except exceptions.NoScriptError:  # the first call of all, or the server was started anew
                return self._send("EVAL", text, *told)

    def run_all(self, script: str, parts: Sequence[Sequence[Value]]) -> list[Any]:
        """The answers of a script to several lists of arguments, in one transaction of the server."""
        with self._told():
            pipeline: Any = self._client.pipeline(transaction=True)
            for arguments in parts:
                pipeline.execute_command("EVAL", _script(script)[0], len(NAMES), *self.keys.values(), *arguments)
            answers: list[Any] = pipeline.execute()
        return answers

    def memory(self) -> dict[str, Any]:
        """What the server says of its memory."""
        with self._told():
            told: dict[str, Any] = self._send("INFO", "memory")
            return told

    def close(self) -> None:
        """Close it; more than once is fine."""
        self._closed = True
        self._client.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The client's errors as ours, with what to do."""
        if self._closed:
            raise HeadlineIndexError(self.where, "it was closed; open it again")
        try:
            yield
        except exceptions.RedisError as error:
            raise HeadlineIndexError(self.where, _reason(error)) from error


def _reason(error: exceptions.RedisError) -> str:
    told = str(error)
    for code, advice in _ADVICE:
        if code in told or (code == "OOM" and isinstance(error, exceptions.OutOfMemoryError)):
            return f"{advice} ({told})"
    if isinstance(error, exceptions.AuthenticationError):
        return f"the server does not take this user and password ({told})"
    if isinstance(error, (exceptions.ConnectionError, exceptions.TimeoutError)):
        return (
            f"the server cannot be reached ({told}); see whether it runs and call again: "
            "what it had written by then is known then and not added twice"
        )
    return f"the server refused ({told})"


@functools.cache
def _script(name: str) -> tuple[str, str]:
    """The text of a script, and the name that the server knows it by."""
    text = (resources.files("dedup.index.storage.redis") / f"{name}.lua").read_text(encoding="utf-8")
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

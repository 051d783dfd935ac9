"""The connection to a Redis server: commands and scripts in few round trips, errors with advice.

The only module that imports the client library. Commands that a lost connection interrupts are sent again several times
within a second; every command sent here may be executed twice.
"""

from __future__ import annotations

import functools
import hashlib
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from dedup.errors import HeadlineIndexError, SettingError
from dedup.index.storage.addresses import secrets_of, without_secrets
from dedup.index.storage.redis.layout import NAMES

try:
    from redis import Redis, exceptions
    from redis.backoff import ExponentialBackoff
    from redis.retry import Retry
except ImportError as error:
    message = 'redis is not installed; an index on a Redis server needs it: pip install "headline-dedup[redis]"'
    raise HeadlineIndexError("redis://", message) from error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    Value: TypeAlias = str | bytes | int | float

_RETRIES = 4
"""Times that a command is sent again after a lost connection."""

_SOCKET_TIMEOUT = 60
"""Seconds to wait for an answer, unless the address has its own ``socket_timeout=…``."""

_ADVICE = (
    ("OOM", "the server's memory is full; raise its maxmemory, or keep headlines for a shorter time"),
    ("READONLY", "the server is a replica, which cannot be written; name its primary"),
    ("MISCONF", "the server cannot save and refuses to write; check its disk"),
    ("WRONGTYPE", "another program uses keys of this name; choose another prefix (?prefix=…)"),
    ("Authentication required", "the server requires a password: redis://user:password@host:port/db"),
    ("WRONGPASS", "the server rejects this user and password"),
    (
        "INCOMPLETE",
        "the server has lost parts of this index: it evicts keys when its memory is full (maxmemory-policy), or a "
        "program deleted them; set maxmemory-policy noeviction, and add the feeds to a new index under another prefix",
    ),
    ("NOPERM", "this user lacks permissions on the server that an index needs"),
)


class Connection:
    """A server, a database on it, and the prefix of an index.

    Attributes:
        where: the address without its password, for messages.
        keys: the keys of the index by name, in the order of ``NAMES``.
    """

    def __init__(self, where: str) -> None:
        """Parse an address; nothing is sent yet.

        Args:
            where: ``redis://[[user]:password@]host[:port][/db][?prefix=…]``; ``rediss://`` with TLS; ``unix://path``.
                Other options of the client may follow, as ``&socket_timeout=10``.

        Raises:
            SettingError: it is no such address.
        """
        self.where, self._secrets = without_secrets(where), secrets_of(where)
        try:
            parts = urlsplit(where)
            options = dict(parse_qsl(parts.query))
            prefix = options.pop("prefix", "dedup")
            self._client = Redis.from_url(
                urlunsplit(parts._replace(query=urlencode(options))),
                retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), _RETRIES),
                protocol=2,
                socket_timeout=_SOCKET_TIMEOUT,
            )
            self._client.connection_pool.make_connection()  # refuses unknown options; nothing is sent
        except (ValueError, TypeError) as error:
            expected = "an address as redis://host:6379/0?prefix=news"
            if self._secrets:  # the reason may be a password with characters that must be quoted
                expected += '; quote special characters of a password, as "/" by %2F'
                raise SettingError("where", self.where, expected) from None
            raise SettingError("where", self.where, f"{expected} ({error})") from error
        self.keys = {name: f"{{{prefix}}}:{name}" for name in NAMES}
        self._send: Callable[..., Any] = self._client.execute_command
        self._is_closed = False

    def execute(self, command: str, name: str, *arguments: Value) -> Any:  # noqa: ANN401 - the server decides
        """Return the answer to one command on one of the keys."""
        with self._translated_errors():
            return self._send(command, self.keys[name], *arguments)

    def execute_many(self, *commands: Sequence[Value]) -> list[Any]:
        """Return the answers to commands sent in one round trip; the second item of each names a key."""
        with self._translated_errors():
            pipeline: Any = self._client.pipeline(transaction=False)
            for command, name, *arguments in commands:
                pipeline.execute_command(command, self.keys[str(name)], *arguments)
            answers: list[Any] = pipeline.execute()
        return answers

    def run_script(self, script: str, *arguments: Value) -> Any:  # noqa: ANN401 - the script decides
        """Return the answer of a script, which the server executes atomically."""
        with self._translated_errors():
            text, digest = _load_script(script)
            sent = (len(NAMES), *self.keys.values(), *arguments)
            try:
                return self._send("EVALSHA", digest, *sent)
            except exceptions.NoScriptError:  # the first call since the server was started
                return self._send("EVAL", text, *sent)

    def run_script_in_parts(self, script: str, parts: Sequence[Sequence[Value]]) -> list[Any]:
        """Return the answers of a script to several lists of arguments, executed in one transaction of the server."""
        with self._translated_errors():
            pipeline: Any = self._client.pipeline(transaction=True)
            for arguments in parts:
                pipeline.execute_command("EVAL", _load_script(script)[0], len(NAMES), *self.keys.values(), *arguments)
            answers: list[Any] = pipeline.execute()
        return answers

    def memory_info(self) -> dict[str, Any]:
        """Return the server's section ``memory`` of INFO."""
        with self._translated_errors():
            info: dict[str, Any] = self._send("INFO", "memory")
            return info

    def close(self) -> None:
        """Close the connection; calling it twice is allowed."""
        self._is_closed = True
        self._client.close()

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Raise ``HeadlineIndexError`` with advice in place of the client's errors."""
        if self._is_closed:
            raise HeadlineIndexError(self.where, "it was closed; open it again")
        try:
            yield
        except exceptions.RedisError as error:
            raise HeadlineIndexError(self.where, self._reason(error)) from error

    def _reason(self, error: exceptions.RedisError) -> str:
        """Return the advice for an error, with its text."""
        text = str(error)
        for secret in self._secrets:
            text = text.replace(secret, "…")
        for code, advice in _ADVICE:
            if code in text or (code == "OOM" and isinstance(error, exceptions.OutOfMemoryError)):
                return f"{advice} ({text})"
        if isinstance(error, exceptions.AuthenticationError):
            return f"the server rejects this user and password ({text})"
        if isinstance(error, (exceptions.ConnectionError, exceptions.TimeoutError)):
            return (
                f"the server cannot be reached ({text}); check that it runs and call again: "
                "headlines that it had stored by then are known and not added twice"
            )
        return f"the server refused ({text})"


@functools.cache
def _load_script(name: str) -> tuple[str, str]:
    """Return the text of a script, and the digest that identifies it on the server."""
    folder = resources.files("dedup.index.storage.redis")
    text = "".join((folder / f"{part}.lua").read_text(encoding="utf-8") for part in ("count_entries", name))
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

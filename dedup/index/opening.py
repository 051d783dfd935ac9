"""Opening an index: the storage that an address names, and the settings to work with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dedup.index.compatibility import passport, require_equal, settings_of
from dedup.index.storage.sqlite.storage import SqliteStorage
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.index.storage.protocol import Storage

Mode = Literal["rw", "r", "rebuild"]


def storage_at(where: str, mode: Literal["r", "rw"]) -> Storage:
    """The storage that an address names."""
    if where.partition("://")[0] not in ("redis", "rediss", "unix"):
        return SqliteStorage(where, mode)
    from dedup.index.storage.redis import RedisStorage  # noqa: PLC0415 - the client is an optional extra

    return RedisStorage(where, mode)


def agreed_settings(storage: Storage, asked: Settings | None, mode: Mode) -> tuple[Settings, bool]:
    """The settings to work with, and whether the index was made with others.

    Raises:
        IncompatibleIndexError: it was, and is not to be rebuilt.
    """
    with storage.reading():
        stored = storage.passport()
    if stored is None:
        settings = asked or Settings()
        with storage.writing():
            # Another process may have been faster.
            stored = storage.passport() or dict(passport(settings))
            storage.stamp(stored)
    else:
        settings = asked or settings_of(stored, storage.where)
    made_with = passport(settings)
    if mode != "rebuild":
        require_equal(stored, made_with, storage.where)
    return settings, stored != made_with

"""Opening an index: the storage for an address, and the settings to use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dedup.errors import SettingError
from dedup.index.compatibility import fingerprint, require_equal, settings_from
from dedup.index.storage.addresses import REDIS_SCHEMES, scheme_of, without_secrets
from dedup.index.storage.sqlite import SqliteStorage
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.index.storage.protocol import Storage

Mode = Literal["rw", "r", "rebuild"]


def open_storage(where: str, mode: Literal["r", "rw"]) -> Storage:
    """Open the storage at an address.

    Raises:
        SettingError: it is no address of a storage.
        HeadlineIndexError: the storage cannot be opened.
    """
    scheme = scheme_of(where)
    if scheme is None:
        return SqliteStorage(where, mode)
    if scheme not in REDIS_SCHEMES:
        raise SettingError("where", without_secrets(where), "a path, :memory:, or an address as redis://host:6379/0")
    from dedup.index.storage.redis import RedisStorage  # noqa: PLC0415 - the client is an optional extra

    return RedisStorage(where, mode)


def resolve_settings(storage: Storage, requested: Settings | None, mode: Mode) -> tuple[Settings, bool]:
    """Return the settings to use, and whether the index was made with others.

    Args:
        storage: a new or existing index.
        requested: None stands for those that the index was made with, the defaults for a new one.
        mode: with ``rebuild``, differences are allowed.

    Raises:
        IncompatibleIndexError: the index was made with others and is not to be rebuilt.
    """
    with storage.reading():
        stored = storage.fingerprint()
    if stored is None:
        settings = requested or Settings()
        with storage.writing():
            # Another process may have created it meanwhile.
            stored = storage.fingerprint() or dict(fingerprint(settings))
            storage.write_fingerprint(stored)
    else:
        settings = requested or settings_from(stored, storage.where)
    current = fingerprint(settings)
    if mode != "rebuild":
        require_equal(stored, current, storage.where)
    return settings, stored != current

"""An index in an SQLite file."""

from dedup.index.storage.sqlite.storage import SqliteStorage

__all__ = ["SqliteStorage"]

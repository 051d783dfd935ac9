"""An index in one SQLite file, or in memory."""

from dedup.index.storage.sqlite.storage import SqliteStorage

__all__ = ["SqliteStorage"]

"""An index on a Redis or Valkey server, for many workers on many machines."""

from dedup.index.storage.redis.storage import RedisStorage

__all__ = ["RedisStorage"]

"""An index on a Redis or Valkey server, for workers on several machines."""

from dedup.index.storage.redis.storage import RedisStorage

__all__ = ["RedisStorage"]

"""An index on a Redis or Valkey server, for many workers on many machines."""

from dedup.index.redis.storage import RedisStorage

__all__ = ["RedisStorage"]

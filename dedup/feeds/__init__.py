"""Files -> HEADLINES: walking, containers, encodings, formats, titles, dates, outlets, and what could not be read."""

from dedup.feeds.files.limits import Limits
from dedup.feeds.read import Feeds, headlines_from, read_feeds, records

__all__ = ["Feeds", "Limits", "headlines_from", "read_feeds", "records"]

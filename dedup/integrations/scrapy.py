"""A Scrapy item pipeline that marks or drops copies among scraped items: ``pip install "headline-dedup[scrapy]"``.

::

    ITEM_PIPELINES = {"dedup.integrations.scrapy.DedupPipeline": 300}
    DEDUP_INDEX = "news.db"

===================  ========================================================================================
setting              meaning
===================  ========================================================================================
``DEDUP_INDEX``      the index, as for ``HeadlineIndex.open``; without it the pipeline is off
``DEDUP_ACTION``     ``mark`` (the default) sets ``DEDUP_FIELD`` of each item; ``drop`` also drops duplicates
``DEDUP_DROP``       relations to drop: ``["copy"]``, or ``["copy", "same-news"]``; known items are dropped too
``DEDUP_FIELD``      the field that receives the verdict as a dict: ``"dedup"``
``DEDUP_COLUMNS``    names of fields, as ``{"title": "headline"}``, if they are not recognized by themselves
``DEDUP_OUTLETS``    names of outlets by host or other name, as ``{"duha.example": "الضحى"}``
``DEDUP_TIMEZONE``   zone of times without one: ``"UTC"``
``DEDUP_WINDOW``     ``window`` of ``HeadlineIndex.open``
``DEDUP_RETENTION``  ``retention`` of ``HeadlineIndex.open``
===================  ========================================================================================

An item is stored in the index before it is passed on: if the process is killed in between, the item is known at its
next crawl. With ``drop``, put this pipeline behind those that store items, unless a lost item does no harm. Items
without a title pass unchanged. If the index cannot be written, Scrapy logs the error and drops the item.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from dedup.errors import InputError, SettingError
from dedup.index import HeadlineIndex
from dedup.matching.scoring.relation import COPY, SAME_NEWS

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector

    from dedup.index import Verdict

_LOG = logging.getLogger(__name__)

ACTIONS = ("mark", "drop")


class DedupPipeline:
    """See the module. One thread calls the index: the crawl goes on meanwhile, and items keep their order."""

    def __init__(self, settings: BaseSettings, stats: StatsCollector) -> None:
        """Read the settings.

        Raises:
            NotConfigured: ``DEDUP_INDEX`` is not set.
            SettingError: a setting is invalid.
        """
        where = settings.get("DEDUP_INDEX")
        if not where:
            raise NotConfigured("DEDUP_INDEX names no index")
        action = settings.get("DEDUP_ACTION", "mark")
        if action not in ACTIONS:
            raise SettingError("DEDUP_ACTION", action, "mark or drop")
        dropped = settings.getlist("DEDUP_DROP", [COPY])
        if not set(dropped) <= {COPY, SAME_NEWS}:
            raise SettingError("DEDUP_DROP", dropped, f"a list of {COPY} and {SAME_NEWS}")
        self._dropped = frozenset(dropped) if action == "drop" else None
        self._field = settings.get("DEDUP_FIELD", "dedup")
        self._stats = stats
        self._options: dict[str, Any] = {
            "where": where,
            "window": settings.get("DEDUP_WINDOW"),
            "retention": settings.get("DEDUP_RETENTION"),
            "timezone": settings.get("DEDUP_TIMEZONE", "UTC"),
            "columns": settings.getdict("DEDUP_COLUMNS") or None,
            "outlets": settings.getdict("DEDUP_OUTLETS") or None,
        }

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the pipeline; called by Scrapy."""
        return cls(crawler.settings, crawler.stats)

    def open_spider(self) -> None:
        """Open the index."""
        self._index = HeadlineIndex.open(**self._options)
        self._thread = ThreadPool(1, 1, "dedup")
        self._thread.start()

    def close_spider(self) -> None:
        """Close the index."""
        self._thread.stop()
        self._index.close()

    async def process_item(self, item: Any) -> Any:  # noqa: ANN401 - Scrapy's items are of any class
        """Store an item in the index; mark it, or drop it.

        Raises:
            DropItem: it is a duplicate, and duplicates are to be dropped.
            SettingError: the item's class has no field for the verdict.
            HeadlineIndexError: the index cannot be written.
        """
        from twisted.internet import reactor  # noqa: PLC0415 - Scrapy chooses it, an earlier import would

        adapter = ItemAdapter(item)
        adding = deferToThreadPool(reactor, self._thread, self._index.add, adapter.asdict())
        try:
            verdict = await maybe_deferred_to_future(adding)
        except InputError as error:
            self._stats.inc_value("dedup/unusable")
            _LOG.debug("not added: %s", error)
            return item
        self._count(verdict)
        if self._dropped is not None and (verdict.known or verdict.relation in self._dropped):
            reason = "is known" if verdict.known else f"is {verdict.relation} of {verdict.matched_id}"
            raise DropItem(f"{verdict.headline_id} {reason} (story {verdict.story_id})")
        try:
            adapter[self._field] = verdict.to_dict()
        except KeyError:
            expected = f"a field of {type(item).__name__}; add it to the class, or name another field"
            raise SettingError("DEDUP_FIELD", self._field, expected) from None
        return item

    def _count(self, verdict: Verdict) -> None:
        """Count the verdict in Scrapy's statistics."""
        outcome = "known" if verdict.known else "new_stories" if verdict.is_new_story else verdict.relation
        self._stats.inc_value(f"dedup/{outcome}")

"""A Scrapy item pipeline that marks the copies among scraped items, or drops them: ``pip install "dedup[scrapy]"``.

::

    ITEM_PIPELINES = {"dedup.integrations.scrapy.DedupPipeline": 300}
    DEDUP_INDEX = "news.db"

===================  ========================================================================================
setting              meaning
===================  ========================================================================================
``DEDUP_INDEX``      the index, as for ``HeadlineIndex.open``; without it the pipeline is off
``DEDUP_ACTION``     ``mark`` (the default) sets ``DEDUP_FIELD`` of each item; ``drop`` also drops the copies
``DEDUP_DROP``       which relations are dropped: ``["copy"]``, or ``["copy", "same-news"]``; and items known before
``DEDUP_FIELD``      the field that gets the verdict as a dict: ``"dedup"``
``DEDUP_COLUMNS``    which field holds what, as ``{"title": "headline"}``, where names do not tell
``DEDUP_TIMEZONE``   of times without a zone: ``"UTC"``
``DEDUP_WINDOW``     ``window`` of ``HeadlineIndex.open``
``DEDUP_RETENTION``  ``retention`` of ``HeadlineIndex.open``
===================  ========================================================================================

An item is remembered before it goes on: when the program is killed between the two, the item is known at its next
crawl. So ``drop`` belongs behind the pipelines that store items, or where a lost item does not hurt. Items without a
title pass unchanged. Where the index cannot be written, Scrapy logs the error and drops the item.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
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
    """See the module. The index is asked in one thread: a crawl goes on meanwhile, and items keep their order."""

    def __init__(self, settings: BaseSettings, stats: StatsCollector) -> None:
        """Take the settings.

        Raises:
            NotConfigured: there is no ``DEDUP_INDEX``.
            SettingError: a setting cannot be used.
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
        self._opening: dict[str, Any] = {
            "where": where,
            "window": settings.get("DEDUP_WINDOW"),
            "retention": settings.get("DEDUP_RETENTION"),
            "timezone": settings.get("DEDUP_TIMEZONE", "UTC"),
            "columns": settings.getdict("DEDUP_COLUMNS") or None,
        }

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """What Scrapy calls."""
        return cls(crawler.settings, crawler.stats)

    def open_spider(self) -> None:
        """Open the index."""
        self._index = HeadlineIndex.open(**self._opening)
        self._thread = ThreadPool(1, 1, "dedup")
        self._thread.start()

    def close_spider(self) -> None:
        """Close it."""
        self._thread.stop()
        self._index.close()

    async def process_item(self, item: Any) -> Any:  # noqa: ANN401 - Scrapy's items are of any class
        """Remember an item; mark it, or drop it.

        Raises:
            DropItem: it is a copy, and copies are to be dropped.
            SettingError: the item's class has no field for the verdict.
            HeadlineIndexError: the index cannot be written.
        """
        from twisted.internet import reactor  # noqa: PLC0415 - Scrapy chooses it, the first import would

        adapter = ItemAdapter(item)
        adding = deferToThreadPool(reactor, self._thread, self._index.add, adapter.asdict())
        try:
            verdict = await maybe_deferred_to_future(adding)
        except InputError as error:
            self._stats.inc_value("dedup/unusable")
            _LOG.debug("not looked at: %s", error)
            return item
        self._count(verdict)
        if self._dropped is not None and (verdict.known or verdict.relation in self._dropped):
            why = "is known" if verdict.known else f"is {verdict.relation} of {verdict.matched_id}"
            raise DropItem(f"{verdict.headline_id} {why} (story {verdict.story_id})")
        try:
            adapter[self._field] = asdict(verdict)
        except KeyError:
            expected = f"a field of {type(item).__name__}; give it one, or name another"
            raise SettingError("DEDUP_FIELD", self._field, expected) from None
        return item

    def _count(self, verdict: Verdict) -> None:
        what = "known" if verdict.known else "new_stories" if verdict.is_new_story else verdict.relation
        self._stats.inc_value(f"dedup/{what}")

"""HeadlineIndex: the library call in ingestion.

A worker asks for each headline or batch: is this news new, which story is it, what does it match, why? The answers are
those of a scan, since both are one code: whatever the batches, in order of time, the pairs, scores and stories are the
same. A headline that comes late, by up to the window, meets what was published before and after it, and may bring
together others that were there before it; no match is taken back, so that an answer once given stays. ``result`` and
``rebuild`` look at all that is remembered as one scan would.

What is kept in memory depends on the window (``live``), everything else stands in the storage (``storage``).
"""

from __future__ import annotations

from datetime import timedelta
from threading import RLock
from typing import TYPE_CHECKING

import polars as pl

from dedup.errors import InputError, SettingError
from dedup.frames import TIME
from dedup.index import queries, rescan
from dedup.index.compatibility import passport
from dedup.index.durations import hours, moment
from dedup.index.incoming import received
from dedup.index.opening import Mode, agreed_settings, storage_at
from dedup.index.retry import again
from dedup.index.session import Session
from dedup.index.verdict import Verdict, Verdicts
from dedup.matching.similar import similar
from dedup.settings import Settings

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from dedup.feeds import Feeds
    from dedup.index.durations import Span
    from dedup.index.queries import Stats, Story
    from dedup.index.storage.protocol import Storage
    from dedup.result import Progress, Result


class HeadlineIndex:
    """Headlines remembered on disk, and what each new one has to do with them.

    Calls may come from several threads; they are served one by one. Several processes may share one index: each call is
    one transaction. Do not carry an open index into a forked process; open it there.
    """

    def __init__(
        self, storage: Storage, settings: Settings, *, retention: float | None, reading: dict[str, object]
    ) -> None:
        self._storage, self._settings, self._reading = storage, settings, reading
        self._memory = Session(storage, settings, retention=retention)
        self._lock = RLock()

    @classmethod
    def open(
        cls,
        where: str | os.PathLike[str],
        *,
        window: Span | None = None,
        retention: Span | None = None,
        settings: Settings | None = None,
        mode: Mode = "rw",
        timezone: str = "UTC",
        columns: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> HeadlineIndex:
        """Open an index, and make it where there is none.

        Args:
            where: the path of an SQLite file; ``:memory:``; or, for many workers on many machines,
                ``redis://host:port/db?prefix=news`` (also ``rediss://``; needs the extra ``redis``; the prefix, by
                default dedup, names one of several indexes on a server). What survives a crash of a Redis server is
                decided by its own persistence: set ``appendonly yes`` there.
            window: how far apart two headlines can be to report the same news, as ``"72h"``; None is what the index was
                made with, 72 hours for a new one.
            retention: forget headlines published so long before the latest, as ``"90d"``, when others are added; at
                least the window. None forgets nothing; on Redis, whose memory is dear, what lies two windows back
                and can match nothing any more. There, all of it expires when nothing is added for so long.
            settings: what it works with; None is what it was made with, the defaults for a new one.
            mode: ``rw``; ``r`` to ask only, which never writes; ``rebuild`` to bring an index that was made with other
                settings, or by another version, up to date while opening it (see ``rebuild``).
            timezone: of times without a zone in what is added.
            columns: which field of a record holds what, as ``{"title": "FIELD"}``.
            progress: of the rebuilding, as for ``scan``.

        Raises:
            IncompatibleIndexError: it was made with something else; each difference is named.
            HeadlineIndexError: it cannot be opened, or is no index.
            SettingError: an argument cannot be used.
        """
        if mode not in ("rw", "r", "rebuild"):
            raise SettingError("mode", mode, "rw, r or rebuild")
        kept = None if retention is None else hours(retention, "retention")
        if window is not None:
            settings = (settings or Settings()).with_(window=hours(window, "window"))
        storage = storage_at(str(where), "r" if mode == "r" else "rw")
        try:
            agreed, outdated = agreed_settings(storage, settings, mode)
            if kept is not None and kept < agreed.window:
                raise SettingError("retention", retention, f"at least the window ({agreed.window:g} hours)")
            index = cls(storage, agreed, retention=kept, reading={"timezone": timezone, "columns": columns})
            if outdated:
                index.rebuild(progress=progress)
        except BaseException:
            storage.close()
            raise
        return index

    def add(self, headline: object) -> Verdict:
        """Remember a headline and say what it is: ``add_many`` of one.

        Args:
            headline: a mapping, a dataclass, or a string (its title).

        Raises:
            InputError: it cannot be used; nothing was added.
            HeadlineIndexError: it cannot be remembered; nothing was added.
        """
        return _only(self.add_many([headline]))

    @again
    def add_many(self, headlines: pl.DataFrame | Feeds | Iterable[object]) -> Verdicts:
        """Remember headlines, all of them or, if an error is raised, none; each item once, whenever it comes again.

        Args:
            headlines: mappings, dataclasses or strings; a Polars frame; or what ``read_feeds`` returned. Fields are
                found by their names, as in files. An item's id is its own ``id``, or a hash of outlet, link or title,
                and time, as in a scan.

        Returns:
            A verdict on each, in their order; records that could not be used are named in ``skipped``.

        Raises:
            HeadlineIndexError: they cannot be remembered; nothing was added.
            TooManyHeadlinesError: more headlines than can meet at once.
        """
        with self._lock:
            wanted, skipped = received(headlines, **self._reading)
            return Verdicts(self._memory.add(wanted), skipped)

    def check(self, headline: object) -> Verdict:
        """What ``add`` would answer, without remembering anything.

        Raises:
            InputError: it cannot be used.
            HeadlineIndexError: the index cannot be read.
        """
        return _only(self.check_many([headline]))

    @again
    def check_many(self, headlines: pl.DataFrame | Feeds | Iterable[object]) -> Verdicts:
        """What ``add_many`` would answer, without remembering anything.

        Raises:
            HeadlineIndexError: the index cannot be read.
        """
        with self._lock:
            wanted, skipped = received(headlines, **self._reading)
            return Verdicts(self._memory.check(wanted), skipped)

    @again
    def story(self, story_id: str) -> Story:
        """A story, by its id, by one that it had before it became part of an older story, or by one of its headlines'.

        Raises:
            UnknownStoryError: there is none.
        """
        with self._lock, self._storage.reading():
            return queries.story(self._storage, story_id)

    @again
    def matches(self, headline_id: str) -> pl.DataFrame:
        """The headlines that match a headline directly, the best match first.

        Returns:
            HEADLINES with ``story_id``, ``score``, ``relation`` and ``hours_apart`` (null without times).

        Raises:
            UnknownHeadlineError: no headline has the id.
        """
        with self._lock, self._storage.reading():
            return queries.matches(self._storage, headline_id)

    @again
    def similar(self, title: str, *, outlet: str | None = None, published: datetime | None = None) -> pl.DataFrame:
        """The remembered headlines that share something with a headline, the nearest first: see ``dedup.similar``.

        Args:
            title: a headline, remembered or not.
            outlet: who ran it, None where unknown.
            published: when; only what lies within the window of it is searched. None searches all, however long that
                takes (the titles' keys are made anew).
        """
        with self._lock, self._storage.reading():
            remembered = self._storage.headlines()
        if published is not None:
            apart = (pl.col("published") - pl.lit(published, TIME)).abs()
            remembered = remembered.filter(apart.is_null() | (apart <= timedelta(hours=self._settings.window)))
        return similar(title, remembered, outlet=outlet, published=published, settings=self._settings)

    @again
    def prune(self, *, before: datetime | Span) -> int:
        """Forget headlines, and give the space back.

        A story whose first headline is forgotten keeps its id while any other of it is remembered.

        Args:
            before: those published before this time (``"2026-03-01"``), or so long before the latest (``"90d"``). For
                headlines without a time, the latest time when they came counts.

        Returns:
            How many were forgotten.
        """
        with self._lock:
            with self._storage.writing():
                count = self._memory.prune(moment(before, self._memory.catch_up().latest))
            self._storage.shrink()
        return count

    def kept_since(self) -> datetime | None:
        """From what time of publication on headlines are kept: the retention before the latest; None for all.

        Older ones that are added are answered, and soon forgotten: a worker that reads the same old files again and
        again would be told each time that they are new.
        """
        with self._lock, self._storage.reading():
            return self._memory.kept_since()

    @again
    def stats(self) -> Stats:
        """How much it holds, from when to when, and what it was made with."""
        with self._lock, self._storage.reading():
            return queries.stats(self._storage, self._memory.live, self._settings)

    @again
    def result(self, *, pairs_floor: float | None = None, progress: Progress | None = None) -> Result:
        """All that is remembered as one scan would see it: every report works on it.

        Where headlines came late, its stories may differ from those that the index gave; ``rebuild`` makes them equal.

        Args:
            pairs_floor: keep pairs down to this score; None keeps those at the threshold.
            progress: as for ``scan``.
        """
        with self._lock, self._storage.reading():
            keys = self._storage.headlines()
        return rescan.result(keys, self._settings.with_(pairs_floor=pairs_floor), progress)

    @again
    def rebuild(self, *, progress: Progress | None = None) -> None:
        """Make keys, matches and stories anew from the titles, as one scan would, with the settings it is open with.

        Ids of stories that are no more find the story where their headline went. Other processes notice at their next
        call; if the settings are not those that they opened it with, that call raises ``IncompatibleIndexError``.

        Args:
            progress: as for ``scan``.
        """
        with self._lock, self._storage.writing():
            rescan.rebuild(self._storage, self._settings, self._memory.reach, progress)
            self._storage.stamp(passport(self._settings))

    def close(self) -> None:
        """Let go of the index; what was added stays."""
        with self._lock:
            self._storage.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _only(verdicts: Verdicts) -> Verdict:
    """The verdict on the one headline given.

    Raises:
        InputError: it could not be used.
    """
    if not len(verdicts):
        file, place, reason = verdicts.skipped.row(0)
        raise InputError(file, reason, place)
    return verdicts[0]

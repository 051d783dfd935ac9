"""HeadlineIndex: duplicate detection during ingestion.

For each headline or batch the index answers: is the news new, which story is it, what does it match and why? Index and
scan share one implementation: for headlines added in order of time, pairs, scores and stories are equal, however the
headlines are batched. A headline that arrives late, by up to the window, is compared with those published before and
after it, and can merge stories; no match is withdrawn, so that an answer once given stays valid. ``result`` and
``rebuild`` process everything stored as one scan would.

Each process caches the headlines within the window (``window``); everything else is in the storage (``storage``).
"""

from __future__ import annotations

import os
from threading import RLock
from typing import TYPE_CHECKING, Any

from dedup.errors import InputError, SettingError
from dedup.index import queries, rescan
from dedup.index.arguments import require_options, require_text, require_time
from dedup.index.compatibility import fingerprint
from dedup.index.durations import parse_cutoff, parse_hours
from dedup.index.incoming import parse_records
from dedup.index.opening import Mode, open_storage, resolve_settings
from dedup.index.retry import retry_on_conflict
from dedup.index.session import Session
from dedup.index.verdict import Verdict, Verdicts
from dedup.matching.similar import similar
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    import polars as pl

    from dedup.feeds import Feeds
    from dedup.index.durations import Duration
    from dedup.index.queries import Stats, Story, Verification
    from dedup.index.storage.protocol import Storage
    from dedup.result import Progress, Result


class HeadlineIndex:
    """A persistent index of headlines, their matches and stories.

    Calls may come from several threads; they are executed one at a time. Several processes may share one index: each
    call is one transaction. Do not carry an open index into a forked process; open it there.

    Examples:
        >>> with HeadlineIndex.open(":memory:") as index:
        ...     first = index.add({"title": "سيول جارفة تجتاح وادي السرو", "outlet": "الضحى", "id": "a"})
        ...     copy = index.add({"title": "عاجل: سيول جارفة تجتاح وادي السرو", "outlet": "المرفأ", "id": "b"})
        >>> first.is_new_story, copy.relation, copy.matched_id
        (True, 'copy', 'a')
    """

    where: str
    """The address of the index, without passwords."""

    def __init__(
        self, storage: Storage, settings: Settings, *, retention: float | None, reading: dict[str, Any]
    ) -> None:
        self._storage, self._settings, self._reading = storage, settings, reading
        self._names = frozenset((reading["outlets"] or {}).values())
        self.where = storage.where
        self._session = Session(storage, settings, retention=retention)
        self._lock = RLock()

    @classmethod
    def open(
        cls,
        where: str | os.PathLike[str],
        *,
        window: Duration | None = None,
        retention: Duration | None = None,
        settings: Settings | None = None,
        mode: Mode = "rw",
        timezone: str = "UTC",
        columns: Mapping[str, str] | None = None,
        outlets: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> HeadlineIndex:
        """Open an index; create it if there is none.

        Args:
            where: the path of an SQLite file; ``:memory:``; or, for workers on several machines,
                ``redis://host:port/db?prefix=news`` (also ``rediss://``; needs the extra ``redis``; the prefix, by
                default dedup, distinguishes the indexes on a server). The persistence of a Redis server decides what
                survives its crash: set ``appendonly yes``.
            window: maximum distance in time of two headlines that report the same news, as ``"72h"``; None stands for
                the window that the index was made with, 72 hours for a new one.
            retention: prune headlines published more than this before the latest, as ``"90d"``, while others are added;
                at least the window. None keeps everything; on Redis, whose memory is expensive, only headlines that can
                still match, three windows back. There, the whole index expires when nothing is added for that long.
            settings: None stands for those that the index was made with, the defaults for a new one.
            mode: ``rw``; ``r`` for queries only, which never writes; ``rebuild`` to bring an index that was made with
                other settings, or by another version, up to date while opening it (see ``rebuild``).
            timezone: zone of times without one in added headlines.
            columns: names of fields in added records, as ``{"title": "FIELD"}``.
            outlets: display names of the outlets of added records, by host or name. An index never merges names by
                itself, since a verdict that counts outlets stays valid; ``result`` does.
            progress: progress of the rebuild, see ``scan``.

        Raises:
            IncompatibleIndexError: the index was made with other settings; each difference is named.
            HeadlineIndexError: it cannot be opened, or is no index.
            SettingError: an argument is invalid.
        """
        if not isinstance(where, (str, os.PathLike)):
            raise SettingError("where", where, "a path, :memory:, or an address as redis://host:6379/0")
        if not isinstance(mode, str) or mode not in ("rw", "r", "rebuild"):
            raise SettingError("mode", mode, "rw, r or rebuild")
        require_options(settings, timezone, columns, outlets)
        retention_hours = None if retention is None else parse_hours(retention, "retention")
        if window is not None:
            settings = (settings or Settings()).with_(window=parse_hours(window, "window"))
        storage = open_storage(os.fsdecode(where), "r" if mode == "r" else "rw")
        try:
            resolved, is_outdated = resolve_settings(storage, settings, mode)
            if retention_hours is not None and retention_hours < resolved.window:
                raise SettingError("retention", retention, f"at least the window ({resolved.window:g} hours)")
            reading: dict[str, Any] = {"timezone": timezone, "columns": columns, "outlets": outlets}
            index = cls(storage, resolved, retention=retention_hours, reading=reading)
            if is_outdated:
                index.rebuild(progress=progress)
        except BaseException:
            storage.close()
            raise
        return index

    def add(self, headline: object) -> Verdict:
        """Store a headline and return the verdict on it: ``add_many`` for one.

        Args:
            headline: a mapping, a dataclass, or a string (its title).

        Raises:
            InputError: the headline is unusable; nothing was added.
            HeadlineIndexError: the storage failed; nothing was added.
        """
        return _single(self.add_many([headline]))

    @retry_on_conflict
    def add_many(self, headlines: pl.DataFrame | Feeds | Iterable[object]) -> Verdicts:
        """Store headlines, all or, if an error is raised, none; an item that is already stored changes nothing.

        Args:
            headlines: mappings, dataclasses or strings; a Polars frame; or the value of ``read_feeds``. Fields are
                recognized by their names, as in files. The id of an item is its own ``id``, or a hash of outlet, link
                or title, and time, as in a scan.

        Returns:
            A verdict on each, in their order; unusable records are listed in ``skipped``.

        Raises:
            HeadlineIndexError: the storage failed; nothing was added.
            TooManyHeadlinesError: the window holds more headlines than can be compared at once.
        """
        with self._lock:
            parsed, skipped = parse_records(headlines, **self._reading)
            return Verdicts(self._session.add(parsed), skipped)

    def check(self, headline: object) -> Verdict:
        """Return the verdict that ``add`` would return, without storing anything.

        Raises:
            InputError: the headline is unusable.
            HeadlineIndexError: the index cannot be read.
        """
        return _single(self.check_many([headline]))

    @retry_on_conflict
    def check_many(self, headlines: pl.DataFrame | Feeds | Iterable[object]) -> Verdicts:
        """Return the verdicts that ``add_many`` would return, without storing anything.

        Raises:
            HeadlineIndexError: the index cannot be read.
        """
        with self._lock:
            parsed, skipped = parse_records(headlines, **self._reading)
            return Verdicts(self._session.check(parsed), skipped)

    @retry_on_conflict
    def story(self, story_id: str) -> Story:
        """Return a story by its id, by an id that it had before a merge, or by the id of one of its headlines.

        Raises:
            UnknownStoryError: no story has the id.
            SettingError: it is no string.
        """
        require_text("story_id", story_id)
        with self._lock, self._storage.reading():
            return queries.query_story(self._storage, story_id)

    @retry_on_conflict
    def matches(self, headline_id: str) -> pl.DataFrame:
        """Return the direct matches of a headline, best first.

        Returns:
            HEADLINES with ``story_id``, ``score``, ``relation`` and ``hours_apart`` (null without times).

        Raises:
            UnknownHeadlineError: no headline has the id.
        """
        require_text("headline_id", headline_id)
        with self._lock, self._storage.reading():
            return queries.query_matches(self._storage, headline_id)

    @retry_on_conflict
    def similar(self, title: str, *, outlet: str | None = None, published: datetime | None = None) -> pl.DataFrame:
        """Return the stored headlines that are close to a headline, the closest first: see ``dedup.similar``.

        Args:
            title: a headline, stored or not.
            outlet: its outlet, None if unknown.
            published: its time; only headlines within the window are searched. None searches all, which takes longer
                (the features of all titles are computed).
        """
        require_text("title", title)
        if outlet is not None:
            require_text("outlet", outlet)
        if published is not None:
            published = require_time("published", published)
        with self._lock, self._storage.reading():
            stored = self._storage.headlines()
        return similar(title, stored, outlet=outlet, published=published, settings=self._settings)

    @retry_on_conflict
    def prune(self, *, before: datetime | Duration) -> int:
        """Remove old headlines, and return the space to the system.

        A story whose first headline is removed keeps its id while it has any other stored headline.

        Args:
            before: remove headlines published before this time (``"2026-03-01"``), or more than this before the latest
                (``"90d"``). For headlines without a time, the latest time known when they were added counts.

        Returns:
            The number of headlines removed.
        """
        with self._lock:
            with self._storage.writing():
                count = self._session.prune(parse_cutoff(before, self._session.catch_up().latest))
            self._storage.shrink()
        return count

    @retry_on_conflict
    def kept_since(self) -> datetime | None:
        """Return the time of publication before which headlines are pruned (latest time − retention); None for never.

        Older headlines that are added get a verdict, and are soon pruned: a worker that reads the same old files
        repeatedly would get the verdict *new* each time.
        """
        with self._lock, self._storage.reading():
            return self._session.kept_since()

    @retry_on_conflict
    def stats(self) -> Stats:
        """Return counts, period, size and settings of the index."""
        with self._lock, self._storage.reading():
            return queries.query_stats(self._storage, self._session.cached, self._settings)

    @retry_on_conflict
    def verify(self) -> Verification:
        """Read the whole index and report everything that is damaged or inconsistent.

        Compared are the structure of the storage, the checksum of each record, references and counts. Nothing is
        changed; writers are not blocked.

        Examples:
            >>> with HeadlineIndex.open(":memory:") as index:
            ...     index.verify().problems
            ()
        """
        with self._lock, self._storage.reading():
            return queries.verify(self._storage)

    @retry_on_conflict
    def result(
        self, *, pairs_floor: float | None = None, merge_outlets: bool = True, progress: Progress | None = None
    ) -> Result:
        """Return the result of one scan of all stored headlines, for every report.

        If headlines arrived late, its stories may differ from the stored ones; ``rebuild`` makes them equal.

        Args:
            pairs_floor: keep pairs down to this score; None keeps those at the threshold.
            merge_outlets: give one name to an outlet that provably occurs under several, as ``scan`` does. The names
                that are stored do not change.
            progress: see ``scan``.
        """
        with self._lock, self._storage.reading():
            keys = self._storage.headlines()
        settings = self._settings.with_(pairs_floor=pairs_floor)
        return rescan.scan_stored(keys, settings, progress, merge_outlets=merge_outlets, kept=self._names)

    @retry_on_conflict
    def rebuild(self, *, progress: Progress | None = None) -> None:
        """Recompute keys, matches and stories from the titles, as one scan would, with the current settings.

        Ids of stories that no longer exist find the story of their headline. Other processes notice at their next call;
        if they opened the index with other settings, that call raises ``IncompatibleIndexError``.

        Args:
            progress: see ``scan``.
        """
        with self._lock, self._storage.writing():
            rescan.rebuild(self._storage, self._settings, self._session.reach, progress)
            self._storage.write_fingerprint(fingerprint(self._settings))

    def close(self) -> None:
        """Close the index; everything added is stored."""
        with self._lock:
            self._storage.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _single(verdicts: Verdicts) -> Verdict:
    """Return the verdict on the only headline.

    Raises:
        InputError: it was skipped.
    """
    if not len(verdicts):
        file, place, reason = verdicts.skipped.row(0)
        raise InputError(file, reason, place)
    return verdicts[0]

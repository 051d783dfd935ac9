"""All exceptions that dedup raises on purpose.

Every error states the problem, the offending value, its location and the remedy, and carries these as attributes. A
file or record that cannot be used is not an error: it is listed in the ``skipped`` frame, unless the caller passes
``strict=True``.
"""

from __future__ import annotations

_MAX_SHOWN = 500
"""Characters of a rejected value that a message quotes."""


class DedupError(Exception):
    """Base class of all errors of this package.

    Examples:
        >>> import dedup
        >>> try:
        ...     dedup.Settings(threshold=90)
        ... except dedup.DedupError as error:
        ...     print(error)
        threshold is 90; it must be between 0 and 1, or one of default, precise, wide
    """


class SettingError(DedupError, ValueError):
    """An argument or setting has a value that cannot be used.

    Attributes:
        setting: the name of the argument.
        value: the rejected value.
        expected: the accepted values, in words.
    """

    def __init__(self, setting: str, value: object, expected: str) -> None:
        self.setting, self.value, self.expected = setting, value, expected
        super().__init__(f"{setting} is {_shown(value)}; it must be {expected}")


class ArgumentTypeError(SettingError, TypeError):
    """An argument is of a type that cannot be used."""


def _shown(value: object) -> str:
    """Return a value as it would be typed, shortened; its type if it cannot be shown."""
    try:
        shown = repr(value)
    except Exception:  # an object's own exception, or a number of over 4,300 digits
        return f"of the type {type(value).__name__}"
    return shown if len(shown) <= _MAX_SHOWN else f"{shown[:_MAX_SHOWN]}…"


class FrameError(DedupError, ValueError):
    """A frame does not have the schema that ``dedup.frames`` requires.

    Attributes:
        frame: the name of the schema (``HEADLINES``, ``KEYS``, …).
        problem: the missing or mistyped columns, in words.
    """

    def __init__(self, frame: str, problem: str) -> None:
        self.frame, self.problem = frame, problem
        super().__init__(f"{frame}: {problem}")


class InputError(DedupError):
    """An input cannot be used (raised if it does not exist, or for the first bad input under ``strict=True``).

    Attributes:
        file: the path as given.
        place: the line, row, item or archive member ("" for the whole file).
        reason: the problem and the remedy.
    """

    def __init__(self, file: str, reason: str, place: str = "") -> None:
        self.file, self.place, self.reason = file, place, reason
        super().__init__(f"{file}{f' ({place})' if place else ''}: {reason}")


class FileError(DedupError):
    """A file cannot be used or written.

    Attributes:
        path: the file, or the destination.
        reason: the problem and the remedy.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class OutputError(FileError):
    """The results cannot be written."""


class SpillError(DedupError):
    """Data beyond the memory limit cannot be written to the temporary folder.

    Attributes:
        folder: the temporary folder.
        reason: the error of the operating system.
    """

    def __init__(self, folder: str, reason: str) -> None:
        self.folder, self.reason = folder, reason
        super().__init__(
            f"{folder}: texts and pairs beyond the memory limit cannot be written there ({reason}); "
            "free some disk space, set TMPDIR to another folder, or raise the memory limit"
        )


class UnknownHeadlineError(DedupError, KeyError):
    """No headline of the result has the given id.

    Attributes:
        headline_id: the id that was looked up.
    """

    def __init__(self, headline_id: str) -> None:
        self.headline_id = headline_id
        super().__init__(headline_id)

    def __str__(self) -> str:
        return f"no headline has the id {self.headline_id!r}; see the column headline_id of headlines"


class UnknownStoryError(DedupError, KeyError):
    """No story of the index has, or ever had, the given id.

    Attributes:
        story_id: the id that was looked up.
    """

    def __init__(self, story_id: str) -> None:
        self.story_id = story_id
        super().__init__(story_id)

    def __str__(self) -> str:
        return f"no story has the id {self.story_id!r}; use the story_id of a verdict (pruned stories have no id)"


class AuditError(DedupError, ValueError):
    """An audit cannot be drawn, read or evaluated; the message says why and what to do."""


class ModelError(FileError):
    """The model file of the score cannot be used."""


class WordTableError(FileError, ValueError):
    """A table of the words of one's own archive cannot be used."""


class CalibrationError(FileError, ValueError):
    """A file of a calibration cannot be used."""


class TooManyHeadlinesError(DedupError):
    """A window, or the set of headlines without a time, is too large to be compared.

    Attributes:
        headlines: the size of the largest window.
        limit: the largest size that is supported.
    """

    def __init__(self, headlines: int, limit: int) -> None:
        self.headlines, self.limit = headlines, limit
        super().__init__(
            f"{headlines:,} headlines share one window or have no time; at most {limit:,} can be compared. "
            "Shorten the window, add publication times, or scan the files in parts"
        )


class HeadlineIndexError(DedupError):
    """A headline index cannot be opened, read or written; its content is unchanged.

    Attributes:
        where: the index, as given to ``HeadlineIndex.open``.
        reason: the problem and the remedy.
    """

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(f"{where}: {reason}")


class WriteConflictError(HeadlineIndexError):
    """Other processes changed the index during a call, repeatedly; nothing was written and the call can be retried."""

    def __init__(self, where: str) -> None:
        super().__init__(where, "other processes kept changing it during this call; nothing was written, call again")


class IncompatibleIndexError(HeadlineIndexError):
    """A headline index was made with other settings, or by another version of dedup.

    Attributes:
        differences: by name, the value stored in the index and the value requested.
    """

    def __init__(self, where: str, differences: dict[str, tuple[object, object]]) -> None:
        self.differences = differences
        pairs = [f"{name} is {stored!r}, requested {asked!r}" for name, (stored, asked) in differences.items()]
        listed = "; ".join(pairs)
        super().__init__(
            where,
            f"made with other settings or another version of dedup: {listed}. Open it with its own settings "
            "(settings=None), or convert it: dedup index rebuild, or "
            'HeadlineIndex.open(…, mode="rebuild")',
        )

"""Every exception that dedup raises, under one root.

Each carries its data as attributes and says what was wrong, the value met, where, and what to do. Expected failures of
one input (a broken feed, a row without a title) are not raised: they are collected in the ``skipped`` frame, unless the
caller asks to be strict.
"""

from __future__ import annotations


class DedupError(Exception):
    """The root: catch this to catch everything that dedup raises on purpose."""


class SettingError(DedupError, ValueError):
    """An argument or setting has a value that cannot be used.

    Attributes:
        setting: the name of the argument.
        value: the value met.
        expected: what would be right, in words.
    """

    def __init__(self, setting: str, value: object, expected: str) -> None:
        self.setting, self.value, self.expected = setting, value, expected
        super().__init__(f"{setting} is {value!r}; it must be {expected}")


class FrameError(DedupError, ValueError):
    """A frame that crosses a module does not have the schema it must have.

    Attributes:
        frame: the frame's name (``HEADLINES``, ``KEYS``, …).
        problem: the columns missing or of another type, in words.
    """

    def __init__(self, frame: str, problem: str) -> None:
        self.frame, self.problem = frame, problem
        super().__init__(f"{frame}: {problem}")


class InputError(DedupError):
    """An input cannot be used at all (raised for the whole run, or for each input when strict).

    Attributes:
        file: the path as given.
        place: line, row, item or member within it ("" for the whole file).
        reason: what is wrong and what to do.
    """

    def __init__(self, file: str, reason: str, place: str = "") -> None:
        self.file, self.place, self.reason = file, place, reason
        super().__init__(f"{file}{f' ({place})' if place else ''}: {reason}")


class OutputError(DedupError):
    """The results cannot be written.

    Attributes:
        path: where they should have gone.
        reason: why that failed and what to do.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class NoRoomError(DedupError):
    """What does not fit into memory cannot be put on the disk.

    Attributes:
        folder: where it should have gone.
        reason: why that failed.
    """

    def __init__(self, folder: str, reason: str) -> None:
        self.folder, self.reason = folder, reason
        super().__init__(
            f"{folder}: texts and pairs that pass their share of the memory limit go there, but cannot be written "
            f"({reason}); make room, name another folder with TMPDIR, or raise the memory limit"
        )


class UnknownHeadlineError(DedupError, KeyError):
    """A headline id that the result does not hold.

    Attributes:
        headline_id: the id asked for.
    """

    def __init__(self, headline_id: str) -> None:
        self.headline_id = headline_id
        super().__init__(headline_id)

    def __str__(self) -> str:
        return f"no headline has the id {self.headline_id!r}; ids stand in the column headline_id of headlines"


class ModelError(DedupError):
    """The score's model file cannot be used.

    Attributes:
        path: the file.
        reason: what is wrong with it.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class TooManyHeadlinesError(DedupError):
    """More headlines without a time, or within one window, than can be compared at once.

    Attributes:
        met: how many there are.
        most: how many can be.
    """

    def __init__(self, met: int, most: int) -> None:
        self.met, self.most = met, most
        super().__init__(
            f"{met:,} headlines may meet at once (within one window, or without a time); at most {most:,} can. "
            "Use a shorter window, give the headlines times, or scan them in parts"
        )


class UnknownStoryError(DedupError, KeyError):
    """A story id that the index does not hold, nor ever gave to a story that it still holds.

    Attributes:
        story_id: the id asked for.
    """

    def __init__(self, story_id: str) -> None:
        self.story_id = story_id
        super().__init__(story_id)

    def __str__(self) -> str:
        return f"no story has the id {self.story_id!r}; a verdict's story_id is one, if it was not pruned since"


class HeadlineIndexError(DedupError):
    """A headline index cannot be opened, read or written; what it holds is as it was before the call.

    Attributes:
        where: the index, as given to ``HeadlineIndex.open``.
        reason: what is wrong and what to do.
    """

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(f"{where}: {reason}")


class OvertakenError(HeadlineIndexError):
    """Another process changed a headline index under a call, of which nothing was written; it can be made again."""

    def __init__(self, where: str) -> None:
        super().__init__(where, "other workers changed it under this call again and again; nothing is lost, call again")


class IncompatibleIndexError(HeadlineIndexError):
    """A headline index was made with something else than what is asked of it now.

    Attributes:
        differences: for each thing that differs, what the index was made with and what is asked for.
    """

    def __init__(self, where: str, differences: dict[str, tuple[object, object]]) -> None:
        self.differences = differences
        told = "; ".join(f"{name} is {made!r} there, {asked!r} here" for name, (made, asked) in differences.items())
        super().__init__(
            where,
            f"made with other settings or another version of dedup: {told}. Open it with the settings it was made with "
            "(settings=None takes them), or bring it up to date: dedup index rebuild, or "
            'HeadlineIndex.open(…, mode="rebuild")',
        )

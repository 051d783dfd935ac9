"""Many short texts as pieces of one array of code points."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from dedup.hashing import Sums
from dedup.lines import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedup.hashing import Codes, Hashes, Positions

BLANK = 0x20


@dataclass(frozen=True, slots=True)
class Texts:
    """n texts: text i is ``codes[start[i]:end[i]]``."""

    codes: Codes
    start: Positions
    end: Positions

    @classmethod
    def of(cls, strings: Iterable[str]) -> Texts:
        """The texts of strings."""
        listed = list(strings)
        ends = np.fromiter(accumulate(map(len, listed), initial=0), np.int64, len(listed) + 1)
        return cls(encode("".join(listed)), ends[:-1], ends[1:])

    @classmethod
    def of_numbers(cls, values: Positions) -> Texts:
        """Whole numbers in digits."""
        written = values.astype("U20")
        start = 20 * np.arange(len(values))
        return cls(written.view(np.uint32), start, start + np.strings.str_len(written))

    @classmethod
    def chained(cls, parts: Sequence[Texts]) -> Texts:
        """All texts of several."""
        shifts = [0, *accumulate(len(part.codes) for part in parts)]
        start, end = (
            np.concatenate([edges + shift for edges, shift in zip(side, shifts, strict=False)])
            for side in ([part.start for part in parts], [part.end for part in parts])
        )
        return cls(np.concatenate([part.codes for part in parts]), start, end)

    def __len__(self) -> int:
        return len(self.start)

    def __add__(self, other: Texts) -> Texts:
        """Each text with the other's text of the same place written onto it."""
        codes = np.concatenate([self.codes, other.codes])
        start = np.stack([self.start, other.start + len(self.codes)], axis=1).ravel()
        end = np.stack([self.end, other.end + len(self.codes)], axis=1).ravel()
        ends = (end - start).reshape(-1, 2).sum(axis=1).cumsum()
        return Texts(codes[spans(start, end)], np.concatenate([[0], ends[:-1]]), ends)

    def take(self, which: Positions | np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Texts:
        """Some of the texts."""
        return Texts(self.codes, self.start[which], self.end[which])

    def packed(self) -> Texts:
        """The same texts with no code points beside theirs."""
        ends = (self.end - self.start).cumsum()
        return Texts(self.codes[spans(self.start, self.end)], ends - self.end + self.start, ends)

    def sums(self) -> Hashes:
        """The sum of each text (see ``dedup.hashing``)."""
        few = self if 2 * (self.end - self.start).sum() > len(self.codes) else self.packed()
        return Sums(few.codes).of(few.start, few.end)

    def code(self, offset: int) -> Codes:
        """The code point at a place of each text, from its end if negative; 0 where the text is shorter."""
        at = self.start + offset if offset >= 0 else self.end + offset
        inside = at < self.end if offset >= 0 else at >= self.start
        return self.codes.take(at, mode="clip") * inside if len(self.codes) else np.zeros(len(at), np.uint32)

    def strings(self) -> list[str]:
        """The texts as strings."""
        whole = self.codes.tobytes().decode("utf-32-le")
        return [whole[start:end] for start, end in zip(self.start.tolist(), self.end.tolist(), strict=True)]

    def joined(self, separator: str) -> str:
        """All texts in one string, the separator between two."""
        return self.joined_codes(separator).tobytes().decode("utf-32-le")

    def joined_codes(self, separator: str) -> Codes:
        """All texts in one array, the separator between two."""
        count = len(separator)
        codes = np.append(self.codes, np.zeros(count, np.uint32))
        joined = codes[spans(self.start, self.end + count)]
        ends = (self.end - self.start + count).cumsum()
        for back, char in enumerate(reversed(separator), start=1):
            joined[ends - back] = ord(char)
        return joined[:-count]


def spans(start: Positions, end: Positions) -> Positions:
    """All positions from each start up to, not including, its end."""
    length = end - start
    ends = length.cumsum()
    shifts: Positions = (start - ends + length).repeat(length)
    return shifts + np.arange(len(shifts))

"""Repair text whose UTF-8 bytes were read in another encoding: «Ù…ØµØ±», «ŸÖÿµÿ±»; find text lost to "???".

A text is repaired where its characters, written in the wrong encoding, are valid UTF-8 with Arabic letters; that does
not happen to other text by accident. ftfy repairs more kinds, but none that turn into Arabic are missing here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from dedup.core.patterns import matching_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

ENCODINGS = ("cp1252", "mac_roman", "cp1256", "iso8859-6", "cp437", "cp850", "cp720")
"""Encodings that UTF-8 is mistaken for: of Western Windows and Macs, of Arabic systems, of DOS."""
SUSPICIOUS = r"[ØÙÚÛ][\u{80}-\u{bf}\u{152}-\u{178}\u{2018}-\u{203a}\u{20ac}\u{2122}\u{2c6}\u{2dc}]|[ÿŸ⁄€][^\s\w]|[طظع][\u{80}-\u{bf}²³·…‚„†‡ˆ‰‹‘’“”•–—™›€پچژڈکڑںھہے]|ط§|ظ„|╪|[╫┘┌█][^\s]|ÿ[ß±≤≥∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…]"  # fmt: skip  # noqa: E501
MIN_MARKS = 2
LOST = r"^[^\p{L}]*\?{2,}[^\p{L}]*$"
"""A title of question marks: each letter was replaced when it was saved in an encoding without Arabic."""
_ARABIC = re.compile("[\u0621-\u064a]")


@cache
def _bytes_of(encoding: str) -> dict[int, bytes]:
    """Return the byte of each character of an encoding; undefined bytes are the control characters of Latin-1."""
    table = {}
    for byte in range(256):
        table[byte] = bytes([byte])
    for byte in range(0x80, 0x100):
        try:
            table[ord(bytes([byte]).decode(encoding))] = bytes([byte])
        except UnicodeDecodeError:
            continue
    return table


def repair(text: str) -> str | None:
    """Return the Arabic text that was read in a wrong encoding, None if there is none.

    Examples:
        >>> repair("مصر".encode().decode("mac_roman")), repair("مصر")
        ('مصر', None)
    """
    for encoding in ENCODINGS:
        repaired = _reread(text, encoding)
        if repaired is not None:
            return repair(repaired) or repaired
    return None


def _reread(text: str, encoding: str) -> str | None:
    """Return the text read as UTF-8 after writing it in an encoding, None if that gives no Arabic."""
    table = _bytes_of(encoding)
    pieces = [table.get(ord(character)) for character in text]
    known = [piece for piece in pieces if piece is not None]
    high = sum(piece > b"\x7f" for piece in known)
    if high < 2 * MIN_MARKS or len(pieces) - len(known) > len(pieces) / 50:
        return None
    read = b"".join(known).decode("utf-8", "ignore")
    arabic = len(_ARABIC.findall(read))
    # Of UTF-8 that is cut (trailing marks are often lost), nearly all must still be letters.
    return read if arabic >= MIN_MARKS and arabic * 2 > 0.7 * high else None


def repair_column(texts: pl.Series) -> tuple[pl.Series, Sequence[int]]:
    """Repair a column; return it and the rows that changed."""
    if not len(texts) or texts.null_count() == len(texts):
        return texts, []
    rows = matching_rows(texts, SUSPICIOUS)
    if not rows:
        return texts, []
    repaired = {row: new for row, text in zip(rows, texts.gather(rows), strict=True) if (new := repair(text))}
    if not repaired:
        return texts, []
    return texts.clone().scatter(list(repaired), pl.Series(list(repaired.values()), dtype=pl.String)), list(repaired)

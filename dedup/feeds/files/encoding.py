"""Bytes -> text, by evidence: the label is one witness, and often a false one.

Order of trust: a byte order mark; NUL bytes in every other place (UTF-16 without a mark); bytes that are valid UTF-8,
whatever the label says (windows-1256 text is never valid UTF-8 by accident for longer than a word or two); then the
label, unless Arabic letters speak for windows-1256 or ISO-8859-6 against it. A few bad bytes never decide for the whole
file: readers that guess again for one bad byte turned 1,470 of 1,500 titles into mojibake. Where most of the text is
UTF-8, only the bad stretch is looked at: it is read as windows-1256 where that gives Arabic words, else U+FFFD stands
for it.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from dedup.feeds.document import Note, Notes

LABEL = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
META = re.compile(rb"""(?i)<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""")
TEXT_CODECS = re.compile(
    r"(ascii|utf[-_]?(8|16|32).*|(iso|latin|cp|windows|koi8|mac|big5|gb|hz|euc|shift|tis|kz|ptcp).*)$", re.IGNORECASE
)
"""Python also lists codecs that are no encodings of text (zip, rot13, unicode_escape); a feed may not choose those."""
HIGH = re.compile(rb"[\x80-\xff]+")
STRETCH = re.compile(rb"[^<>\n]+")
COMMON = str.maketrans("", "", "اليمنورتب")
"""The commonest Arabic letters: nearly half of any Arabic text, and few of them where the encoding is guessed wrong."""
SAMPLE = 200_000
ARABIC = ("cp1256", "iso8859-6")


@dataclass(slots=True)
class Decoded:
    """Text, the encoding that was used, what to say about it, and whether U+FFFD stands for bytes that are no text."""

    text: str
    encoding: str
    notes: list[Note] = field(default_factory=list)
    damaged: bool = False


def label_of(data: bytes | bytearray) -> str | None:
    """The encoding that an XML declaration or an HTML meta tag names."""
    head = bytes(data[:2048])
    found = LABEL.search(head) or META.search(head)
    return found[1].decode("ascii").lower() if found else None


def label_note(data: bytes | bytearray) -> str | None:
    """What is wrong with the label of bytes that are known to be UTF-8, if anything."""
    label = label_of(data)
    if label is None:
        return None
    codec = _codec(label)
    if codec is None:
        return f"the declared encoding {label!r} is unknown; the text is UTF-8 and was read as that"
    if codec.startswith(("utf-16", "utf-32")) or (codec != "utf-8" and not data.isascii()):
        return f"declared as {label}, but the text is valid UTF-8 and was read as that"
    return None


def decode(data: bytes | bytearray) -> Decoded:
    """The text of a document, by the evidence above."""
    marked = _marked(data)
    if marked:
        return marked
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            # Cut inside a character: the cut itself is noticed by whoever reads the text.
            return decode(data[: error.start])
        return _not_utf8(data)
    note = label_note(data)
    return Decoded(text, "utf-8", [Note("", note)] if note else [])


def _marked(data: bytes | bytearray) -> Decoded | None:
    """Text with a byte order mark, or in UTF-16 without one."""
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            if codec == "utf-8":
                decoded = decode(data[len(mark) :])
                # The mark says UTF-8 as plainly as can be: a label that says otherwise is not worth a word.
                decoded.notes = decoded.notes if decoded.damaged or decoded.encoding != codec else []
                return decoded
            return _wide(data[len(mark) :], codec)
    head = bytes(data[:4096])
    # ASCII letters and blanks have a NUL as their high byte, Arabic letters a 6.
    even, odd = (sum(head[start::2].count(byte) for byte in (0, 6)) for start in (0, 1))
    half = len(head) / 2
    if odd > 0.7 * half and even < 0.1 * half:
        return _wide(data, "utf-16-le")
    if even > 0.7 * half and odd < 0.1 * half:
        return _wide(data, "utf-16-be")
    return None


def _wide(data: bytes | bytearray, codec: str) -> Decoded:
    text = data[: len(data) - len(data) % (4 if "32" in codec else 2)].decode(codec, "replace")
    damaged = "\ufffd" in text
    notes = [Note("", f"some bytes are no {codec}; \ufffd stands for them")] if damaged else []
    return Decoded(text, codec, notes, damaged)


def _not_utf8(data: bytes | bytearray) -> Decoded:
    sample = bytes(data[:SAMPLE] if HIGH.search(data, 0, SAMPLE) else data)
    kept = sum(len(run) for run in HIGH.findall(sample.decode("utf-8", "ignore").encode()))
    high = sum(len(run) for run in HIGH.findall(sample))
    if kept > high / 2:
        return _mended(data)
    label = label_of(data)
    codec = _codec(label) if label else None
    chosen = _arabic(sample)
    if codec in ARABIC and chosen:
        chosen = codec if _common(sample, codec) >= 0.9 * _common(sample, chosen) else chosen
    elif chosen is None:
        chosen = codec if codec and not codec.startswith("utf") else "cp1252"
    text = data.decode(chosen, "replace")
    notes = []
    if chosen != codec:
        said = f"declared as {label}" if label else "no encoding declared"
        notes.append(Note("", f"{said}, but the text is not that; read as {_spoken(chosen)}"))
    return Decoded(text, chosen, notes, damaged="\ufffd" in text)


def _arabic(sample: bytes) -> str | None:
    """The 8-bit encoding in which the sample is Arabic, or None: Arabic letters come in runs, accents one by one."""
    runs = HIGH.findall(sample)
    if sum(map(len, runs)) < 2 * len(runs):
        return None
    return max(ARABIC, key=lambda codec: _common(sample, codec))


def _common(sample: bytes, codec: str) -> int:
    """How many of the commonest Arabic letters the sample holds when read so."""
    text = sample.decode(codec, "ignore")
    return len(text) - len(text.translate(COMMON))


def _mended(data: bytes | bytearray) -> Decoded:
    """UTF-8 with some bad stretches (between tags or line ends): each is decided by itself."""
    notes = Notes()
    line, counted, damaged = 1, 0, False

    def mend(match: re.Match[bytes]) -> bytes:
        nonlocal line, counted, damaged
        stretch = match[0]
        try:
            stretch.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return stretch
        line, counted = line + data.count(b"\n", counted, match.start()), match.start()
        text = stretch.decode("utf-8", "replace")
        high = sum(map(len, HIGH.findall(stretch)))
        if text.count("\ufffd") > high / 3 and _arabic(stretch) == "cp1256":
            notes.add(f"line {line}", "bytes that are no UTF-8 were read as windows-1256")
            return stretch.decode("cp1256", "replace").encode()
        notes.add(f"line {line}", "bytes that are no UTF-8; \ufffd stands for them")
        damaged = True
        return text.encode()

    text = STRETCH.sub(mend, data).decode("utf-8", "replace")
    return Decoded(text, "utf-8", notes.all(), damaged)


def _codec(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return name if TEXT_CODECS.match(name) else None


def _spoken(codec: str) -> str:
    return {"cp1256": "windows-1256", "cp1252": "windows-1252"}.get(codec, codec)

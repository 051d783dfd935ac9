"""Decode bytes by evidence; the declared encoding is one piece of it, and often wrong.

Order of precedence: a byte order mark; NUL bytes at every second position (UTF-16 without a mark); bytes that are valid
UTF-8, whatever is declared (windows-1256 text is not valid UTF-8 for longer than a word or two); the declared encoding,
unless letter counts favour windows-1256, ISO-8859-6 or MS-DOS's cp720. A few invalid bytes never change the encoding
of the file: readers that guess again after one such byte turned 1,470 of 1,500 titles into mojibake. In text that is
mostly UTF-8, only the invalid stretch is decoded anew: as windows-1256 where that yields Arabic words, else to U+FFFD.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from dedup.feeds.document import Note, Notes

DECLARATION = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
META = re.compile(rb"""(?i)<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""")
TEXT_CODECS = re.compile(
    r"(ascii|utf[-_]?(8|16|32).*|(iso|latin|cp|windows|koi8|mac|big5|gb|hz|euc|shift|tis|kz|ptcp).*)$", re.IGNORECASE
)
"""Names of text encodings. Python also has codecs of other kinds (zip, rot13, unicode_escape), which a feed must not
select."""
HIGH = re.compile(rb"[\x80-\xff]+")
STRETCH = re.compile(rb"[^<>\n]+")
COMMON = str.maketrans("", "", "اليمنورتب")
"""Deletes the commonest Arabic letters: nearly half of any Arabic text, and few of text in a wrong encoding."""
SAMPLE = 200_000
ARABIC = ("cp1256", "iso8859-6", "cp720")


@dataclass(slots=True)
class Decoded:
    """Text, its encoding, notes on it, and whether it holds U+FFFD for undecodable bytes."""

    text: str
    encoding: str
    notes: list[Note] = field(default_factory=list)
    damaged: bool = False


def declared_encoding(data: bytes | bytearray) -> str | None:
    """Return the encoding that an XML declaration or an HTML meta tag names, in lower case."""
    head = bytes(data[:2048])
    match = DECLARATION.search(head) or META.search(head)
    return match[1].decode("ascii").lower() if match else None


def declaration_note(data: bytes | bytearray) -> str | None:
    """Return a remark if the declared encoding of valid UTF-8 is wrong, else None."""
    declared = declared_encoding(data)
    if declared is None:
        return None
    codec = _codec(declared)
    if codec is None:
        return f"the declared encoding {declared!r} is unknown; the text is UTF-8 and was read as that"
    if codec.startswith(("utf-16", "utf-32")) or (codec != "utf-8" and not data.isascii()):
        return f"declared as {declared}, but the text is valid UTF-8 and was read as that"
    return None


def decode(data: bytes | bytearray) -> Decoded:
    """Decode a document by the evidence above.

    Examples:
        >>> decode("عنوان".encode("cp1256")).encoding
        'cp1256'
    """
    marked = _by_mark(data)
    if marked:
        return marked
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            # Truncated inside a character; readers of the format report the truncation.
            return decode(data[: error.start])
        return _decode_other(data)
    note = declaration_note(data)
    return Decoded(text, "utf-8", [Note("", note, lost=False)] if note else [])


def _by_mark(data: bytes | bytearray) -> Decoded | None:
    """Decode data with a byte order mark, or UTF-16 without one; return None for other data."""
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
                # The mark proves UTF-8, so a contradicting declaration needs no note.
                decoded.notes = decoded.notes if decoded.damaged or decoded.encoding != codec else []
                return decoded
            return _decode_wide(data[len(mark) :], codec)
    head = bytes(data[:4096])
    # ASCII letters and blanks have a NUL as their high byte, Arabic letters a 6.
    even, odd = (sum(head[start::2].count(byte) for byte in (0, 6)) for start in (0, 1))
    half = len(head) / 2
    if odd > 0.7 * half and even < 0.1 * half:
        return _decode_wide(data, "utf-16-le")
    if even > 0.7 * half and odd < 0.1 * half:
        return _decode_wide(data, "utf-16-be")
    return None


def _decode_wide(data: bytes | bytearray, codec: str) -> Decoded:
    """Decode UTF-16 or UTF-32."""
    text = data[: len(data) - len(data) % (4 if "32" in codec else 2)].decode(codec, "replace")
    damaged = "\ufffd" in text
    notes = [Note("", f"some bytes are not valid {codec}; they were replaced by \ufffd")] if damaged else []
    return Decoded(text, codec, notes, damaged)


def _decode_other(data: bytes | bytearray) -> Decoded:
    """Decode data that are not valid UTF-8."""
    sample = bytes(data[:SAMPLE] if HIGH.search(data, 0, SAMPLE) else data)
    valid = sum(len(run) for run in HIGH.findall(sample.decode("utf-8", "ignore").encode()))
    high = sum(len(run) for run in HIGH.findall(sample))
    if valid > high / 2:
        return _decode_stretches(data)
    declared = declared_encoding(data)
    codec = _codec(declared) if declared else None
    chosen = _arabic_codec(sample)
    if codec in ARABIC and chosen:
        chosen = codec if _count_common(sample, codec) >= 0.9 * _count_common(sample, chosen) else chosen
    elif chosen is None:
        chosen = codec if codec and not codec.startswith("utf") else "cp1252"
    text = data.decode(chosen, "replace")
    notes = []
    if chosen != codec:
        declared = f"declared as {declared}" if declared else "no encoding declared"
        notes.append(Note("", f"{declared}; read as {_display_name(chosen)}", lost=False))
    return Decoded(text, chosen, notes, damaged="\ufffd" in text)


def _arabic_codec(sample: bytes) -> str | None:
    """Return the 8-bit encoding in which the sample is Arabic, else None: Arabic letters form runs, accents do not."""
    runs = HIGH.findall(sample)
    if sum(map(len, runs)) < 2 * len(runs):
        return None
    return max(ARABIC, key=lambda codec: _count_common(sample, codec))


def _count_common(sample: bytes, codec: str) -> int:
    """Count the commonest Arabic letters in the sample when decoded with the codec."""
    text = sample.decode(codec, "ignore")
    return len(text) - len(text.translate(COMMON))


def _decode_stretches(data: bytes | bytearray) -> Decoded:
    """Decode UTF-8 with some invalid stretches (between tags or line ends), each by itself."""
    notes = Notes()
    line, counted_to, damaged = 1, 0, False

    def mend(match: re.Match[bytes]) -> bytes:
        nonlocal line, counted_to, damaged
        stretch = match[0]
        try:
            stretch.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return stretch
        line, counted_to = line + data.count(b"\n", counted_to, match.start()), match.start()
        text = stretch.decode("utf-8", "replace")
        high = sum(map(len, HIGH.findall(stretch)))
        if text.count("\ufffd") > high / 3 and _arabic_codec(stretch) == "cp1256":
            notes.add(f"line {line}", "bytes that are not valid UTF-8 were read as windows-1256")
            return stretch.decode("cp1256", "replace").encode()
        notes.add(f"line {line}", "bytes that are not valid UTF-8 were replaced by \ufffd")
        damaged = True
        return text.encode()

    text = STRETCH.sub(mend, data).decode("utf-8", "replace")
    return Decoded(text, "utf-8", notes.all(), damaged)


def _codec(declared: str) -> str | None:
    """Return Python's name of a declared text encoding, None if it has none."""
    try:
        name = codecs.lookup(declared).name
    except (LookupError, ValueError):
        return None
    return name if TEXT_CODECS.match(name) else None


def _display_name(codec: str) -> str:
    """Return the usual name of a codec."""
    return {"cp1256": "windows-1256", "cp1252": "windows-1252"}.get(codec, codec)

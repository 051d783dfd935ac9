"""gzip, zstd and zip, opened in memory and bounded: a member's name never becomes a path.

Each library's convenient call hides a fault, which is why the streams are driven by hand: ``gzip.decompress`` throws
everything away for a cut-off or trailing byte, ``zlib.decompressobj`` stops silently after the first of several
members, ``ZstdDecompressor.decompress`` ignores its own size limit when the frame states a size, and zstandard's
``stream_reader`` ends a cut-off frame without an error. ``ZipFile.read(name)`` returns the last of two members of one
name.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

import zstandard

from dedup.feeds.document import Note, Unusable
from dedup.feeds.files.discover import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.feeds.files.limits import Limits

    Data = bytes | bytearray

GZIP, ZSTD, ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", (b"PK\x03\x04", b"PK\x05\x06")
OTHERS = {
    b"BZh": "bzip2 data",
    b"\xfd7zXZ\x00": "xz data",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
}
PIECE = 1024
"""Input handed to zstd at once. A block of 4 bytes may become 128 KiB, so a piece becomes 32 MiB at the very most."""
OUTPUT = 1024 * 1024
"""Input handed to zlib, and output asked of it, at once."""
FIRST = 16 * 1024
"""The first piece of a gzip member: zlib copies what follows the member, and there may be half a million of them."""
SMALL, ENDING = 16, 1024
"""Pieces on the second way through damaged gzip data; their last KiB, where the checksum stands, goes byte by byte."""


class Member(NamedTuple):
    """A document found in a file: its name inside an archive ("" outside), its bytes, and what was wrong with them."""

    name: str
    data: Data
    notes: list[Note]
    reason: str = ""


def open_container(data: Data, limits: Limits) -> Iterator[Member]:
    """The documents in a file: itself, or what it holds.

    Raises:
        Unusable: naming the container and what is wrong with it.
    """
    if data[:4] in ZIP:
        yield from _zip(data, limits)
    else:
        yield _unpacked("", data, limits)


def _unpacked(name: str, data: Data, limits: Limits) -> Member:
    for magic, words in OTHERS.items():
        if data.startswith(magic):
            raise Unusable(f"{words}, which is not read; give the file unpacked, or as gzip, zstd or zip")
    if data.startswith(GZIP):
        return Member(name, *_inflate(data, "gzip", limits))
    if data.startswith(ZSTD):
        return Member(name, *_inflate(data, "zstd", limits))
    return Member(name, data, [])


def _inflate(data: Data, kind: str, limits: Limits) -> tuple[bytearray, list[Note]]:
    """All members or frames one after the other; of damaged or cut-off data, what came out before the damage."""
    out, notes = bytearray(), []
    allowed = limits.unpacked(len(data))
    magic, member = (GZIP, _gzip_member) if kind == "gzip" else (ZSTD, _zstd_frame)
    view, at = memoryview(data), 0
    while view[at : at + len(magic)] == magic:
        try:
            whole, at = member(view, at, out, allowed)
        except (zlib.error, zstandard.ZstdError) as error:
            notes.append(Note(f"byte {len(out)}", f"the {kind} data are damaged ({error}); what came before is read"))
            at = len(view)
            break
        if len(out) > allowed:
            raise Unusable(
                f"{kind}: {len(data):,} bytes become more than {allowed:,}, which is over the limit"
                f" (file_bytes {limits.file_bytes:,}, ratio {limits.ratio}); raise the limit, or give smaller files"
            )
        if not whole:
            notes.append(Note(f"byte {len(out)}", f"the {kind} data are cut off; what came before is read"))
    rest = bytes(view[at:])
    if rest.strip(b"\0"):
        notes.append(Note("end", f"{len(rest):,} bytes after the {kind} data are no {kind} data and were left out"))
    if not out and notes:
        raise Unusable(notes[0].reason.replace("; what came before is read", ", nothing came before the damage"))
    return out, notes


def _gzip_member(view: memoryview, start: int, out: bytearray, allowed: int) -> tuple[bool, int]:
    """Inflate the member at ``start``; whether it was whole, and where the next begins."""
    before = len(out)
    try:
        return _gzip_steps(view, start, out, allowed, FIRST, OUTPUT)
    except zlib.error:
        # The call that meets the damage gives nothing, so the way there is gone again in the smallest steps.
        del out[before:]
        return _gzip_steps(view, start, out, allowed, SMALL, SMALL)


def _gzip_steps(view: memoryview, start: int, out: bytearray, allowed: int, first: int, later: int) -> tuple[bool, int]:
    stream = zlib.decompressobj(wbits=31)
    at, size = start, first
    while at < len(view) and len(out) <= allowed:
        size = size if size > SMALL or len(view) - at > ENDING else 1
        piece: bytes | memoryview = view[at : at + size]
        at += len(piece)
        while piece and not stream.eof and len(out) <= allowed:
            out += stream.decompress(piece, OUTPUT)
            piece = stream.unconsumed_tail
        if stream.eof:
            return True, at - len(stream.unused_data)
        size = later
    return False, at


def _zstd_frame(view: memoryview, start: int, out: bytearray, allowed: int) -> tuple[bool, int]:
    """As ``_gzip_member``, for a zstd frame."""
    stream = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
    at = start
    while at < len(view) and len(out) <= allowed:
        piece = view[at : at + PIECE]
        at += len(piece)
        out += stream.decompress(piece)
        if stream.eof:
            return True, at - len(stream.unused_data)
    return False, at


def _zip(data: Data, limits: Limits) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise Unusable(f"the zip archive cannot be opened ({error}); it is damaged or cut off") from None
    if len(members) > limits.members:
        raise Unusable(f"the zip archive has {len(members):,} members, over the limit of {limits.members:,}")
    left, empty = limits.unpacked(len(data)), 0
    with archive:
        for info in members:
            if info.is_dir():
                continue
            name = printable(info.filename)
            try:
                content = _member_bytes(archive, info, left)
                member = _unpacked(name, content, limits) if content else None
            except Unusable as error:
                yield Member(name, b"", [], str(error))
                continue
            if member is None:
                empty += 1
                continue
            left -= max(len(content), len(member.data))
            yield member
    if empty:
        yield Member("", b"", [], f"{empty:,} members of the zip archive are empty files")


def _member_bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes:
    if PurePosixPath(info.filename.replace("\\", "/")).name.startswith(".") or info.filename.startswith("__MACOSX/"):
        raise Unusable("a hidden member of the zip archive")
    try:
        with archive.open(info) as stream:
            content = stream.read(max(left, 0) + 1)
    except RuntimeError:
        raise Unusable("the member of the zip archive needs a password") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Unusable(f"the member of the zip archive is damaged ({error})") from None
    if len(content) > left:
        raise Unusable("the zip archive's members together are over the limit of bytes for one file")
    if content[:4] in ZIP:
        raise Unusable("an archive inside the zip archive; unpack it first")
    return content

"""Decompress gzip, zstd, zip and tar in memory, within limits; a member's name never becomes a path.

The streams are driven step by step, since each library's one-line call hides a fault: ``gzip.decompress`` discards all
output when the data are cut off or followed by other bytes, ``zlib.decompressobj`` stops silently after the first of
several members, ``ZstdDecompressor.decompress`` ignores its size limit when the frame states a size, zstandard's
``stream_reader`` ends a truncated frame without an error, and ``ZipFile.read(name)`` returns the last of two members of
one name.
"""

from __future__ import annotations

import io
import tarfile
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
UNSUPPORTED = {
    b"BZh": "bzip2 data",
    b"\xfd7zXZ\x00": "xz data",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
}
TAR, TAR_OFFSET = b"ustar", 257
"""The signature of a tar archive, and its offset in bytes."""
ENTRY, ENCRYPTED = b"PK\x01\x02", 1
"""Signature of an entry in a zip archive's directory, and the flag of encrypted members."""
PIECE = 1024
"""Bytes passed to zstd per step. A block of 4 bytes can expand to 128 KiB, so one step yields at most 32 MiB."""
OUTPUT = 1024 * 1024
"""Bytes passed to zlib, and requested from it, per step."""
FIRST = 16 * 1024
"""Bytes of the first step of a gzip member: zlib copies the input behind a member, and a file may hold half a million
members."""
STEP = 4096
"""Compressed bytes per step of bzip2 and LZMA members: zipfile expands each step completely."""
SMALL, ENDING = 16, 1024
"""Step sizes of the second pass over damaged gzip data; the last KiB, which holds the checksum, goes byte by byte."""


class Member(NamedTuple):
    """A document in a file: its name inside an archive ("" outside), its bytes, notes on faults, why it is unusable."""

    name: str
    data: Data
    notes: list[Note]
    reason: str = ""


def open_container(data: Data, limits: Limits) -> Iterator[Member]:
    """Yield the documents in a file: the file itself, decompressed, or the members of an archive.

    Raises:
        Unusable: the container is damaged, unsupported or beyond a limit.
    """
    if data[:4] in ZIP:
        yield from [Member("", data, [])] if _is_workbook(data, limits) else _zip(data, limits)
    else:
        member = _unpacked("", data, limits, Budget(limits.unpacked(len(data))))
        if member.data[TAR_OFFSET : TAR_OFFSET + len(TAR)] == TAR:
            yield from _tar(member, limits)
        else:
            yield member


class Budget:
    """The bytes that decompression may still produce for one file, used or not.

    Bytes that were decompressed in vain (the member is damaged, too large or of another kind) are spent as well: else a
    thousand members could each cost the limit.
    """

    def __init__(self, size: int) -> None:
        self.left = size

    def spend(self, size: int) -> None:
        """Take decompressed bytes off the budget."""
        self.left -= size


def _unpacked(name: str, data: Data, limits: Limits, budget: Budget) -> Member:
    """Return the member, decompressed where it is gzip or zstd."""
    for magic, words in UNSUPPORTED.items():
        if data.startswith(magic):
            raise Unusable(f"{words}, which is not supported; unpack the file, or compress it with gzip, zstd or zip")
    if data.startswith(GZIP):
        return Member(name, *_inflate(data, "gzip", limits, budget))
    if data.startswith(ZSTD):
        return Member(name, *_inflate(data, "zstd", limits, budget))
    return Member(name, data, [])


def _inflate(data: Data, kind: str, limits: Limits, budget: Budget) -> tuple[bytearray, list[Note]]:
    """Decompress all members or frames; of damaged or truncated data, return the part before the damage."""
    out, notes = bytearray(), []
    allowed = min(limits.unpacked(len(data)), budget.left)
    magic, member = (GZIP, _gzip_member) if kind == "gzip" else (ZSTD, _zstd_frame)
    view, position = memoryview(data), 0
    while view[position : position + len(magic)] == magic:
        try:
            complete, position = member(view, position, out, allowed)
        except (zlib.error, zstandard.ZstdError) as error:
            notes.append(
                Note(f"byte {len(out)}", f"the {kind} data are damaged ({error}); the part before the damage is read")
            )
            position = len(view)
            break
        if len(out) > allowed:
            budget.spend(len(out))
            raise Unusable(
                f"{kind}: {len(data):,} bytes become more than {allowed:,}, which is over the limit"
                f" (file_bytes {limits.file_bytes:,}, ratio {limits.ratio}); raise the limit, or give smaller files"
            )
        if not complete:
            notes.append(Note(f"byte {len(out)}", f"the {kind} data are cut off; the part before the damage is read"))
    budget.spend(len(out))
    rest = bytes(view[position:])
    if rest.strip(b"\0"):
        notes.append(Note("end", f"{len(rest):,} bytes after the {kind} data are no {kind} data and were ignored"))
    if not out and notes:
        raise Unusable(
            notes[0].reason.replace("; the part before the damage is read", ", nothing could be read before the damage")
        )
    return out, notes


def _gzip_member(view: memoryview, start: int, out: bytearray, allowed: int) -> tuple[bool, int]:
    """Inflate the member at ``start``; return whether it was complete, and where the next one begins."""
    before = len(out)
    try:
        return _gzip_steps(view, start, out, allowed, FIRST, OUTPUT)
    except zlib.error:
        # The step that contains the damage yields nothing, so the member is read again in the smallest steps.
        del out[before:]
        return _gzip_steps(view, start, out, allowed, SMALL, SMALL)


def _gzip_steps(view: memoryview, start: int, out: bytearray, allowed: int, first: int, later: int) -> tuple[bool, int]:
    """Inflate a member in steps of ``first``, then ``later`` bytes; return as ``_gzip_member``."""
    stream = zlib.decompressobj(wbits=31)
    position, size = start, first
    while position < len(view) and len(out) <= allowed:
        size = size if size > SMALL or len(view) - position > ENDING else 1
        piece: bytes | memoryview = view[position : position + size]
        position += len(piece)
        while piece and not stream.eof and len(out) <= allowed:
            out += stream.decompress(piece, OUTPUT)
            piece = stream.unconsumed_tail
        if stream.eof:
            return True, position - len(stream.unused_data)
        size = later
    return False, position


def _zstd_frame(view: memoryview, start: int, out: bytearray, allowed: int) -> tuple[bool, int]:
    """Decompress the zstd frame at ``start``; return as ``_gzip_member``."""
    stream = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
    position = start
    while position < len(view) and len(out) <= allowed:
        piece = view[position : position + PIECE]
        position += len(piece)
        out += stream.decompress(piece)
        if stream.eof:
            return True, position - len(stream.unused_data)
    return False, position


OFFICE = {
    "xl/workbook.xml": "", "xl/workbook.bin": "", "content.xml": "",
    "word/document.xml": "a Word document; save the list of headlines as CSV or .xlsx",
    "ppt/presentation.xml": "a presentation; save the list of headlines as CSV or .xlsx",
    "META-INF/container.xml": "an e-book; it holds no feed",
}  # fmt: skip
"""Members that identify the zip archives of office programs: "" for workbooks, else the reason why it is not read."""


def _is_workbook(data: Data, limits: Limits) -> bool:
    """Return whether a zip archive is a workbook within the limits.

    Raises:
        Unusable: it is a document of another kind, or expands beyond the limits.
    """
    if data.count(ENTRY) > limits.members:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = {info.filename for info in members}
            kind = next((OFFICE[name] for name in OFFICE if name in names), None)
            if kind is None or (OFFICE.keys() & names == {"content.xml"} and "mimetype" not in names):
                return False
            if "content.xml" in names and b"spreadsheet" not in archive.open("mimetype").read(100):
                kind = "an OpenDocument text; save the list of headlines as CSV or .ods"
    except Exception:  # damaged archives raise a dozen kinds; ``_zip`` names the damage
        return False
    if kind:
        raise Unusable(kind)
    if sum(info.file_size for info in members) > limits.unpacked(len(data)):
        raise Unusable("the workbook expands beyond the limit of bytes for one file")
    return True


def _zip(data: Data, limits: Limits) -> Iterator[Member]:
    """Yield the members of a zip archive."""
    if data.count(ENTRY) > limits.members:  # counted before the directory is read: each entry takes half a KiB
        raise Unusable(f"the zip archive has over {limits.members:,} members, the limit; unpack it, or split it")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except Exception as error:  # zipfile raises a dozen kinds for damaged archives
        raise Unusable(f"the zip archive cannot be opened ({_said(error)}); it is damaged or cut off") from None
    budget, empty = Budget(limits.unpacked(len(data))), 0
    with archive:
        for info in members:
            if info.filename.endswith("/"):  # a folder; ``is_dir`` fails for a member without a name
                continue
            name = printable(info.filename)
            try:
                content = _member_bytes(archive, info, budget, limits)
                member = _unpacked(name, content, limits, budget) if content else None
            except Unusable as error:
                yield Member(name, b"", [], str(error))
                continue
            if member is None:
                empty += 1
                continue
            yield member
    if empty:
        yield Member("", b"", [], f"{empty:,} members of the zip archive are empty files")


def _tar(packed: Member, limits: Limits) -> Iterator[Member]:
    """Yield the files of a tar archive; their bytes are part of the archive's own, and need no limit of their own."""
    try:
        with tarfile.open(fileobj=io.BytesIO(packed.data), mode="r:") as archive:
            for number, info in enumerate(archive):
                if number >= limits.members:
                    reason = f"the tar archive has over {limits.members:,} members, the limit; the rest is not read"
                    yield Member("", b"", [], reason)
                    return
                name = printable(info.name)
                if not info.isfile() or PurePosixPath(info.name).name.startswith("."):
                    continue
                stream = archive.extractfile(info)
                content = stream.read(info.size) if stream else b""
                if content[:4] in ZIP or content[:2] == GZIP or content[:4] == ZSTD:
                    yield Member(name, b"", [], "an archive inside the tar archive; unpack it first")
                elif content:
                    yield Member(name, content, [])
    except (tarfile.TarError, OSError, ValueError, EOFError, OverflowError) as error:
        yield Member("", b"", [], f"the tar archive is damaged or cut off ({_said(error)})")
    if packed.notes:
        yield Member("", b"", [], packed.notes[0].reason)


def _member_bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, limits: Limits) -> bytearray:
    """Return the bytes of a member, at most what is left of the budget, and spend them."""
    if PurePosixPath(info.filename.replace("\\", "/")).name.startswith(".") or info.filename.startswith("__MACOSX/"):
        raise Unusable("a hidden member of the zip archive")
    if info.flag_bits & ENCRYPTED:
        raise Unusable("the member of the zip archive needs a password")
    size = max(info.file_size, 0)  # zipfile reads no more than this, whatever the data hold
    if size > budget.left:
        raise Unusable("the zip archive's members together are over the limit of bytes for one file")
    budget.spend(size)
    step = OUTPUT if info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) else STEP
    content = bytearray()
    try:
        with archive.open(info) as stream:
            while len(content) < size and (piece := stream.read(min(step, size - len(content)))):
                content += piece
    except Exception as error:  # damaged members raise LZMAError, zlib.error, ValueError, struct.error and more
        raise Unusable(f"the member of the zip archive is damaged ({_said(error)})") from None
    if content[:4] in ZIP and not _is_workbook(content, limits):
        raise Unusable("an archive inside the zip archive; unpack it first")
    return content


def _said(error: Exception) -> str:
    """Return the message of an error, its type if it has none."""
    return printable(str(error).splitlines()[0][:200]) if str(error) else type(error).__name__

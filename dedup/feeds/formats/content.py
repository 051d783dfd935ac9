"""The bytes of one document and what readers need beside them, and the interface of a format."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from os.path import splitext
from typing import TYPE_CHECKING, NamedTuple

from dedup.feeds.files.encoding import Decoded, decode
from dedup.feeds.files.limits import Watch
from dedup.feeds.files.suffixes import unpacked_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dedup.feeds.document import Document
    from dedup.feeds.files.archives import Data
    from dedup.feeds.files.limits import Limits

HEAD = 65_536
"""Bytes at the beginning from which a format is recognized."""


@dataclass
class Content:
    """One document before it is parsed.

    Attributes:
        data: its bytes, decompressed.
        name: of the file or archive member.
        limits: on what is read.
        columns: the caller's mapping of roles to names of columns.
        started: processor seconds of this thread when the file was opened; all attempts at it share one limit.
    """

    data: Data
    name: str
    limits: Limits
    columns: Mapping[str, str] = field(default_factory=dict)
    started: float = field(default_factory=time.thread_time)

    @property
    def watch(self) -> Watch:
        """A watch over one attempt at reading: items are counted from 0, seconds from the opening of the file."""
        return Watch(self.limits, self.started)

    @cached_property
    def decoded_head(self) -> Decoded:
        """The first bytes, decoded."""
        return decode(self.data[:HEAD])

    @cached_property
    def head(self) -> str:
        """The beginning of the text, without leading blanks and marks."""
        return self.decoded_head.text.lstrip("\ufeff \t\r\n\f\v\0")

    @cached_property
    def decoded(self) -> Decoded:
        """The text and notes on its encoding."""
        return decode(self.data)

    @cached_property
    def suffix(self) -> str:
        """The suffix of the name in lower case, compression aside: ``.csv`` of ``a.CSV.gz``."""
        return splitext(unpacked_name(self.name))[1].lower()


class Format(NamedTuple):
    """An input format.

    Attributes:
        suffixes: of its files, in lower case. recognizes: whether a document is in this format. read: the reader, of
            one document or several (sheets of a workbook); raises ``Unusable`` where nothing can be read. in_parent:
            whether the reader needs threads of Polars, and therefore runs in the parent process.
    """

    suffixes: tuple[str, ...]
    recognizes: Callable[[Content], bool]
    read: Callable[[Content], Document | list[Document]]
    in_parent: bool = False


def with_decoding_notes(content: Content, document: Document) -> Document:
    """Add the notes on the decoded text to a document read from it."""
    document.notes.extend(content.decoded.notes)
    document.damaged = document.damaged or content.decoded.damaged
    return document

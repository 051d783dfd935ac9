"""Addresses of items: as a report may link to them, and as an identity.

Patterns are for what may need them. A step with one takes Polars 0.1 ms even for a single address (0.07 ms with one
thread); that nothing is to be done is seen in 2 µs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEME = r"(?i)^(?:https?:)?//(?:www\.)?"
TRAILER = r"(?i)#.*$"
TRACKING = r"(?i)[?&](?:utm_[a-z]+|fbclid|gclid|ocid|mc_cid|mc_eid|igshid)=[^&#]*"
UNSAFE = r"(?i)^\s*(javascript|data|vbscript|file):"
"""Schemes that no report may turn into a link."""
CONTROL = r"[\x00-\x1f\x7f]"
_MARKS, _SECURE = "#?&", " https://"
_TOGETHER = 1 << 16
"""Addresses looked at together, as one string."""


def clean_addresses(urls: pl.Series) -> pl.Series:
    """Addresses without control characters and outer blanks; null where nothing is left, or that must be no link."""
    return _by_parts(urls, _cleaned)


def links(urls: pl.Series) -> pl.Series:
    """What tells cleaned addresses apart: without scheme, ``www.``, fragment, marks of campaigns and a last slash."""
    return _by_parts(urls, _bare)


def _by_parts(urls: pl.Series, step: Callable[[pl.Series, str], pl.Series]) -> pl.Series:
    """The step on parts of the column; it is told the addresses in one string, a blank before and behind each."""
    if urls.null_count() == len(urls):
        return urls
    done = []
    for at in range(0, len(urls), _TOGETHER):
        part = urls.slice(at, _TOGETHER) if len(urls) > _TOGETHER else urls
        known = part.drop_nulls() if part.null_count() else part
        done.append(step(part, " ".join(["", *known.to_list(), ""])))
    return done[0] if len(done) == 1 else pl.concat(done)


def _cleaned(urls: pl.Series, text: str) -> pl.Series:
    addresses = len(urls) - urls.null_count()
    web = text.count(" http") == text.count(" ") - 1 == addresses
    if web and text.isascii() and text.isprintable():
        return urls
    url = pl.col(urls.name).str.replace_all(CONTROL, "").str.strip_chars()
    return urls.to_frame().select(pl.when((url != "") & ~url.str.contains(UNSAFE)).then(url)).to_series()


def _bare(urls: pl.Series, text: str) -> pl.Series:
    addresses = len(urls) - urls.null_count()
    secure = addresses == len(urls) == text.count(_SECURE) == text.count("//") == text.count(" ") - 1
    if secure and "/ " not in text and not any(mark in text for mark in _MARKS) and _written_alike(text):
        return pl.Series(urls.name, text[:-1].replace(f"{_SECURE}www.", _SECURE).split(_SECURE)[1:])
    url = pl.col(urls.name).str.replace(SCHEME, "").str.replace(TRAILER, "").str.replace_all(TRACKING, "")
    return urls.to_frame().select(url.str.strip_chars_end("/?&")).to_series()


def _written_alike(text: str) -> bool:
    """Whether every ``www.`` that is to go is in small letters."""
    return text.lower().count(f"{_SECURE}www.") == text.count(f"{_SECURE}www.")

"""HEADLINES to KEYS."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape

import polars as pl

from dedup import frames
from dedup.arabic import characters, punctuation, variants
from dedup.arabic.furniture import of_outlets, stripped
from dedup.arabic.tables import exact_codes

_CHUNK = 16_384  # headlines; enough to keep NumPy busy, small enough to share between threads and stay in cache


@dataclass(frozen=True, slots=True)
class Keys:
    """A headline's display form, its keys, and the furniture that was taken off (None where there was none)."""

    display: str
    exact: str
    fuzzy: str
    tag: str | None


def add_keys(headlines: pl.DataFrame, furniture: pl.DataFrame | None = None) -> pl.DataFrame:
    """KEYS of a HEADLINES frame, in the same order.

    Args:
        headlines: a HEADLINES frame.
        furniture: what ``learn_furniture`` returned; None takes off the shipped list and the outlets' own names only.

    Raises:
        FrameError: when the frame has not the columns of HEADLINES.
    """
    frames.check(headlines, frames.HEADLINES, "HEADLINES")
    titles = display(headlines["title"].fill_null(""))
    own = of_outlets(headlines["outlet"], furniture)
    chunks = [(titles.slice(at, _CHUNK), headlines["outlet"].slice(at, _CHUNK)) for at in range(0, len(titles), _CHUNK)]
    if len(chunks) > 1:
        with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
            keyed = list(threads.map(lambda chunk: _keys(chunk[0], chunk[1], own), chunks))
    else:
        keyed = [_keys(titles, outlets, own) for titles, outlets in chunks]
    schema = {name: frames.KEYS[name] for name in ("exact_key", "fuzzy_key", "tag")}
    return frames.check(headlines.hstack(pl.concat([pl.DataFrame(schema=schema), *keyed])), frames.KEYS, "KEYS")


def normalize(title: str, *, outlet: str | None = None) -> Keys:
    """The keys of one headline: ``add_keys`` on a batch of one."""
    shown, outlets = display(pl.Series([title], dtype=pl.String)), pl.Series([outlet], dtype=pl.String)
    exact, fuzzy, tag = _keys(shown, outlets, of_outlets(outlets)).row(0)
    return Keys(shown.item(), exact, fuzzy, tag)


_INVISIBLE = "\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_NOT_SHOWN = f"[&<\u0300-\u036f\u0653-\u0655{_INVISIBLE}]|[^\\S ]|  |^ | $"


def display(titles: pl.Series) -> pl.Series:
    """Titles as a reader sees them: entities decoded, tags and direction marks dropped, blanks single, NFC."""
    odd = titles.str.contains(_NOT_SHOWN)
    if not odd.any():
        return titles
    shown = titles.filter(odd)
    for _ in range(3):  # entities of entities: more than three layers were never seen
        entities = shown.str.extract_all("&#?[0-9A-Za-z]{1,32};?").explode().drop_nulls().unique(maintain_order=True)
        if entities.is_empty():
            break
        plain = [unescape(entity) for entity in entities]
        shown = shown.str.replace_many(entities.to_list(), plain, leftmost=True)
    shown = shown.str.replace_all("(?i)<(?:br|/?p|/?div|/?li)\\b[^<>]*>", " ")
    shown = shown.str.replace_all("</?[A-Za-z!][^<>]*>", "")
    shown = shown.str.replace_all(f"[{_INVISIBLE}]", "").str.normalize("NFC")
    return titles.clone().scatter(odd.arg_true(), shown.str.replace_all(r"\s+", " ").str.strip_chars(" "))


def _keys(titles: pl.Series, outlets: pl.Series, own: pl.DataFrame) -> pl.DataFrame:
    marked, tags = stripped(exact_codes(titles), outlets, own)
    codes = punctuation.without_marks(marked)
    exact = characters.decode(codes)
    fuzzy = variants.unified(characters.decode(characters.fuzzily_folded(codes)))
    return pl.DataFrame({"exact_key": _filled(exact, titles), "fuzzy_key": _filled(fuzzy, titles), "tag": tags})


def _filled(keys: pl.Series, titles: pl.Series) -> pl.Series:
    """The keys; one without letter or digit gets its headline's own, which keys drop (a lone tatweel, a mark glyph)."""
    empty = ~keys.str.contains(r"[\p{L}\p{N}]")
    if not empty.any():
        return keys
    return keys.scatter(empty.arg_true(), titles.filter(empty).str.replace_all(r"[^\p{L}\p{N}]", ""))

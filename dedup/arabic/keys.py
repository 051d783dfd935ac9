"""HEADLINES to KEYS.

The *exact key* is what a headline says, whoever typeset it: characters, marks, punctuation, digits and furniture are
brought to one form, no letter that can change the meaning is. The *fuzzy key* folds what typists confuse (hamzas, ى/ي,
ة/ه), brings transcriptions, number words, months and units together, and feeds everything that measures similarity.
Neither drops a word, a number or a negation, and neither stems.

What each level is worth, in pairs of equal headlines of two outlets:

    corpus        same title   same exact key   same fuzzy key
    egypt2013          2,486            3,484            4,890
    saudi2015            678              949            1,036

Order: read as a string where a title needs it (``display``), then on code points (``characters``, ``punctuation``),
furniture off (``furniture``), then on the words of the fuzzy key (``variants``). Steps differ from a plain list of
replacements in three places, so that keys of keys are the same keys: a lone و and a percent sign find their word and
number only when all punctuation is gone; a hamza before waw folds again after its seat did; a number's sign is looked
for once more when number words have become digits.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.arabic import characters, punctuation, variants
from dedup.arabic.display import readable
from dedup.arabic.exact import exact_codes
from dedup.arabic.furniture import stripped
from dedup.arabic.furniture_kinds import of_outlets
from dedup.core.hashing import true_at
from dedup.core.text_arrays import CODE_POINTS, replace_surrogates

if TYPE_CHECKING:
    from dedup.arabic.furniture_kinds import Own
    from dedup.core.hashing import Codes

_BEGINS = np.zeros(CODE_POINTS, bool)  # what nearly all keys begin with
for _first, _last in ("ءي", "az", "09"):
    _BEGINS[ord(_first) : ord(_last) + 1] = True

_CHUNK = 8_192  # headlines; enough to keep NumPy busy, small enough to stay in cache and to share between threads


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
    titles, outlets = headlines["title"], headlines["outlet"]
    if titles.null_count():
        titles = titles.fill_null("")
    own = of_outlets(outlets, furniture)
    chunks = [(titles.slice(at, _CHUNK), outlets.slice(at, _CHUNK)) for at in range(0, len(titles), _CHUNK)]
    if len(chunks) > 1:
        with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
            keyed = list(threads.map(lambda chunk: _keys(chunk[0], chunk[1], own)[1:], chunks))
    else:
        keyed = [_keys(titles, outlets, own)[1:]]
    columns = [
        (parts[0] if len(parts) == 1 else pl.concat(parts)).alias(name)
        for name, parts in zip(("exact_key", "fuzzy_key", "tag"), zip(*keyed, strict=True), strict=True)
    ]
    return frames.check(headlines.hstack(columns), frames.KEYS, "KEYS")


def normalize(title: str, *, outlet: str | None = None) -> Keys:
    """The keys of one headline: ``add_keys`` on a batch of one."""
    titles = pl.Series([replace_surrogates(title)], dtype=pl.String)
    outlets = pl.Series([outlet and replace_surrogates(outlet)], dtype=pl.String)
    shown, exact, fuzzy, tag = _keys(titles, outlets, of_outlets(outlets))
    return Keys(shown.item(), exact.item(), fuzzy.item(), tag.item())


def _keys(titles: pl.Series, outlets: pl.Series, own: Own) -> tuple[pl.Series, pl.Series, pl.Series, pl.Series]:
    """The titles as they are shown, their exact and fuzzy keys, and tags."""
    if titles.is_empty():
        return titles, titles, titles, titles
    shown, codes = readable(titles)
    marked, tags = stripped(exact_codes(codes), outlets, own)
    exact = punctuation.without_marks(marked)
    fuzzy = characters.fuzzily_folded(exact)
    return shown, _filled(characters.decode(exact), exact, shown), _filled(variants.unified(fuzzy), fuzzy, shown), tags


def _filled(keys: pl.Series, codes: Codes, shown: pl.Series) -> pl.Series:
    """The keys; one without letter or digit gets its headline's own, which keys drop (a lone tatweel, a mark glyph)."""
    usual = _BEGINS.take(codes[true_at(codes == characters.NEWLINE)[:-1] + 1].astype(np.intp))
    if usual.all():
        return keys
    unusual = true_at(~usual)
    empty = unusual[~keys.gather(unusual).str.contains(r"[\p{L}\p{N}]").to_numpy()]
    return keys.scatter(empty, shown.gather(empty).str.replace_all(r"[^\p{L}\p{N}]", ""))

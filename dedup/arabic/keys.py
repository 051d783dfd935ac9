"""HEADLINES to KEYS.

The *exact key* is independent of typesetting: characters, marks, punctuation, digits and furniture are brought to one
form, letters that can change the meaning stay. The *fuzzy key* also folds letters that typists confuse (hamzas, ى/ي,
ة/ه), unifies transcriptions, number words, months and units, and is the input of all similarity measures. Neither drops
a word, a number or a negation, and neither stems.

Pairs of headlines of two outlets with equal keys, by level:

    corpus        same title   same exact key   same fuzzy key
    egypt2013          2,486            3,484            4,890
    saudi2015            678              949            1,036

Order: string operations where a title needs them (``display``), then code points (``characters``, ``punctuation``),
removal of furniture (``furniture``), then the words of the fuzzy key (``variants``). In three places the steps are more
than a list of replacements, so that the key of a key is that key: a lone و and a percent sign are joined to their word
and number only after all punctuation is removed; a hamza before waw folds again after its seat did; signs of numbers
are joined once more after number words became digits.
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
from dedup.core.arguments import text_argument
from dedup.core.hashing import true_at
from dedup.core.text_arrays import CODE_POINTS

if TYPE_CHECKING:
    from dedup.arabic.furniture_kinds import Own
    from dedup.core.hashing import Codes

_USUAL_BEGINNINGS = np.zeros(CODE_POINTS, bool)  # nearly all keys begin with one of these
for _first, _last in ("ءي", "az", "09"):
    _USUAL_BEGINNINGS[ord(_first) : ord(_last) + 1] = True

_CHUNK = 8_192  # headlines per thread task: enough for NumPy, few enough to stay in cache


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one headline.

    Attributes:
        display: the title as a reader sees it.
        exact: the exact key.
        fuzzy: the fuzzy key.
        tag: the furniture that was removed, None where there was none.
    """

    display: str
    exact: str
    fuzzy: str
    tag: str | None


def add_keys(headlines: pl.DataFrame, furniture: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the KEYS of a HEADLINES frame, in the same order.

    Args:
        headlines: a HEADLINES frame.
        furniture: the frame of ``learn_furniture``; None removes the shipped list and the outlets' own names only.

    Raises:
        FrameError: the frame lacks columns of HEADLINES.
    """
    frames.check(headlines, frames.HEADLINES, "HEADLINES")
    titles, outlets = headlines["title"], headlines["outlet"]
    if titles.null_count():
        titles = titles.fill_null("")
    own = of_outlets(outlets, furniture)
    chunks = [(titles.slice(start, _CHUNK), outlets.slice(start, _CHUNK)) for start in range(0, len(titles), _CHUNK)]
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
    """Return the keys of one headline: ``add_keys`` on a batch of one.

    Args:
        title: the headline, as it came.
        outlet: its outlet, whose name is removed from the title's edges.

    Raises:
        SettingError: an argument is no text.

    Examples:
        >>> normalize("عاجل | فتح ميناء الصويرة")
        Keys(display='عاجل | فتح ميناء الصويرة', exact='فتح ميناء الصويرة', fuzzy='فتح ميناء الصويره', tag='عاجل')
    """
    titles = pl.Series([text_argument("title", title)], dtype=pl.String)
    outlets = pl.Series([None if outlet is None else text_argument("outlet", outlet)], dtype=pl.String)
    shown, exact, fuzzy, tag = _keys(titles, outlets, of_outlets(outlets))
    return Keys(shown.item(), exact.item(), fuzzy.item(), tag.item())


def _keys(titles: pl.Series, outlets: pl.Series, own: Own) -> tuple[pl.Series, pl.Series, pl.Series, pl.Series]:
    """Return display forms, exact keys, fuzzy keys and tags."""
    if titles.is_empty():
        return titles, titles, titles, titles
    shown, codes = readable(titles)
    marked, tags = stripped(exact_codes(codes), outlets, own)
    exact = punctuation.without_marks(marked)
    fuzzy = characters.fuzzily_folded(exact)
    return shown, _filled(characters.decode(exact), exact, shown), _filled(variants.unified(fuzzy), fuzzy, shown), tags


def _filled(keys: pl.Series, codes: Codes, shown: pl.Series) -> pl.Series:
    """Replace keys without letter or digit by those of the title that keys drop (a lone tatweel, a mark glyph)."""
    usual = _USUAL_BEGINNINGS.take(codes[true_at(codes == characters.NEWLINE)[:-1] + 1].astype(np.intp))
    if usual.all():
        return keys
    unusual = true_at(~usual)
    empty = unusual[~keys.gather(unusual).str.contains(r"[\p{L}\p{N}]").to_numpy()]
    return keys.scatter(empty, shown.gather(empty).str.replace_all(r"[^\p{L}\p{N}]", ""))

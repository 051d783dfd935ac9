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

import polars as pl

from dedup import frames
from dedup.arabic import characters, punctuation, variants
from dedup.arabic.display import readable
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
    titles = headlines["title"].fill_null("")
    own = of_outlets(headlines["outlet"], furniture)
    chunks = [(titles.slice(at, _CHUNK), headlines["outlet"].slice(at, _CHUNK)) for at in range(0, len(titles), _CHUNK)]
    if len(chunks) > 1:
        with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
            keyed = list(threads.map(lambda chunk: _keys(*readable(chunk[0]), chunk[1], own), chunks))
    else:
        keyed = [_keys(*readable(titles), outlets, own) for titles, outlets in chunks]
    schema = {name: frames.KEYS[name] for name in ("exact_key", "fuzzy_key", "tag")}
    return frames.check(headlines.hstack(pl.concat([pl.DataFrame(schema=schema), *keyed])), frames.KEYS, "KEYS")


def normalize(title: str, *, outlet: str | None = None) -> Keys:
    """The keys of one headline: ``add_keys`` on a batch of one."""
    (shown, plain), outlets = readable(pl.Series([title], dtype=pl.String)), pl.Series([outlet], dtype=pl.String)
    exact, fuzzy, tag = _keys(shown, plain, outlets, of_outlets(outlets)).row(0)
    return Keys(shown.item(), exact, fuzzy, tag)


def _keys(shown: pl.Series, plain: pl.Series, outlets: pl.Series, own: pl.DataFrame) -> pl.DataFrame:
    marked, tags = stripped(exact_codes(plain), outlets, own)
    codes = punctuation.without_marks(marked)
    exact = characters.decode(codes)
    fuzzy = variants.unified(characters.decode(characters.fuzzily_folded(codes)))
    return pl.DataFrame({"exact_key": _filled(exact, shown), "fuzzy_key": _filled(fuzzy, shown), "tag": tags})


def _filled(keys: pl.Series, shown: pl.Series) -> pl.Series:
    """The keys; one without letter or digit gets its headline's own, which keys drop (a lone tatweel, a mark glyph)."""
    unusual = ~keys.str.contains("[0-9a-zء-ي]")
    if not unusual.any():
        return keys
    empty = unusual & ~keys.str.contains(r"[\p{L}\p{N}]")
    return keys.scatter(empty.arg_true(), shown.filter(empty).str.replace_all(r"[^\p{L}\p{N}]", ""))

"""Step 25, on the words of fuzzy keys: spelling variants, names of two words, numbers, units and months.

The batch becomes one column of words in which a line feed stands between the headlines, so that a look at the
neighbours never crosses into another headline. Words that the lexicon knows are found by one join; all else happens on
the few positions that it found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.arabic.lexicon import HUNDRED, LONGEST_PHRASE, NO_NUMBER, ONE, ORDINAL, TEEN, TEN, UNIT, Lexicon, lexicon

if TYPE_CHECKING:
    from dedup.arabic.characters import Mask, Positions


_CURRENCIES = {"$": "دولار", "€": "يورو"}  # £ is left out: it is more than one currency
# «$5 مليون» is 5 مليون دولار: the words that stand between a number and its currency.
_MULTITUDES = "الف|الفا|الاف|مليون|مليونا|ملايين|مليار|مليارا|مليارات|بليون|بلايين|تريليون|تريليونا|ترليون|تريليونات"


_DEPENDENT = (ONE, ORDINAL)  # numbers only together with the next word


class Words:
    """A column of words under change: what stands at each place now, and which places are gone.

    Places are replaced by pointing into a growing pool of texts, so that the column itself is written once, at the end.
    """

    def __init__(self, words: pl.Series) -> None:
        self.count = len(words)
        self.pool = [words]
        self.size = len(words)
        self.source = np.arange(len(words))
        self.kept = np.ones(len(words), bool)

    def replace(self, places: Positions, texts: pl.Series) -> None:
        """Let these texts stand at these places."""
        self.source[places] = self.size + np.arange(len(texts))
        self.pool.append(texts)
        self.size += len(texts)

    def drop(self, places: Positions) -> None:
        """Take the words at these places away."""
        self.kept[places] = False

    def at(self, places: Positions) -> pl.Series:
        """The words at these places; a line feed for places beyond the end."""
        if len(self.pool) > 1:
            self.pool = [pl.concat(self.pool)]
        inside = (places >= 0) & (places < self.count)
        found = self.pool[0].gather(self.source[np.clip(places, 0, self.count - 1)])
        return (
            found
            if inside.all()
            else pl.select(pl.when(pl.Series(inside)).then(found).otherwise(pl.lit("\n"))).to_series()
        )

    def text(self) -> str:
        """All that stands, with a blank between words."""
        return str(pl.concat(self.pool).gather(self.source[self.kept]).str.join(" ").item())


def unified(keys: pl.Series) -> pl.Series:
    """Fuzzy keys, from the folded headlines that ``characters.fuzzily_folded`` made."""
    known = lexicon()
    signed = keys.str.contains("[$€]")
    if signed.any():
        written = keys.filter(signed).str.replace_all(f"([0-9])([$€]) ({_MULTITUDES})( |$)", "$1 $3 $2$4")
        for sign, name in _CURRENCIES.items():
            written = written.str.replace_all(f"([0-9]|(?:^| )(?:{_MULTITUDES}) )[{sign}]", f"${{1}} {name} ")
        keys = keys.scatter(signed.arg_true(), written.str.replace_all("  +", " ").str.strip_chars(" "))
    lists = keys.str.split(" ")
    column = lists.explode().alias("word")
    hit = column.to_frame().join(known.words, on="word", how="left", maintain_order="left")["entry"].is_not_null()
    ends = np.cumsum(lists.list.len().to_numpy())
    rows = np.unique(np.searchsorted(ends, hit.arg_true().to_numpy(), side="right"))
    if not len(rows):
        return keys
    return keys.scatter(rows, _unified(keys.gather(rows), known))


def _unified(keys: pl.Series, known: Lexicon) -> pl.Series:
    """``unified`` for headlines in which something is known."""
    column = pl.Series("word", [keys.str.join(" \n ").item()]).str.split(" ").explode()
    entries = column.to_frame().join(known.words, on="word", how="left", maintain_order="left")["entry"]
    entry = entries.fill_null(-1).to_numpy()
    places = np.flatnonzero(entry >= 0)
    found = entry[places]
    words = Words(column)
    phrase_months = spell(words, known, places, found)
    unify_numbers(words, known, places, found)
    _join_particles(words, places[known.particle[found]])
    unify_months(words, known, places, found, phrase_months)
    return pl.Series([words.text()]).str.split(" \n ").explode()


def spell(words: Words, known: Lexicon, places: Positions, found: Positions) -> pl.DataFrame:
    """Canonical spellings of words and phrases; returns where month names of two words stand (``place``, ``month``)."""
    rewritten = known.rewritten[found]
    words.replace(places[rewritten], known.spelled.gather(found[rewritten]))

    servants = places[known.servant[found]]
    following = words.at(servants + 1)
    named = following.str.contains("^ال[^0-9]").to_numpy()
    servants, following = servants[named], following.filter(pl.Series(named))
    words.replace(servants, words.at(servants) + following)  # عبد الله and عبدالله
    words.drop(servants + 1)

    heads = places[known.head[found]]
    months = [pl.DataFrame(schema={"place": pl.Int64, "month": pl.Int64})]
    for length in range(LONGEST_PHRASE, 1, -1):
        heads = heads[words.kept[heads]]
        text = words.at(heads)
        for offset in range(1, length):
            text = text + " " + words.at(heads + offset)
        hits = pl.DataFrame({"place": heads, "text": text}).join(known.phrases, on="text", maintain_order="left")
        months.append(hits.filter(pl.col("month") > 0).select("place", "month"))
        hits = hits.filter(pl.col("month") == 0)
        start = hits["place"].to_numpy()
        words.replace(start, hits["spelled"])
        for offset in range(1, length):
            words.drop(start + offset)
        heads = heads[~np.isin(heads, start)]
    return pl.concat(months)


def unify_numbers(words: Words, known: Lexicon, places: Positions, found: Positions) -> None:
    """Number words to digits, «في المئة» to %, and one form of a unit behind a number."""
    spoken = known.number[found] != NO_NUMBER
    start, entry = places[spoken], found[spoken]
    plain = start[~np.isin(known.number[entry], _DEPENDENT)]
    units = known.unit.gather(found)

    def is_number(at: Positions) -> Mask:
        written: Mask = words.at(at).str.contains("[0-9]$").to_numpy()
        return written | np.isin(at, plain)

    sign = units.is_in(["%", "£"]).to_numpy()
    sign[sign] = is_number(places[sign] - 1)
    signs = places[sign]
    hundred = start[(known.value[entry] == 100) & (known.prefix.gather(entry) == "ال").to_numpy()]
    hundred = hundred[(words.at(hundred - 1) == "في").to_numpy() & is_number(hundred - 2)]
    words.drop(np.concatenate([signs, hundred, hundred - 1]))
    signed = np.concatenate([signs - 1, hundred - 2])
    written = units.filter(pl.Series(sign)).append(pl.repeat("%", len(hundred), eager=True))

    other = (~units.is_in(["", "%", "£"])).to_numpy()
    other[other] = is_number(places[other] - 1)
    words.replace(places[other], units.filter(pl.Series(other)))

    free = words.kept[start]
    start, entry = start[free], entry[free]
    start, stop, value, prefix = _composed(start, known.number[entry], known.value[entry], known.prefix.gather(entry))
    for offset in range(1, 5):  # the longest: four words, مئة وثلاثة وعشرين, ثلاث مئة وخمسة وعشرين
        words.drop((start + offset)[start + offset <= stop])
    words.replace(start, prefix + pl.Series(value).cast(pl.String))
    if len(stop):  # a sign belongs to the place where its number now begins
        spoken_at = np.searchsorted(stop, signed).clip(max=len(stop) - 1)
        signed = np.where(stop[spoken_at] == signed, start[spoken_at], signed)
    words.replace(signed, words.at(signed) + written)


def _composed(
    start: Positions, kind: Positions, value: Positions, prefix: pl.Series
) -> tuple[Positions, Positions, Positions, pl.Series]:
    """Neighbouring number words made one number: خمسة عشر 15, ثلاث مئة 300, خمسة وعشرون 25, مئة وخمسة 105."""
    stop, first = start.copy(), np.arange(len(start))
    bare, anded, defined = ((prefix == particle).to_numpy() for particle in ("", "و", "وال"))
    single, whole = (UNIT, ONE, ORDINAL), (UNIT, TEEN, TEN)
    for left, right, joint, result in (
        (single, (TEEN,), bare, TEN), ((UNIT,), (HUNDRED,), bare, HUNDRED),
        ((UNIT,), (TEN,), anded, TEEN), ((ORDINAL,), (TEN,), defined, TEEN), ((HUNDRED,), whole, anded, HUNDRED),
    ):  # fmt: skip
        if len(first) < 2:
            break
        meets = (start[first[1:]] == stop[first[:-1]] + 1) & joint[first[1:]]
        meets &= np.isin(kind[first[:-1]], left) & np.isin(kind[first[1:]], right)
        ahead, behind = first[:-1][meets], first[1:][meets]
        times = (result == HUNDRED) & (kind[behind] == HUNDRED)
        value = value.copy()
        value[ahead] = np.where(times, value[ahead] * value[behind], value[ahead] + value[behind])
        kind = kind.copy()
        kind[ahead], stop[ahead] = result, stop[behind]
        first = np.setdiff1d(first, behind)
    first = first[~np.isin(kind[first], _DEPENDENT)]
    return start[first], stop[first], value[first], prefix.gather(first)


def unify_months(words: Words, known: Lexicon, places: Positions, found: Positions, phrases: pl.DataFrame) -> None:
    """Month names of the three systems to one, beside a day, a year, شهر or another name of the month."""
    single = known.month[found] > 0
    start = np.concatenate([places[single], phrases["place"].to_numpy()])
    order = np.argsort(start, kind="stable")
    start = start[order]
    if not len(start):
        return
    month = np.concatenate([known.month[found[single]], phrases["month"].to_numpy()])[order]
    span = np.repeat([1, 2], [single.sum(), len(phrases)])[order]
    bare = pl.repeat("", len(phrases), dtype=pl.String, eager=True)
    prefix = pl.concat([known.prefix.gather(found[single]), bare]).gather(order)

    kept = np.flatnonzero(words.kept)
    behind = np.searchsorted(kept, start) - 1
    before = words.at(np.where(behind < 0, -1, kept[behind]))
    after = words.at(start + span)
    dated = _number(before).is_between(1, 31) | _is_year(before) | before.str.contains("^[وبل]?شهر$") | _is_year(after)
    twin = np.r_[(start[1:] == start[:-1] + span[:-1]) & (month[1:] == month[:-1]), False]
    second = np.r_[False, twin[:-1]]
    sure = dated.fill_null(value=False).to_numpy() | twin | second
    words.drop((start + 1)[sure & (span == 2)])
    words.drop(start[second])
    words.replace(start[sure], prefix.filter(pl.Series(sure)) + known.months.gather(month[sure] - 1))


def _number(texts: pl.Series) -> pl.Series:
    return texts.str.extract("([0-9]{1,4})$").cast(pl.Int64)


def _is_year(texts: pl.Series) -> pl.Series:
    return _number(texts).is_between(1900, 2100)


def _join_particles(words: Words, particles: Positions) -> None:
    """ب 44 as ب44."""
    following = words.at(particles + 1)
    joins = following.str.contains("^[0-9]").to_numpy() & words.kept[particles]
    particles = particles[joins]
    words.replace(particles, words.at(particles) + following.filter(pl.Series(joins)))
    words.drop(particles + 1)

"""Standing titles: what an outlet prints above something else every day.

«كاريكاتير»، «مواقيت الصلاة»، «حظك اليوم» are equal from day to day and report nothing, so that two of them are no
coverage of one story. This is the shipped list, written from what Arabic papers have in common; what recurs in one
outlet only is found from its own recurrence, elsewhere.

Of the pairs of equal fuzzy keys twenty hours apart or more, the list marks 710 in egypt2013 and 64 in saudi2015. In
the second all 64 have unrelated articles (of 83 such pairs there); in the first 206 have (of 348), 172 have agreeing
ones, all of them hourly and morning digests, whose text overlaps though it is another bulletin. What it misses there
are columns under their author's name, which no list can know.
"""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from dedup.arabic.data_files import read_table
from dedup.core.letters import FUZZY_LETTERS, fold_letters
from dedup.core.months import canonical_month_names

_DAYS = "اليوم|غدا|الغد|امس|يوم|الاثنين|الثلاثاء|الاربعاء|الخميس|الجمعه|السبت|الاحد|ه|م|هجري|ميلادي|الموافق"
_MONTHS = "|".join(map(fold_letters, canonical_month_names()))
_MANY = 4_000
_DATE = f"(?: (?:{_DAYS}|{_MONTHS}|[0-9][0-9/.-]*))*"


@cache
def _pattern() -> re.Pattern[str]:
    patterns = read_table("standing", "pattern", "kind")["pattern"]
    folded = patterns.str.replace_many(list(FUZZY_LETTERS), list(FUZZY_LETTERS.values()))
    dated = folded.str.ends_with("DATE")
    with_date, others = folded.filter(dated).str.strip_suffix("DATE"), folded.filter(~dated)
    # The dates once: written out for each pattern they are a quarter of what has to be compiled.
    return re.compile(f"^(?:(?:{'|'.join(with_date)}){_DATE}|{'|'.join(others)})$")


def is_standing(fuzzy_keys: pl.Series) -> pl.Series:
    """Whether each fuzzy key is the standing title of a column, cartoon, table or bulletin (Boolean, never null)."""
    # Polars compiles so long a pattern anew for each call (5 ms), and then asks it at seven times the speed of Python.
    if len(fuzzy_keys) > _MANY:
        return fuzzy_keys.str.contains(_pattern().pattern).fill_null(False).alias("standing")
    match = _pattern().match
    return pl.Series("standing", [key is not None and match(key) is not None for key in fuzzy_keys], dtype=pl.Boolean)

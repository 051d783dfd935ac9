"""Mark standing titles, which an outlet prints above something else every day.

«كاريكاتير»، «مواقيت الصلاة»، «حظك اليوم» are equal from day to day and report no news, so two of them are not coverage
of one story. This is the shipped list of titles that Arabic papers have in common; titles that recur in one outlet only
are detected by their recurrence (``matching.timeline``).

Of the pairs of equal fuzzy keys at least twenty hours apart, the list marks 710 in egypt2013 and 64 in saudi2015. In
the second all 64 have unrelated articles (of 83 such pairs there); in the first 206 have (of 348), 172 have agreeing
ones, all of them hourly and morning digests, whose text overlaps though it is another bulletin. It misses columns under
their author's name, which no list can contain.

A title of one word is one too, whatever the word: the name of a section («رياضة») or a column. Of the 54 candidates of
saudi2015 in which one headline has one word, 49 have unrelated articles; the score knows only that the word is equal.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from dedup.arabic.data_files import read_table
from dedup.core.letters import FUZZY_LETTERS, fold_letters
from dedup.core.months import canonical_month_names
from dedup.core.patterns import matching_rows
from dedup.core.placeholders import placeholder_pattern

_DAYS = "اليوم|غدا|الغد|امس|يوم|الاثنين|الثلاثاء|الاربعاء|الخميس|الجمعه|السبت|الاحد|ه|م|هجري|ميلادي|الموافق"
_MONTHS = "|".join(map(fold_letters, canonical_month_names()))
_LONG_COLUMN = 4_000  # keys from which Polars makes up for the 5 ms in which it compiles so long a pattern
_NOT_STANDING = pl.Series("standing", [False])
_DATE = f"(?: (?:{_DAYS}|{_MONTHS}|[0-9][0-9/.-]*))*"


@cache
def _pattern() -> str:
    """Join the patterns of ``data/standing.tsv`` to one."""
    patterns = read_table("standing", "pattern", "kind")["pattern"]
    folded = patterns.str.replace_many(list(FUZZY_LETTERS), list(FUZZY_LETTERS.values()))
    dated = folded.str.ends_with("DATE")
    with_date, others = folded.filter(dated).str.strip_suffix("DATE"), folded.filter(~dated)
    # The dates stand once: repeated for each pattern they would be a quarter of the expression.
    return f"^(?:(?:{'|'.join(with_date)}){_DATE}|{'|'.join(others)}|{placeholder_pattern()}|[^ ]+)$"


def is_standing(fuzzy_keys: pl.Series) -> pl.Series:
    """Return whether each fuzzy key is the standing title of a column, cartoon, table or bulletin.

    Returns:
        A Boolean series without nulls.

    Examples:
        >>> is_standing(pl.Series(["مواقيت الصلاه اليوم الجمعه", "رياضه", "حريق في الميناء"])).to_list()
        [True, True, False]
    """
    rows = matching_rows(fuzzy_keys, _pattern(), few=_LONG_COLUMN)
    none = _NOT_STANDING.new_from_index(0, len(fuzzy_keys))
    return none.scatter(rows, True) if rows else none

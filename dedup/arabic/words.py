"""What single words of fuzzy keys say: their stem, their kind and value, their side of a question.

The stemmer was chosen on silver pairs: how well the IDF-weighted Jaccard of two headlines' stems tells pairs whose
articles agree (Jaccard of the bodies at least 0.4) from pairs whose articles do not (below 0.03). Average precision and
area under the ROC curve, egypt2013 / saudi2015:

    stems are                                              AP               AUC
    the words of the key                                   0.521 / 0.604    0.754 / 0.702
    without the article                                    0.526 / 0.617    0.753 / 0.708
    and و ف where four letters remain                      0.525 / 0.619    0.750 / 0.708
    and و ف ب ل ك where four letters remain                0.530 / 0.624    0.749 / 0.710
    and و ف ب ل ك س where the rest is a word               0.532 / 0.626    0.751 / 0.711
    that, and ت as ي before a verb, no future س            0.533 / 0.628    0.752 / 0.713
    that, and two suffixes where four letters remain       0.533 / 0.634    0.748 / 0.716
    (this one; as here, with words of three headlines)     0.532 / 0.634    0.747 / 0.717

So a particle goes where the background vocabulary knows the rest as a word, more often than it knows the whole (وزير is
no «and زير»), and suffixes cost nothing while they bring together what blocking must find. Tried and dropped: suffixes
down to three letters (0.530 / 0.628), three suffixes, a suffix without ا (0.530 / 0.630).
"""

from __future__ import annotations

from functools import cache

import polars as pl

from dedup.arabic import background
from dedup.arabic.lexicon import PREFIXES, attached
from dedup.arabic.tables import folded_words, read_table

_ARTICLE = "^[وف]?(?:بال|كال|فال|ال|لل)(.{3,})$"
_CONJUNCTION = "^[وف](.{3,})$"
_PREPOSITION = "^[بلكس](.{3,})$"
_FUTURE = "^س([يتن].{3,})$"
_SUFFIX = "^(.{4,}?)(?:ات|ون|ين|ان|يه|ها|هم|وا|ه|ي|ا)$"
_NUMBER = "^([وف]?(?:بال|كال|فال|ال|لل|[بكل])?)([0-9][0-9.,:/+-]*)(%?)$"


KINDS = ("word", "number", "percent", "ordinal", "weekday", "month", "relative_day", "negation", "place")
"""What a word can be."""


def describe(words: pl.Series) -> pl.DataFrame:
    """What each word of a fuzzy key says; made for the distinct words of a scan.

    Returns:
        One row per word, in order: ``word``; ``stem`` (for matching evidence and blocking only, never for keys;
        a number is its own stem, without particles, and a people has its country's); ``skeleton`` (see there);
        ``kind`` (number, percent, ordinal, weekday, month, relative_day, negation, place or word); ``value``
        (the number, an ordinal's rank with -1 for the last, weekday 0..6 from Monday, month 1..12; null where
        there is none, as in scores and clock times); ``axis`` and ``side`` (+1, -1), null for most words.
    """
    frame = words.alias("word").to_frame()
    number = pl.col("word").str.extract_groups(_NUMBER).struct.rename_fields(["particle", "digits", "sign"])
    frame = frame.with_columns(number.struct.unnest(), stem=stem(words, background.vocabulary()))
    frame = frame.join(_closed(), on="word", how="left", maintain_order="left")
    frame = frame.join(_places(), on="stem", how="left", maintain_order="left")
    counted = pl.col("digits").is_not_null()
    place = pl.when(pl.col("place").is_not_null()).then(pl.lit("place"))
    kind = (
        pl.when(counted & (pl.col("sign") == "%")).then(pl.lit("percent"))
        .when(counted & pl.col("particle").str.contains("[ال]ل")).then(pl.lit("ordinal"))
        .when(counted).then(pl.lit("number"))
        .otherwise(pl.coalesce("kind", place, pl.lit("word")))
    )  # fmt: skip
    stems = pl.when(counted).then(pl.col("digits") + pl.col("sign")).otherwise(pl.coalesce("place", "stem"))
    return frame.select(
        "word",
        stems.alias("stem"),
        skeleton(stems).alias("skeleton"),
        kind.alias("kind"),
        pl.when(counted).then(pl.col("digits").cast(pl.Float64, strict=False)).otherwise("value").alias("value"),
        "axis",
        "side",
    )


def stem(words: pl.Series, vocabulary: pl.DataFrame) -> pl.Series:
    """The light stems of words that are not numbers."""
    known = vocabulary.select("word", "headlines")

    def seen(texts: pl.Series) -> pl.Series:
        frame = texts.alias("word").to_frame().join(known, on="word", how="left", maintain_order="left")
        return frame["headlines"].fill_null(0).cast(pl.Int64)

    bare = words.str.replace(_ARTICLE, "$1")
    short = words
    for pattern in (_CONJUNCTION, _PREPOSITION):
        rest = short.str.replace(pattern, "$1")
        alone, defined = seen(rest), seen("ال" + rest)
        often = (alone + defined > seen("ال" + short)) & (alone + defined >= seen(short))
        taken = (alone > 0) & often & (rest != short)
        short = rest.zip_with(taken, short)
    short = bare.zip_with(bare != words, short)
    for pattern, prefix in (("^ت(.{3,})$", "ي"), (_FUTURE, "")):
        other = short.str.replace(pattern, f"{prefix}$1")
        short = other.zip_with((other != short) & (seen(other) > 0), short)
    for _ in range(2):
        short = short.str.replace(_SUFFIX, "$1")
    return words.zip_with(words.str.contains("[0-9]"), short).alias("stem")


_ALIKE = {"جغقك": "ك", "ثس": "س", "زذظض": "ز", "تط": "ت", "حخ": "ح", "فڤ": "ف", "بپ": "ب"}
_WEAK = "[اويهءى]"


def skeleton(stems: pl.Expr) -> pl.Expr:
    """What is left of a stem when spelling and derivation are taken off: firm consonants by how they sound.

    The prefixes that derive verbs and participles, long vowels and hamza go, and letters between which transliteration
    wavers are one. So بورجاس and بورغاس meet, and تكريم, يكرم and مكرم. It is far too coarse for a key: it only tells
    whether two words that are not the same are at least akin. A stem of fewer than two firm consonants is left as it
    is.
    """
    firm = stems.str.replace_all(_WEAK, "")
    root = stems.str.replace("^(?:است|[ميتنا])", "").str.replace_all(_WEAK, "")
    kept = pl.when(root.str.len_chars() >= 3).then(root).when(firm.str.len_chars() >= 2).then(firm).otherwise(stems)
    for letters, one in _ALIKE.items():
        kept = kept.str.replace_all(f"[{letters}]", one)
    return pl.when(stems.str.contains("[0-9]")).then(stems).otherwise(kept)


@cache
def axes() -> tuple[str, ...]:
    """The names of all axes, at most 64, in a fixed order."""
    return tuple(read_table("axes", "axis", "side", "words")["axis"].unique().sort())


@cache
def _places() -> pl.DataFrame:
    """The place that each listed stem names: ``stem``, ``place`` (the stem that stands for it)."""
    listed = read_table("places", "place", "words").with_columns(pl.col("words").str.split(",")).explode("words")
    vocabulary = background.vocabulary()
    named = listed.select(
        stem=stem(folded_words(listed["words"]), vocabulary),
        place=stem(folded_words(listed["place"]), vocabulary),
    )
    return named.unique("stem", keep="first", maintain_order=True)


@cache
def _closed() -> pl.DataFrame:
    """Every form of the listed words: ``word``, ``kind``, ``value``, ``axis``, ``side``."""
    kinds = read_table("words", "words", "kind", "value").with_columns(pl.col("words").str.split(",")).explode("words")
    kinds = kinds.with_columns(folded_words(kinds["words"]).alias("words"), pl.col("value").cast(pl.Float64))
    months = read_table("months", "value", "words").with_columns(pl.col("value").cast(pl.Float64), kind=pl.lit("month"))
    months = months.filter(pl.col("value").is_first_distinct())
    months = months.with_columns(folded_words(months["words"]).alias("words"))
    kinds = pl.concat([kinds, months.select(kinds.columns)])
    axes = read_table("axes", "axis", "side", "words").with_columns(pl.col("words").str.split(",")).explode("words")
    axes = axes.with_columns(folded_words(axes["words"]).alias("words"), pl.col("side").cast(pl.Int8))
    return (
        _forms(kinds["words"])
        .join(kinds.unique("words", keep="first", maintain_order=True), on="words", how="left")
        .unique("word", keep="first", maintain_order=True)
        .join(_sides(axes), on="word", how="full", coalesce=True)
        .drop("words")
    )


def _sides(axes: pl.DataFrame) -> pl.DataFrame:
    forms = _forms(axes["words"], ("س", "وس", "فس")).join(axes, on="words")
    return forms.select("word", "axis", "side").unique("word", keep="first", maintain_order=True)


def _forms(words: pl.Series, more: tuple[str, ...] = ()) -> pl.DataFrame:
    """Each word with every particle: ``words`` (as listed), ``word`` (as written)."""
    rows = [
        (word, form) for prefix in (*PREFIXES, *more) for word in words.unique(maintain_order=True)
        if (form := attached(prefix, word)) is not None
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={"words": pl.String, "word": pl.String}, orient="row")

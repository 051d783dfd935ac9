"""What holds for the keys of every headline there can be."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from operator import add

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dedup import frames
from dedup.arabic import keys
from dedup.arabic.data_files import folded_table, read_table
from dedup.arabic.display import readable
from dedup.arabic.exact import folded_words
from dedup.arabic.keys import add_keys, normalize
from dedup.arabic.lexicon import PREFIXES
from dedup.core.months import month_names
from dedup.errors import FrameError

PIECES = [
    " ", "..", ": ", " - ", " | ", "/", "،", "«", "»", "(", ")", '"', "ـ", " ـ ", "%", "$", "+", "٬", "٫", "…",
    "&quot;", "<b>", "\u200f", "\u064b", "\u0654", "٣", "1,200", "2.5", "2031", "و", "ب", "ل", "ك", "ال", "ة", "ى",
    "ء", "ؤ", "عاجل", "بالفيديو", "رويترز", "في المئة", "عشر", "وعشرون", "الثالث", "نيسان", "كانون الثاني", "عبد",
    "الله", "مليون", "مئة",
]  # fmt: skip
LISTED = [
    *folded_table("spelling", "canonical", "variants", "article", listed="variants")["variants"],
    *folded_words(pl.Series([month.name for month in month_names() if month.language == "ar"])),
    *folded_table("numbers", "word", "value", "kind")["word"],
    *folded_table("units", "words", "result")["words"],
]
forms = st.builds(add, st.sampled_from(PREFIXES), st.sampled_from(LISTED))
fragments = st.one_of(st.sampled_from(PIECES), forms, st.text(max_size=4))
titles = st.one_of(
    st.text(), st.lists(fragments, max_size=10).map("".join), st.lists(fragments, max_size=10).map(" ".join)
)


def headlines(texts, outlet="المرفأ"):
    count = len(texts)
    outlets = outlet if isinstance(outlet, list) else [outlet] * count
    rows = {
        "headline_id": [str(at) for at in range(count)],
        "outlet": outlets,
        "title": texts,
        "url": [None] * count,
        "published": [datetime(2031, 1, 1, tzinfo=UTC)] * count,
        "source": ["test"] * count,
    }
    return pl.DataFrame(rows, schema=frames.HEADLINES)


def test_all_spellings_of_a_word_have_one_key_which_is_its_own_key():
    listed = read_table("spelling", "canonical", "variants", "article")
    spelled = listed.select(pl.col("variants").str.split(",").list.concat("canonical").alias("word")).explode("word")
    keys = add_keys(headlines([f"افتتاح سوق {word} اليوم" for word in spelled["word"]]))["fuzzy_key"]
    assert add_keys(headlines(keys.to_list()))["fuzzy_key"].to_list() == keys.to_list()
    canonical = add_keys(headlines([f"افتتاح سوق {word} اليوم" for word in listed["canonical"]]))["fuzzy_key"]
    spellings = listed["variants"].str.split(",").list.len() + 1
    assert keys.to_list() == [key for key, count in zip(canonical, spellings, strict=True) for _ in range(count)]


@settings(deadline=None, max_examples=60)
@given(st.lists(titles, min_size=1, max_size=30))
@example(["لعبة PUBG", "بPUBG"])
@example(["سد الغدير القديم ينهار:بالفيديو", "سد الغدير القديم ينهار: بالصور"])
def test_keys_of_a_key_equal_the_key(texts):
    made = add_keys(headlines(texts))
    again = add_keys(headlines(made["exact_key"].to_list()))
    assert again["exact_key"].to_list() == made["exact_key"].to_list()
    assert again["fuzzy_key"].to_list() == made["fuzzy_key"].to_list()
    assert add_keys(headlines(made["fuzzy_key"].to_list()))["fuzzy_key"].to_list() == made["fuzzy_key"].to_list()


@settings(deadline=None, max_examples=60)
@given(st.lists(titles, min_size=1, max_size=30))
def test_a_key_is_empty_only_without_letters_and_digits(texts):
    shown = readable(pl.Series(texts))[0]
    made = add_keys(headlines(texts))
    lettered = shown.str.contains(r"[\p{L}\p{N}]")
    assert not (lettered & (made["exact_key"] == "")).any()
    assert not (lettered & (made["fuzzy_key"] == "")).any()


@pytest.mark.parametrize("title", ["", " ", "!!!", "… «» %", "🔴🔴", "\u064b\u0651"])
def test_a_headline_without_letters_and_digits_has_empty_keys(title):
    assert normalize(title).exact == normalize(title).fuzzy == ""


@settings(deadline=None, max_examples=30)
@given(st.lists(titles, min_size=1, max_size=8))
def test_a_batch_gives_the_keys_that_each_headline_has_alone(texts):
    made = add_keys(headlines(texts))
    for row, text in zip(made.iter_rows(named=True), texts, strict=True):
        alone = normalize(text, outlet="المرفأ")
        assert (alone.exact, alone.fuzzy, alone.tag) == (row["exact_key"], row["fuzzy_key"], row["tag"])


def test_keys_by_chunks_equal_keys_of_the_whole_column_in_order(monkeypatch):
    texts = [f"عاجل: وصول {at} سفن إلى ميناء الصويرة" for at in range(50)]
    whole = add_keys(headlines(texts))
    monkeypatch.setattr(keys, "_CHUNK", 7)
    assert_frame_equal(add_keys(headlines(texts)), whole)
    assert whole["title"].to_list() == texts
    assert whole["exact_key"][17] == "وصول 17 سفن إلى ميناء الصويرة"


def test_adding_keys_does_not_change_the_input_frame():
    given_frame = headlines(["&quot;المرفأ&quot;  يُغلق أبوابه ﷼"])
    add_keys(given_frame)
    assert given_frame["title"].to_list() == ["&quot;المرفأ&quot;  يُغلق أبوابه ﷼"]


def test_no_headlines_give_no_keys():
    assert add_keys(headlines([])).height == 0


def test_a_missing_title_has_empty_keys():
    assert add_keys(headlines([None]))["exact_key"].to_list() == [""]


def test_a_frame_without_titles_raises_an_error_that_names_the_column():
    with pytest.raises(FrameError, match="'title' is missing"):
        add_keys(headlines(["a"]).drop("title"))


def test_pairs_of_the_normalization_file_share_a_key_at_their_level(data):
    rows = [json.loads(line) for line in (data / "normalization.jsonl").read_text("utf-8").splitlines()]
    held = {"must": [0, 0], "should": [0, 0]}
    for row in rows:
        left, right = (getattr(normalize(row[side]), row["level"]) for side in ("input", "expected_equal_to"))
        held[row["tier"]][(left == right) == row["should_match"]] += 1
    assert held["must"][0] == 0
    assert held["should"][1] >= 2 / 3 * sum(held["should"])


@pytest.mark.parametrize("particle", ["ب", "ل", "و", "وب"])
@pytest.mark.parametrize("number", ["مليون", "3 ملايين", "نصف مليون", "ألفين و200"])
def test_a_particle_apart_is_joined_to_a_number_with_a_magnitude(particle, number):
    apart, joined = (add_keys(headlines([f"قرض {particle}{gap}{number} دولار"]))["fuzzy_key"][0] for gap in (" ", ""))
    assert apart == joined == add_keys(headlines([joined]))["fuzzy_key"][0]

"""What is stripped from the edges of a headline, and what stays."""

from __future__ import annotations

import polars as pl
import pytest

from dedup.arabic.keys import add_keys, normalize
from dedup.arabic.learned_furniture import learn_furniture

from .test_keys import headlines

BARE = "حريق كبير في ميناء الصويرة"
FURNISHED = {
    "tag and colon": (f"عاجل: {BARE}", "عاجل"),
    "tag and dots": (f"بالفيديو.. {BARE}", "بالفيديو"),
    "tag and bar": (f"عاجل | {BARE}", "عاجل"),
    "tag and ellipsis": (f"شاهد… {BARE}", "شاهد"),
    "tag behind a sign": (f"🔴 #عاجل: {BARE}", "عاجل"),
    "tag in brackets": (f"[صور] {BARE}", "صور"),
    "tag in quotes": (f"«بالفيديو والصور» - {BARE}", "بالفيديو والصور"),
    "two tags": (f"عاجل.. بالفيديو: {BARE}", "عاجل | بالفيديو"),
    "trailing tag in brackets": (f"{BARE} (فيديو + صور)", "فيديو صور"),
    "trailing tag": (f"{BARE} .. فيديو", "فيديو"),
    "trailing tag and bar": (f"{BARE} |«فيديوجراف»", "فيديوجراف"),
    "outlet of the list": (f"{BARE} - RT Arabic", "RT Arabic"),
    "section and outlet": (f"{BARE} | اقتصاد | الجزيرة نت", "اقتصاد | الجزيرة نت"),
    "outlet and date": (f"{BARE} – DW – 01/02/2031", "DW | 01/02/2031"),
    "category of a wire": (f"اقتصادي / {BARE}", "اقتصادي"),
    "dateline": (f"الصويرة - رويترز: {BARE}", "الصويره | رويترز"),
    "dateline with brackets": (f"الصويرة (أ ف ب) - {BARE}", "الصويره | أ ف ب"),
    "hash": (f"#عاجل {BARE}", "عاجل"),
    "hash at the end": (f"{BARE} #فيديو", "فيديو"),
    "quotation marks alone": (f"«عاجل» {BARE}", "عاجل"),
    "quotation marks at the end": (f"{BARE} «فيديو»", "فيديو"),
    "signs on both sides": (f"🔴عاجل🔴 {BARE}", "عاجل"),
    "sign behind": (f"عاجل🔴 {BARE}", "عاجل"),
    "breaking news without separator": (f"عاجل {BARE}", "عاجل"),
    "video at the end without separator": (f"{BARE} بالفيديو", "بالفيديو"),
    "video behind a colon": (f"{BARE}: بالفيديو", "بالفيديو"),
    "pictures and video at the end": (f"{BARE} بالصور والفيديو", "بالصور والفيديو"),
    "details": (f"{BARE}.. إليك التفاصيل", "إليك التفاصيل"),
    "officially": (f"رسمياً.. {BARE}", "رسميا"),
    "important": (f"هام جدا | {BARE}", "هام جدا"),
    "breaking and important": (f"عاجل وهام.. {BARE}", "عاجل وهام"),
    "agency that signs": (f"رويترز: {BARE}", "رويترز"),
    "agency and slash": (f"واس / {BARE}", "واس"),
    "tag and agency": (f"عاجل: رويترز: {BARE}", "عاجل | رويترز"),
    "name behind a byline": (f"{BARE} - كتب: نديم الخطيب", "كتب | نديم الخطيب"),
    "outlet of two words in front": (f"القدس العربي - {BARE}", "القدس العربي"),
    "quoted tag of two words": (f"{BARE} «فيديو وصور»", "فيديو وصور"),
    "important to some": (f"هام للمواطنين: {BARE}", "هام للمواطنين"),
    "byline at the end": (f"{BARE} (د ب أ)", "د ب أ"),
}
KEPT = {
    "place before a colon": "الصويرة: حريق كبير في الميناء",
    "speaker before a colon": "الوزيرة: حريق الميناء تحت السيطرة",
    "agency that speaks": "«رويترز»: حريق كبير في ميناء الصويرة",
    "politician before a colon": "سياسي: حريق الميناء متعمد تماما",
    "tag without separator": "شاهد عيان يصف حريق الميناء",
    "hash inside": "وزيرة #الزراعة تزور ميناء الصويرة",
    "breaking in the middle": "قرض عاجل لصيادي ميناء الصويرة",
    "place named as an agency": "قنا: حريق كبير في الميناء",
    "tag inside": "لقاء عاجل: بحث حريق الميناء القديم",
    "too little left": "عاجل: حريق الميناء",
    "genre": "دراسة: القهوة تفيد الصيادين كثيرا",
}


@pytest.mark.parametrize("case", FURNISHED)
def test_furniture_is_stripped_from_the_keys_and_kept_in_the_tag(case):
    title, tag = FURNISHED[case]
    made = normalize(title)
    assert (made.exact, made.tag) == (normalize(BARE).exact, tag)


@pytest.mark.parametrize("case", KEPT)
def test_content_that_looks_like_furniture_stays_in_the_keys(case):
    made = normalize(KEPT[case])
    assert made.tag is None
    assert len(made.exact.split()) == len(KEPT[case].replace(":", " ").split())


@pytest.mark.parametrize("title", [f"{BARE} - المرفأ", f"{BARE} | صحيفة المرفأ الإلكترونية", f"المرفأ: {BARE}"])
def test_an_outlets_name_is_stripped_from_its_own_headlines_only(title):
    assert normalize(title, outlet="المرفأ").exact == normalize(BARE).exact
    assert normalize(title, outlet="الشراع").exact != normalize(BARE).exact


def test_outlets_names_are_recognized_after_their_cache_was_evicted(monkeypatch):
    monkeypatch.setattr("dedup.arabic.furniture_kinds._MAX_OUTLETS", 1)
    for outlet in ("المرفأ", "الشراع", "المنارة البحرية", "المرفأ", "الشراع"):
        assert normalize(f"{BARE} - {outlet}", outlet=outlet).exact == normalize(BARE).exact


@pytest.mark.parametrize("outlet", ["•••", "ـ", " ", "!", "\U0001f534", "\u064b", "ا", "ال", "صحيفة", "نت"])
def test_an_outlet_whose_folded_name_is_empty_strips_nothing(outlet):
    assert normalize(f"عاجل: {BARE}", outlet=outlet).exact == normalize(BARE).exact


def numbered(suffix, count=40):
    return [f"وصول {at} سفن إلى ميناء الصويرة{suffix}" for at in range(count)]


def test_a_frequent_edge_of_an_outlets_headlines_is_learned_and_stripped():
    texts = numbered(" - أخبار البحر الأزرق") + numbered("")
    frame = headlines(texts, ["المرفأ"] * 40 + ["الشراع"] * 40)
    learned = learn_furniture(frame)
    assert learned.rows() == [("المرفأ", "trail", "اخبار البحر الازرق")]
    made = add_keys(frame, learned)["exact_key"].to_list()
    assert made[:40] == made[40:]


def test_learned_edges_do_not_depend_on_the_order_of_headlines():
    texts = numbered(" - أخبار البحر الأزرق", 260) + numbered("", 2000)
    frame = headlines(texts).with_columns(outlet=pl.lit("المرفأ"))
    learned = learn_furniture(frame)
    assert len(learned) == 1
    for seed in range(5):
        assert learn_furniture(frame.sample(fraction=1.0, shuffle=True, seed=seed)).equals(learned)


def test_a_place_before_a_colon_is_not_learned():
    texts = [f"الصويرة: {text}" for text in numbered("", 15)] + numbered("", 25)
    assert learn_furniture(headlines(texts)).is_empty()


def test_an_edge_of_few_headlines_is_not_learned():
    texts = numbered(" - ملف البحر", 3) + numbered("", 60)
    assert learn_furniture(headlines(texts)).is_empty()
    assert learn_furniture(headlines([])).is_empty()

"""Stems, kinds and sides of words; their background frequency; standing titles."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.arabic import word_frequencies
from dedup.arabic.keys import normalize
from dedup.arabic.standing import is_standing
from dedup.arabic.word_facts import describe
from dedup.core.text_arrays import TextArray


def described(*texts):
    """The description of each text's one word, as dicts."""
    return describe(pl.Series([normalize(text).fuzzy for text in texts], dtype=pl.String)).to_dicts()


@pytest.mark.parametrize(
    "family",
    [
        ("المصريين", "مصري", "مصرية", "المصريون"),
        ("الرئيس", "رئيس", "للرئيس", "والرئيس"),
        ("وزيره", "وزير", "الوزير"),
        ("يعلن", "تعلن", "سيعلن"),
        ("القاهرة", "بالقاهرة", "والقاهرة"),
        ("5", "ب5", "٥"),
    ],
)
def test_forms_of_one_word_share_a_stem(family):
    assert len({row["stem"] for row in described(*family)}) == 1


@pytest.mark.parametrize(
    "pair",
    [("وطن", "طن"), ("بوتين", "وتين"), ("لبنان", "بنان"), ("كبير", "بئر"), ("بطن", "طن"), ("5", "5%"), ("5", "15")],
)
def test_letters_of_the_root_are_not_stripped_as_particles(pair):
    left, right = described(*pair)
    assert left["stem"] != right["stem"]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("12", "number", 12.0), ("ب12", "number", 12.0), ("7.5", "number", 7.5), ("2-1", "number", None),
        ("10:30", "number", None), ("40%", "percent", 40.0), ("الـ12", "ordinal", 12.0), ("خمسة", "number", 5.0),
        ("الثالثة", "ordinal", 3.0), ("ثالث", "ordinal", 3.0), ("للأولى", "ordinal", 1.0), ("العاشر", "ordinal", 10.0),
        ("العشرون", "ordinal", 20.0), ("الاثنين", "weekday", 0.0), ("والأحد", "weekday", 6.0), ("يناير", "month", 1.0),
        ("لديسمبر", "month", 12.0), ("اليوم", "relative_day", None), ("غدا", "relative_day", None),
        ("لن", "negation", None), ("ولا", "negation", None), ("غير", "negation", None), ("ميناء", "word", None),
        ("أحد", "word", None), ("تنفي", "word", None), ("سبيل", "word", None),
    ],
)  # fmt: skip
def test_a_word_of_a_closed_class_has_its_kind_and_value(text, kind, value):
    (row,) = described(text)
    assert (row["kind"], row["value"]) == (kind, value)


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("تنفي", ["denial"]), ("شائعات", ["denial", "check"]), ("تستنكر", ["reaction"]), ("يعزي", ["reaction"]),
        ("وصول", ["opening"]), ("وبدأت", ["opening"]), ("تأجيل", ["outcome"]), ("إلغاء", ["refusal", "outcome"]),
        ("هل", ["question"]), ("حقيقة", ["check"]), ("تهدد", ["intent"]), ("سيوقع", ["intent"]),
        ("يتوقعون", ["intent"]), ("موعد", ["intent", "fixture"]), ("فوز", ["result"]), ("سبيل", []), ("سلام", []),
        ("بحث", []), ("وسعت", []), ("بطلب", ["intent"]),
    ],
)  # fmt: skip
def test_words_have_the_acts_of_the_table(text, acts):
    (row,) = described(text)
    assert row["acts"] == acts


@pytest.mark.parametrize(
    ("left", "right"), [("غارة", "قصف"), ("تعتقل", "القبض"), ("لقاء", "استقبل"), ("اندلاع", "الحريق"), ("مصرع", "وفاة")]
)
def test_synonyms_of_editors_have_one_deed(left, right):
    first, second = described(left, right)
    assert first["deed"] == second["deed"] is not None


@pytest.mark.parametrize(
    "forms", [("جندي", "جنديا", "جنديين", "جنود"), ("طائرة", "طائرتين", "طائرتا", "الطائرات"), ("طفلان", "والأطفال")]
)
def test_singular_dual_and_plural_of_a_counted_noun_share_a_stem(forms):
    assert len({row["stem"] for row in described(*forms)}) == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("يؤكد", "تنفي"), ("أكدت", "ونفى"), ("ارتفاع", "بانخفاض"), ("ترتفع", "تراجع"), ("توافق", "سيرفض"),
        ("يرفع", "تخفض"), ("السماح", "منع"), ("استئناف", "وقف"), ("فوز", "هزيمة"), ("إصابة", "مقتل"),
        ("اعتقال", "الإفراج"), ("افتتاح", "إغلاق"), ("تعيين", "إقالة"), ("أعلن", "يعتزم"), ("قبل", "بعد"),
        ("المبدئي", "النهائي"),
    ],
)  # fmt: skip
def test_opposites_are_on_two_sides_of_one_axis(left, right):
    first, second = described(left, right)
    assert first["axis"] == second["axis"] is not None
    assert first["side"] == -second["side"]


@pytest.mark.parametrize(
    ("text", "kind", "alternative"),
    [
        ("شمالي", "word", "north"),
        ("وبالجنوب", "word", "south"),
        ("الملك", "word", "king"),
        ("سيول", "word", None),
        ("الخميس", "weekday", None),
        ("الثالثة", "ordinal", None),
    ],
)
def test_a_word_names_an_alternative_or_has_a_kind_of_its_own(text, kind, alternative):
    [word] = described(text)
    assert (word["kind"], word["alternative"]) == (kind, alternative)


def test_a_word_without_an_axis_has_no_side():
    (row,) = described("ميناء")
    assert row["axis"] is None
    assert row["side"] is None


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=12), max_size=30))
def test_every_word_has_one_row_and_a_stem(texts):
    words = pl.Series(texts, dtype=pl.String)
    frame = describe(words)
    assert frame["word"].to_list() == texts
    assert frame["stem"].null_count() == 0
    assert (frame["stem"].str.len_bytes() > 0).all()
    assert frame.schema.items() >= {
        "word": pl.String, "stem": pl.String, "kind": pl.String, "value": pl.Float64, "axis": pl.String, "side": pl.Int8
    }.items()  # fmt: skip


def test_a_common_stem_has_little_information_and_an_unknown_one_most():
    common, rare, unknown = word_frequencies.idf(TextArray.of(["في", "زيمبابوي", "قرطسقوط"]).hashes())
    assert 0 < common < rare <= unknown


def test_the_background_table_states_its_provenance():
    provenance = word_frequencies.provenance()
    assert int(provenance["headlines"]) > 90_000
    assert provenance["corpora"].count("sha256:") == 5
    (unknown,) = word_frequencies.idf(TextArray.of(["قرطسقوط"]).hashes())
    assert math.isclose(unknown, math.log((int(provenance["headlines"]) + 1) / 1.5), rel_tol=1e-6)


@pytest.mark.parametrize(
    "title",
    [
        "كاريكاتير", "كاريكاتير 2031/7/20", "مواقيت الصلاة في الصويرة اليوم", "حالة الطقس المتوقعة اليوم الاثنين",
        "أسعار العملات اليوم الخميس", "سعر الدولار اليوم", "حظك اليوم", "برج الحمل", "صباح الخير", "موجز الأخبار",
        "نشرة الأخبار المسائية", "درجات الحرارة المتوقعة غدا", "صورة اليوم", "بدون عنوان", "حدث في مثل هذا اليوم",
    ],
)  # fmt: skip
def test_titles_of_columns_and_bulletins_are_standing(title):
    assert is_standing(pl.Series([normalize(title).fuzzy])).item()


@pytest.mark.parametrize(
    "title",
    [
        "الطقس السيئ يؤخر وصول العبارة", "كاريكاتير يثير أزمة بين حكومتين ويفجر احتجاجات في الشارع",
        "درجات الحرارة ترفع مبيعات المراوح", "ارتفاع سعر الدولار أمام العملات بعد قرار البنك", "وفاة رسام الكاريكاتير",
        "البورصة تربح 3 مليارات", "برج المدينة يضاء بالأخضر",
    ],
)  # fmt: skip
def test_news_about_bulletins_and_columns_is_not_standing(title):
    assert not is_standing(pl.Series([normalize(title).fuzzy])).item()


def test_standing_titles_are_the_same_in_a_column_and_one_by_one():
    titles = ["مواقيت الصلاة اليوم الجمعة", "كاريكاتير", "وزير الزراعة يفتتح سوقا للخضر", "صباح الخير يا بلدي", ""]
    keys = [normalize(title).fuzzy for title in titles] + [None]
    alone = [is_standing(pl.Series([key], dtype=pl.String)).item() for key in keys]
    assert is_standing(pl.Series(keys * 1000)).to_list() == alone * 1000


def test_a_missing_key_is_not_standing():
    assert is_standing(pl.Series([None, ""], dtype=pl.String)).to_list() == [False, False]

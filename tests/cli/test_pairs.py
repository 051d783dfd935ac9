"""`dedup explain` and `dedup similar`."""

from __future__ import annotations

import json
import math
import re

import pytest

FLOODS = "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو"


def test_a_pair_is_explained_in_words(dedup):
    done = dedup("explain", FLOODS, f"عاجل | {FLOODS}", "--outlet-a", "واحة", "--outlet-b", "الضحى")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("copy: the same headline, verbatim or nearly; score 0.")
    assert "later    headline   عاجل | مصرع 5 أشخاص" in done.stdout
    assert "furniture  عاجل" in done.stdout
    assert "information that both headlines share" in done.stdout


def test_the_parts_of_an_explanation_add_up_to_its_score(dedup):
    output = json.loads(dedup("explain", FLOODS, "وفاة خمسة أشخاص في السيول", "--json").stdout)
    logit = output["base"] + sum(output["parts"].values())
    assert output["score"] == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-4)


def test_a_contradiction_is_named_in_words_in_arabic_and_in_json(dedup):
    output = "انتشال جثة من بئر في وادي الزيتون", "انتشال جثتين من بئر في وادي الزيتون"
    assert "No match whatever the score: one speaks of one, the other of two" in dedup("explain", *output).stdout
    arabic = dedup("explain", *output, "--language", "ar").stdout
    assert "لا يتطابقان مهما بلغ الاحتمال: أحدهما بالمفرد والآخر بالمثنى أو الجمع" in arabic
    assert list(json.loads(dedup("explain", *output, "--json").stdout)["ruled_out_by"]) == ["amount_clash"]


def test_times_tell_which_headline_is_the_earlier(dedup):
    done = dedup("explain", FLOODS, "سيول", "--published-a", "2026-03-04", "--published-b", "2026-03-03", "--json")
    assert json.loads(done.stdout)["left"]["display"] == "سيول"


def test_the_nearest_headlines_are_listed_with_scores(dedup, examples):
    done = dedup("similar", FLOODS, examples / "feeds", "--top", 3)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].split() == ["close", "related", "same", "news", "relation", "headline"]
    assert done.stdout.count("\n\n") == 2
    assert FLOODS in done.stdout


def test_the_times_of_the_nearest_headlines_stay_in_order_in_visual_order(dedup, examples):
    pytest.importorskip("bidi")
    done = dedup("similar", FLOODS, examples / "feeds", "--top", 3, "--bidi", "visual")
    assert len(re.findall(r"^ +at  2026-03-03 \d\d:\d\d  ", done.stdout, re.MULTILINE)) == 3


def test_a_headline_that_shares_no_word_names_the_one_that_it_is_close_to(dedup, tmp_path):
    near = "انهيار جدار سد الغدير يغرق ثلاث قرى في وادي السرو"
    (tmp_path / "news.txt").write_text(f"{near}\nإجلاء سكان ثلاث قرى في وادي السرو\n", encoding="utf-8")
    done = dedup("similar", "وزير الري يتفقد سد الغدير بعد انهيار جداره", tmp_path / "news.txt")
    assert done.stdout.count(f"close to: {near}") == 1


def test_the_nearest_headlines_come_as_json(dedup, examples):
    done = dedup("similar", FLOODS, examples / "feeds", "--top", 4, "--json", "--published", "2026-03-03")
    headlines = json.loads(done.stdout)["headlines"]
    assert len(headlines) == 4
    assert headlines[0]["score"] >= headlines[-1]["score"]
    assert all(row["published"] < "2026-03-06" for row in headlines if row["published"])


def test_a_near_headline_that_contradicts_is_listed_with_the_rule(dedup, tmp_path):
    (tmp_path / "news.txt").write_text("البرازيل تهزم الأرجنتين في افتتاح البطولة\n", encoding="utf-8")
    done = dedup("similar", "الأرجنتين تهزم البرازيل في افتتاح البطولة", tmp_path / "news.txt")
    assert "no match whatever the score: the same names stand in exchanged roles" in done.stdout


def test_inputs_that_similar_skips_are_named(dedup, examples):
    done = dedup("similar", FLOODS, examples / "feeds", examples / "messy" / "empty.xml")
    assert done.returncode == 3
    assert "empty.xml: empty" in done.stderr


def test_names_of_outlets_come_with_the_notes_and_skipped_inputs_of_their_files(dedup, tmp_path):
    (tmp_path / "a.csv").write_text("notes\ntitle,source\nسيول تجتاح وادي السرو,صحيفة الضحى\n", encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    done = dedup("outlets", tmp_path)
    assert done.returncode == 3
    assert done.stdout.startswith("outlet\tname\t")
    assert "note on" in done.stderr
    assert "line 1 precedes the header" in done.stderr
    assert "b.pdf: a PDF document" in done.stderr


def test_words_of_no_headline_are_an_error_and_write_no_table(dedup, tmp_path):
    (tmp_path / "empty.csv").write_text("title,outlet\n!!!,الضحى\n", encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    done = dedup("words", tmp_path / "empty.csv", tmp_path / "b.pdf", "--out", tmp_path / "words.parquet")
    assert (done.returncode, done.stdout) == (1, "")
    assert "b.pdf: a PDF document" in done.stderr
    assert "no headline with words to count" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "words.parquet").exists()

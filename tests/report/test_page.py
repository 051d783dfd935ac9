"""The HTML page without a browser: complete in itself, escaped, in two languages."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

import dedup
from dedup.coverage import Coverage
from dedup.matching.evidence.schema import EVIDENCE
from dedup.report import page
from dedup.report.content import Content
from dedup.report.page import render
from dedup.report.texts import load_texts
from dedup.report.view import View, skipped_groups

ROOT = Path(__file__).parents[2]
DAWN = datetime(2026, 3, 4, 22, 30, tzinfo=UTC)
FLOODS = "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو"
ROWS = [
    {"title": title, "outlet": outlet, "url": f"https://x.example/{number}", "published": DAWN + timedelta(minutes=at)}
    for number, (title, outlet, at) in enumerate(
        [
            (FLOODS, "وكالة واحة", 0),
            (f"عاجل | {FLOODS}", "الضحى", 12),
            ("سيول جارفة تجتاح وادي السرو ومصرع خمسة أشخاص", "المرفأ", 95),
            ("فرسان التلال يفوز 3-1 على نجوم الميناء في الدوري", "المرفأ", 30),
            ("حوار: لن نبيع قطرة ماء", "السدرة", 40),
        ]
    )
]
VOID = {"meta", "br", "link", "img", "input"}
DATA_BLOCK = re.compile(r'<script type="application/gzip" id="data">([^<]*)</script>')


def content(rows=ROWS, **changes):
    result = dedup.find_duplicates(rows)
    given = {
        "coverage": result.coverage,
        "pairs": result.lazy_pairs,
        "files": result.files,
        "skipped": result.skipped,
        "summary": result.summary,
    }
    return result, Content(**(given | changes))


@pytest.fixture(scope="module")
def scanned():
    return content()


@pytest.fixture(scope="module")
def text(scanned):
    return render(scanned[1], View())


def data_of(text):
    return json.loads(gzip.decompress(base64.b64decode(DATA_BLOCK.search(text)[1])))


class Reader(HTMLParser):
    """Notes the elements, links and texts of a page, and that each element is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.links, self.texts, self.tags, self.styled = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]
        self.styled += [name for name, _ in attrs if name == "style" or name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, _):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def read(text):
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_the_page_loads_nothing_and_runs_its_own_script_only(text):
    reader = read(text)
    assert not {"link", "img", "iframe", "object", "base"} & set(reader.tags)
    assert reader.styled == []
    assert all(link.startswith(("#", "https://x.example/")) for link in reader.links)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(script) == len(style) == 1
    assert policy == (
        f"default-src 'none'; script-src '{page._digest(script[0])}'; style-src '{page._digest(style[0])}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_page_is_arabic_from_right_to_left_or_english_from_left_to_right(scanned, text):
    assert text.startswith('<!DOCTYPE html>\n<html lang="ar" dir="rtl">')
    assert render(scanned[1], View(language="en")).startswith('<!DOCTYPE html>\n<html lang="en" dir="ltr">')


def test_both_languages_have_the_same_texts():
    arabic, english = load_texts("ar"), load_texts("en")

    def names(value, path=""):
        if isinstance(value, dict) and path not in {f".nouns.{noun}" for noun in arabic["nouns"]}:
            return {name for key, part in value.items() for name in names(part, f"{path}.{key}")}
        return {path}

    assert names(arabic) == names(english)


def test_every_piece_of_evidence_has_arabic_words():
    described = page._describe_features([feature.name for feature in EVIDENCE], "ar")
    untranslated = [meaning for meaning, _ in described if not re.search("[\u0600-\u06ff]", meaning)]
    assert untranslated == []


def test_the_data_hold_every_headline_and_who_matched_whom(scanned, text):
    result, _ = scanned
    data = data_of(text)
    assert sorted(data["titles"]) == sorted(row["title"] for row in ROWS)
    assert data["sizes"] == result.stories["n_headlines"].to_list()
    assert data["breadth"] == result.stories["n_outlets"].to_list()
    assert data["roles"].startswith("f")
    assert data["roles"].endswith("ss")
    rows, offsets = data["match"]
    by_title = dict(zip(result.headlines["headline_id"], result.headlines["title"], strict=True))
    for row, offset in zip(rows, offsets, strict=True):
        (matched,) = result.headlines.filter(pl.col("title") == data["titles"][row])["matched_id"]
        assert by_title[matched] == data["titles"][row - offset]
    assert all(reasons and len(reasons) % 3 == 0 for reasons in data["reasons"])


def test_reasons_are_those_of_the_explanation(scanned, text):
    result, _ = scanned
    data = data_of(text)
    names = data["features"]
    pairs = result.pairs.filter("is_match")
    for row, offset, reasons in zip(*data["match"], data["reasons"], strict=True):
        ids = [
            result.headlines.filter(pl.col("title") == data["titles"][r])["headline_id"][0] for r in (row, row - offset)
        ]
        (pair,) = pairs.filter(pl.col("left_id").is_in(ids) & pl.col("right_id").is_in(ids)).to_dicts()
        for feature, value in zip(reasons[::3], reasons[1::3], strict=True):
            assert pair[names[feature]] == pytest.approx(value, abs=0.006)


def test_the_weakest_link_is_the_lowest_score_of_the_story(scanned, text):
    result, _ = scanned
    weakest = data_of(text)["weakest"]
    assert [link[2] for link in weakest] == [int(score * 100) for score in result.stories["weakest_score"]]


def test_times_are_shown_in_the_zone_and_the_zone_is_named(scanned):
    text = render(scanned[1], View(zone=ZoneInfo("Asia/Riyadh")))
    assert "5 مارس 2026، 01:30" in text
    assert ">Asia/Riyadh<" in text
    assert data_of(text)["zone"] == [[int(DAWN.replace(minute=0).timestamp()), 3 * 3600]]


def test_the_offset_changes_with_summer_time():
    rows = [
        {"title": f"خبر {n}", "outlet": "a", "published": datetime(2026, 4, 23 + n, 12, tzinfo=UTC)} for n in range(3)
    ]
    offsets = data_of(render(content(rows)[1], View(zone=ZoneInfo("Africa/Cairo"))))["zone"]
    assert [offset for _, offset in offsets] == [2 * 3600, 3 * 3600]


BAD = "</script><script>alert(1)</script>\"'&<b>\x1b\u202e"


def hostile(**changes):
    result, given = content()
    rows = result.coverage.headlines.with_columns(
        **{
            name: pl.when(pl.col("title") == FLOODS).then(pl.lit(value)).otherwise(name)
            for name, value in changes.items()
        }
    )
    coverage = Coverage(rows, result.stories, result.outlets, result.overlap)
    return Content(**{name: getattr(given, name) for name in Content.__slots__} | {"coverage": coverage})


def test_markup_in_feeds_stays_text():
    rows = [{**row, "title": row["title"] + BAD, "outlet": row["outlet"] + BAD} for row in ROWS]
    text = render(content(rows)[1], View(outlet=BAD, index=BAD))
    assert "alert(1)</script>" not in DATA_BLOCK.sub("", text)
    assert read(text).tags.count("script") == 4
    titles = data_of(text)["titles"]
    assert all("\x1b" not in title and "\u202e" not in title for title in titles)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", " https://x.example"])
def test_only_web_addresses_become_links(url):
    assert url.strip() not in data_of(render(hostile(url=url), View()))["urls"]


def test_skipped_inputs_are_listed_escaped():
    skipped = pl.DataFrame({"file": ["c\x1b[2J<b>.xml"], "place": [""], "reason": ["an HTML page, not a feed"]})
    _, given = content()
    given = Content(**{name: getattr(given, name) for name in Content.__slots__} | {"skipped": skipped})
    texts = read(render(given, View())).texts
    assert {r"c\x1b[2J<b>.xml", "an HTML page, not a feed"} <= set(texts)
    assert "صفحة ويب لا تغذية إخبارية؛ استعمل عنوان التغذية" in texts


def test_every_reason_that_the_messy_examples_give_has_a_kind_in_arabic():
    skipped = dedup.read_feeds(ROOT / "examples" / "messy").skipped
    groups, _ = skipped_groups(skipped)
    assert [group.reason for group in groups if not group.kind] == []


def test_related_stories_are_listed_by_the_row_of_their_first_headline():
    result, given = content([*ROWS, {**ROWS[3], "outlet": "الضحى"}])
    ids = result.stories["story_id"]
    data = data_of(render(given, View()))
    assert data["related"] == []
    single = data["titles"].index("حوار: لن نبيع قطرة ماء")
    alone = result.headlines.filter(pl.col("role") == "single")["story_id"].item()
    rows = [(ids[0], ids[1], 0.84, 0.5), (ids[0], alone, 0.91, None), (alone, ids[0], 0.91, None)]
    related = pl.DataFrame(rows, schema=["story_id", "related_id", "related_score", "hours_apart"], orient="row")
    data = data_of(render(replace(given, related=related), View()))
    assert data["related"] == [[single, 91, data["sizes"][0], 84], []]


@pytest.mark.parametrize("rows", [[], [{"title": "خبر"}], ["خبر عن سيول", "خبر عن سيول"]], ids=len)
def test_little_or_nothing_is_a_page_too(rows):
    read(render(content(rows)[1], View()))

from __future__ import annotations

import pytest

from dedup.feeds import read_feeds

TEXT = """الضفاف - وكالات

شدد مدير الحديقة على ضرورة ري الأشجار قبل الغروب.

المصدر: جريدة الضفاف

إقرأ أيضاً:

مدير الحديقة يعلن خطة الري

أعلن المدير الخطة في لقاء مع الزوار، وقال إن العمل يبدأ غدا.

مقالات مشابهة

  • مدير الحديقة يعلن خطة الري
  • زوار الحديقة يرحبون بالخطة
"""
HTML = """<!doctype html><html><head><title>موقع</title><script>var x = "مقالات مشابهة";</script></head><body>
<h1>مدير الحديقة: الري قبل الغروب</h1><p>الضفاف - وكالات</p><p>نص طويل.</p><p>المصدر: جريدة الضفاف</p>
<h3>اقرأ أيضا:</h3><p><a href="https://b.example/7">مدير الحديقة يعلن خطة الري</a></p><p>نص.</p>
<h3>مقالات ذات صلة</h3><ul><li><a href="https://a.example/1">مدير الحديقة يعلن <b>خطة</b> الري</a></li>
<li><a href="https://c.example/2">زوار الحديقة يرحبون بالخطة</a></li></ul></body></html>"""


@pytest.fixture
def rows(tmp_path):
    def read(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return read_feeds(tmp_path / name).headlines.select("outlet", "title").rows()

    return read


def test_a_page_of_text_gives_the_story_to_read_on_and_the_similar_headlines(rows):
    assert rows("page.txt", TEXT) == [
        ("جريدة الضفاف", "مدير الحديقة يعلن خطة الري"),
        ("page", "مدير الحديقة يعلن خطة الري"),
        ("page", "زوار الحديقة يرحبون بالخطة"),
    ]


def test_without_a_source_line_the_dateline_names_the_outlet(rows):
    assert rows("page.txt", TEXT.replace("المصدر: جريدة الضفاف", ""))[0][0] == "الضفاف"


def test_a_page_of_html_gives_its_own_headline_too_and_the_hosts_of_links(rows):
    assert rows("page.html", HTML) == [
        ("جريدة الضفاف", "مدير الحديقة: الري قبل الغروب"),
        ("جريدة الضفاف", "مدير الحديقة يعلن خطة الري"),
        ("a.example", "مدير الحديقة يعلن خطة الري"),
        ("c.example", "زوار الحديقة يرحبون بالخطة"),
    ]

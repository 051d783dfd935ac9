"""Feeds as public reports describe them: dates and texts in CDATA, other titles of an item, mojibake in references."""

from __future__ import annotations

from html.entities import codepoint2name

import pytest

from dedup.feeds import read_feeds

TITLE = "سيول جارفة تقتل خمسة في وادي السرو"
ITEM = "<item>{}<link>https://doha.example/1</link><pubDate>Tue, 03 Mar 2026 05:40:00 GMT</pubDate></item>"
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'


def references(text: str) -> str:
    """Write the UTF-8 bytes of a text as references to the characters of Latin-1 with the same numbers."""
    return "".join(
        chr(byte) if byte < 128 else f"&amp;{codepoint2name.get(byte, f'#{byte}')};" for byte in text.encode()
    )


REPORTED = {
    "a date in CDATA": f"<item><title>{TITLE}</title><pubDate><![CDATA[ 2026-03-03 08:40:00 +0300 ]]></pubDate></item>",
    "mojibake in references": ITEM.format(f"<title>{references(TITLE)}</title>"),
    "the title of an image before it": ITEM.format(
        f"<image><title>صورة من الوادي</title></image><title>{TITLE}</title>"
    ),
    "an empty title of a group before it": ITEM.format(
        f'<media:group><media:title type="html"/></media:group><title>{TITLE}</title>'
    ),
    "the title of a picture behind it": ITEM.format(
        f"<title>{TITLE}</title><media:content><media:title>صورة أخرى</media:title></media:content>"
    ),
    "the end of CDATA twice": ITEM.format(f"<title><![CDATA[{TITLE}]]>]]&gt;</title>"),
    "no title, and a text of escaped CDATA": ITEM.format(f"<description>&lt;![CDATA[{TITLE}]]&gt;</description>"),
    "undeclared entities": ITEM.format(f"<title>{TITLE.replace(' ', '&nbsp;', 1)}</title>"),
}


@pytest.mark.parametrize("item", REPORTED.values(), ids=REPORTED.keys())
def test_the_title_and_the_time_of_the_item_are_read(tmp_path, item):
    path = tmp_path / "feed.xml"
    path.write_text(f'<rss version="2.0" {MEDIA}><channel><title>الضحى</title>{item}</channel></rss>', "utf-8")
    [row] = read_feeds(path).headlines.iter_rows(named=True)
    assert (row["title"], row["outlet"], row["published"].isoformat()) == (TITLE, "الضحى", "2026-03-03T05:40:00+00:00")


def test_a_field_that_begins_with_a_quoted_word_is_read_whole(tmp_path):
    path = tmp_path / "export.csv"
    lines = [
        "id;title;source;published",
        '1;"الهضبة" يتأهل إلى نهائي الكأس;الضحى;2026-03-03 08:10',
        f"2;{TITLE};المرفأ;2026-03-03 09:10",
    ]
    path.write_text("\n".join(lines), "utf-8")
    headlines = read_feeds(path).headlines
    assert headlines["title"].to_list() == ["الهضبة يتأهل إلى نهائي الكأس", TITLE]
    assert headlines["outlet"].to_list() == ["الضحى", "المرفأ"]

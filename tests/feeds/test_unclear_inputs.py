"""Inputs that are missing, unclear or damaged on their way are named: as errors, skipped inputs or remarks."""

from __future__ import annotations

import pytest

from dedup.errors import InputError
from dedup.feeds import read_feeds

TITLE = "افتتاح جسر الوادي الكبير"
LONG = "اليوم بحضور جمع من الأهالي والمسؤولين في المحافظة بعد سنوات من الانتظار الطويل لهذا المشروع"


@pytest.fixture
def read(tmp_path):
    def write_and_read(content, name="t.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_feeds(path, **options)

    return write_and_read


@pytest.mark.parametrize("path", ["nofile", "nothing/*.xml", "empty"])
def test_paths_that_lead_to_no_file_are_an_error(tmp_path, path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=path.rpartition("/")[2].replace("*", r"\*")):
        read_feeds(tmp_path / path)


def test_a_missing_path_beside_others_is_skipped(tmp_path):
    (tmp_path / "a.txt").write_text(TITLE, encoding="utf-8")
    feeds = read_feeds(tmp_path / "a.txt", tmp_path / "nofile")
    assert feeds.headlines.height == 1
    assert "nofile" in feeds.skipped["file"].item()


def test_columns_that_look_like_an_outlet_or_time_are_named(read):
    remark = read(f"title,press source of record,broadcast time\n{TITLE},a,2026-03-03\n").remarks["remark"].item()
    assert "'press source of record'" in remark
    assert "'broadcast time'" in remark


def test_error_pages_and_placeholders_are_named_and_kept(read):
    titles = ("403 Forbidden", "Just a moment...", "الصفحة غير موجودة", "500 موظف يعودون إلى العمل", TITLE)
    feeds = read("\n".join(("title", *titles)))
    assert feeds.counts["placeholder_titles"] == 3
    assert feeds.headlines.height == 5
    assert "'403 Forbidden'" in feeds.remarks["remark"].item()


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "mac_roman", "cp1256", "cp437", "cp850"])
def test_utf8_read_in_another_encoding_is_repaired(read, encoding):
    wrong = TITLE.encode().decode(encoding, "ignore")
    if wrong.encode(encoding, "ignore") != TITLE.encode():
        pytest.skip("the encoding loses bytes of this title")
    feeds = read(f"title,outlet\n{wrong},a\n")
    assert feeds.headlines["title"].to_list() == [TITLE]
    assert feeds.counts["repaired_titles"] == 1


@pytest.mark.parametrize("title", ["Café Müller in Zürich", "naïve – «déjà vu»", "ط§ بند", "عاجل… «وكالات»", "Ÿ ÿ"])
def test_what_is_no_mojibake_stays(read, title):
    assert read(f"title\n{title}\n").headlines["title"].to_list() == [title]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"<p>{TITLE}</p><p>تفاصيل</p>", TITLE),
        (f"عاجل\n{TITLE}\nتفاصيل", f"عاجل {TITLE}"),
        (f"{TITLE} {LONG}. وقال مصدر إن العمل انتهى.", f"{TITLE} {LONG}."),
    ],
)  # fmt: skip
def test_the_first_sentence_stands_in_for_a_missing_title(read, text, title):
    import json  # noqa: PLC0415 - of this test only

    feeds = read(json.dumps([{"text": text, "source": "x"}, {"text": "https://paper.example/1"}]), "posts.json")
    assert feeds.headlines["title"].to_list() == [title]
    assert feeds.headlines["source"].item().endswith("posts.json#1~text")
    assert feeds.counts["titles_from_text"] == 1
    assert feeds.skipped["reason"].to_list() == ["no title"]


@pytest.mark.parametrize("host", ["https://t.me/s/{}", "https://www.youtube.com/@{}", "https://x.com/{}"])
@pytest.mark.parametrize("title", ["{} - YouTube", "{} - Telegram Channel", "{} / X", "Telegram: {}", "{} | فيسبوك"])
def test_two_channels_of_one_platform_are_two_outlets(tmp_path, host, title):
    for name in ("مرآة التلال", "صدى الوادي"):
        head = f"<title>{title.format(name)}</title><link>{host.format(len(name))}</link>"
        feed = f"<rss><channel>{head}<item><title>{TITLE}</title></item></channel></rss>"
        (tmp_path / f"{len(name)}{name}.xml").write_text(feed, encoding="utf-8")
    assert set(read_feeds(tmp_path).headlines["outlet"]) == {"مرآة التلال", "صدى الوادي"}


def test_posts_without_an_outlet_belong_to_their_channel(read):
    feeds = read(f"url,title\nhttps://t.me/mirror/12,{TITLE}\nhttps://x.com/sada/status/1,خبر آخر\n")
    assert feeds.headlines["outlet"].to_list() == ["mirror", "sada"]


def test_of_several_lists_the_one_that_is_read_is_named(read):
    feeds = read('{"articles": [{"title": "خبر أول"}], "trending": [{"title": "خبر ثان"}]}', "two.json")
    assert feeds.headlines["title"].to_list() == ["خبر أول"]
    assert "'trending' (1 items)" in feeds.skipped["reason"].item()


@pytest.mark.parametrize(
    ("name", "lost", "good"),
    [
        ("a.bib", "@article{a,\n  title = {" + "{" * 5_000 + "\n}\n", "@article{b,\n  title = {" + TITLE + "}\n}\n"),
        ("a.ris", "TY  - NEWS\nER  - \n", f"TY  - NEWS\nTI  - {TITLE}\nER  - \n"),
    ],
)
def test_citations_without_a_title_are_named(read, name, lost, good):
    feeds = read(lost + good, name)
    assert feeds.headlines["title"].to_list() == [TITLE]
    assert feeds.skipped["reason"].item() == "no title"
    assert read(lost + lost, name).headlines.is_empty()
    assert read(lost + lost, name).skipped.height == 1

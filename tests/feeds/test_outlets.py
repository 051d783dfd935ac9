from __future__ import annotations

import pytest

from dedup.feeds import headlines_from, read_feeds


@pytest.fixture
def outlets_of(tmp_path):
    def read(*feeds, **options):
        for number, (title, link) in enumerate(feeds):
            item = f"<item><title>خبر {number}</title><link>https://cdn.example/{number}</link></item>"
            channel = f"<channel><title>{title}</title><link>{link}</link>{item}</channel>"
            (tmp_path / f"file{number}.xml").write_text(f"<rss>{channel}</rss>", encoding="utf-8")
        return read_feeds(tmp_path, **options).headlines["outlet"].to_list()

    return read


HOME = "https://www.dawha.example/"


@pytest.mark.parametrize(
    ("title", "outlet"),
    [
        ("صحيفة الدوحة", "صحيفة الدوحة"),
        ("دوحتنا - دولــي", "دوحتنا"),
        ("دوحتنا - رياضة", "دوحتنا"),
        ("الرياضة | دوحتنا", "دوحتنا"),
        ("دوحتنا » آخر الأخبار", "دوحتنا"),
        ("دوحتنا: محليات", "دوحتنا"),
        ("دوحتنا - صوت الضفة", "دوحتنا - صوت الضفة"),
        ("رياضة", "dawha.example"),
        ("RSS Feed", "dawha.example"),
        ("", "dawha.example"),
    ],
)
def test_a_section_is_no_outlet(outlets_of, title, outlet):
    assert outlets_of((title, HOME)) == [outlet]


def test_what_the_feeds_of_a_host_share_is_the_outlet(outlets_of):
    assert set(outlets_of(("دوحتنا - الشاطئ", HOME), ("دوحتنا - الجبل", HOME), ("دوحتنا", HOME))) == {"دوحتنا"}


def test_feeds_of_other_titles_stay_apart(outlets_of):
    assert outlets_of(("المرفأ", HOME), ("الصحراء", HOME)) == ["المرفأ", "الصحراء"]


def test_tatweel_and_hamza_make_no_other_outlet(outlets_of):
    assert len(set(outlets_of(("أصداء", HOME), ("اصـداء", HOME)))) == 1


def test_a_feed_renamed_is_one_outlet(tmp_path):
    item = "<item><title>خبر</title><link>https://dawha.example/1</link></item>"
    for name, title in (("a", "Dawha"), ("b", "الدوحة"), ("c", "الدوحة")):
        channel = f"<channel><title>{title}</title><link>{HOME}</link>{item}</channel>"
        (tmp_path / f"{name}.xml").write_text(f"<rss>{channel}</rss>", encoding="utf-8")
    assert read_feeds(tmp_path).headlines["outlet"].to_list() == ["الدوحة"]


@pytest.mark.parametrize("key", ["دوحتنا - رياضة", "دوحتنا", "dawha.example", "www.dawha.example", "cdn.example"])
def test_a_mapping_of_titles_or_hosts_goes_before_all(outlets_of, key):
    assert outlets_of(("دوحتنا - رياضة", HOME), outlets={key: "الدوحة"}) == ["الدوحة"]


def test_without_a_title_the_links_host_and_then_the_files_name_count(tmp_path):
    (tmp_path / "marsad.csv").write_text("title,url\nخبر,https://www.a.example/1\nآخر,\n", encoding="utf-8")
    assert read_feeds(tmp_path).headlines["outlet"].to_list() == ["a.example", "marsad"]


def test_records_say_their_own_outlet():
    feeds = headlines_from([{"title": "خبر", "outlet": "المرسى", "url": "https://a.example/1"}])
    assert feeds.headlines["outlet"].to_list() == ["المرسى"]


def test_a_name_that_is_not_clean_is_cleaned_however_often_it_comes():
    for name in ("  قناة   الواحة ", "الضحى", "  قناة   الواحة ", "الضحى"):
        output = headlines_from([{"title": "سيول", "outlet": name}]).headlines["outlet"].item()
        assert output == " ".join(name.split())

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import InputError, SettingError
from dedup.feeds import headlines_from, read_feeds

if TYPE_CHECKING:
    import random

ITEM = {"outlet": "المرسى", "title": "سفينة تصل", "url": "https://m.example/1", "published": "2026-03-01T10:00:00Z"}


def kept(*items):
    feeds = headlines_from(list(items))
    assert feeds.headlines["headline_id"].is_unique().all()
    assert feeds.headlines.height + feeds.counts["repeated_items"] == len(items)
    return feeds.headlines.height


def test_the_same_link_of_an_outlet_is_one_item():
    assert kept(ITEM, ITEM | {"published": "2026-03-02"}, ITEM | {"url": "http://www.m.example/1/?utm_source=x#a"}) == 1


def test_the_same_title_and_time_of_an_outlet_is_one_item():
    assert kept(ITEM, ITEM | {"url": "https://m.example/section/1"}, ITEM | {"url": None}) == 1


def test_another_outlet_or_time_is_another_item():
    later = {"published": "2026-03-02T10:00:00Z"}
    assert kept(ITEM, ITEM | {"outlet": "الساحل"}, ITEM | {"url": "https://m.example/2"} | later) == 3


def test_a_link_given_to_several_titles_of_a_file_is_no_identity():
    assert kept(ITEM, ITEM | {"title": "سفينة ترحل"}, ITEM | {"title": "سفينة ثالثة"}) == 3


def test_a_title_changed_in_a_later_fetch_is_one_item(tmp_path):
    for name, title in (("1.xml", "سفينة تصل"), ("2.xml", "سفينة تصل إلى المرسى")):
        item = f"<item><title>{title}</title><link>https://m.example/1</link><pubDate>1 Mar 2026</pubDate></item>"
        text = f"<rss><channel><title>المرسى</title>{item}</channel></rss>"
        (tmp_path / name).write_text(text, encoding="utf-8")
    feeds = read_feeds(tmp_path)
    assert feeds.headlines["title"].to_list() == ["سفينة تصل"]
    assert feeds.counts["repeated_items"] == 1


def test_titles_without_link_and_time_are_never_folded():
    assert kept("سفينة تصل", "سفينة تصل") == 2


def test_ids_of_their_own_keep_equal_titles_apart():
    bare = {"outlet": "المرسى", "title": "كاريكاتير", "published": "2026-03-01"}
    assert kept(bare | {"id": "1"}, bare | {"id": "2"}) == 2
    assert kept(bare | {"id": "1"}, bare | {"id": "1"}) == 1


def test_one_id_for_two_items_is_made_distinct_and_counted():
    feeds = headlines_from([{"id": "1", "title": "أول"}, {"id": "1", "title": "ثان"}, {"id": "1~2", "title": "ثالث"}])
    assert feeds.headlines["headline_id"].n_unique() == 3
    assert feeds.counts["shared_ids"] >= 1
    assert feeds.headlines["headline_id"][0] == "1"


ITEMS = [ITEM | {"title": f"سفينة {number}", "url": f"https://m.example/{number}"} for number in range(9)]


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_ids_do_not_depend_on_the_order_of_the_input(shuffler: random.Random):
    items = ITEMS.copy()
    shuffler.shuffle(items)
    ids = dict(headlines_from(items).headlines.select("title", "headline_id").iter_rows())
    assert ids == dict(headlines_from(ITEMS).headlines.select("title", "headline_id").iter_rows())


@dataclass
class Headline:
    title: str
    outlet: str


def test_frames_mappings_dataclasses_and_strings_read_alike():
    frame = pl.DataFrame({"title": ["سفينة"], "outlet": ["المرسى"]})
    for data in (frame, frame.to_dicts(), [Headline("سفينة", "المرسى")], iter(frame.to_dicts())):
        assert headlines_from(data).headlines.select("outlet", "title").rows() == [("المرسى", "سفينة")]
    assert headlines_from(["سفينة"]).headlines["title"].to_list() == ["سفينة"]


def test_names_of_fields_need_not_be_text():
    headlines = headlines_from([{5: "x", None: "y", "title": "سفينة", ("outlet",): "z"}]).headlines
    assert headlines.select("outlet", "title").rows() == [("", "سفينة")]
    with pytest.raises(InputError, match="the columns are: 5, None"):
        headlines_from([{5: "x", None: "y"}])


def test_of_a_title_without_end_no_more_is_looked_at_than_markup_may_fill():
    for title in ("سفينة " * 500_000, "س" * 3_000_000, "<b>" * 1_000_000 + "سفينة"):
        feeds = headlines_from([title, "سفينة"])
        assert feeds.headlines["title"].str.len_chars().max() <= 1_000
        assert feeds.headlines["title"][-1] == "سفينة"
        assert feeds.skipped.height == 1


def test_typed_times_of_a_frame_are_taken():
    frame = pl.DataFrame({"title": ["سفينة"], "date": [datetime(2026, 3, 1)]})
    assert (
        headlines_from(frame, timezone="+03:00").headlines["published"].item().isoformat()
        == "2026-02-28T21:00:00+00:00"
    )


def test_data_without_a_title_is_refused():
    with pytest.raises(InputError, match="x"):
        headlines_from([{"x": 1}])
    with pytest.raises(InputError, match="title"):
        headlines_from(pl.DataFrame({"y": [1]}))
    with pytest.raises(SettingError):
        headlines_from(["سفينة"], timezone="nowhere")


def test_no_data_give_no_headlines():
    assert headlines_from([]).headlines.is_empty()
    assert headlines_from(pl.DataFrame({"title": []}, schema={"title": pl.String})).headlines.is_empty()
    assert read_feeds().headlines.is_empty()


def test_strict_raises_for_what_is_otherwise_collected(tmp_path):
    (tmp_path / "a.csv").write_text("id,title\n1,\n", encoding="utf-8")
    assert read_feeds(tmp_path).skipped.height == 1
    with pytest.raises(InputError, match=r"a\.csv \(line 2\)"):
        read_feeds(tmp_path, strict=True)
    with pytest.raises(InputError, match="missing"):
        read_feeds(tmp_path / "missing.xml", strict=True)

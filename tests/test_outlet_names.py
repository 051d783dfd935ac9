"""Names are merged where evidence proves one outlet, else proposed, and never against the evidence of hosts."""

from __future__ import annotations

import polars as pl
import pytest

import dedup
from dedup.coverage.outlet_names import merge_names, propose_names
from dedup.frames import HEADLINES


def headlines(*groups):
    """HEADLINES from (outlet, number, site, first number of its articles, end of its titles)."""
    rows = [
        {"headline_id": f"{outlet}{number}{site}", "outlet": outlet, "title": f"خبر {number}{end}",
         "url": site and f"https://{site}/{number}"}
        for outlet, count, site, first, *ends in groups
        for end in ends or [""]
        for number in range(first, first + count)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=HEADLINES)


def proposed(*groups):
    return propose_names(headlines(*groups)).rows()


def merged(*groups, kept=()):
    return {row[0]: row[1:3] for row in merge_names(headlines(*groups), kept)[1].rows()}


HOST_AND_LABEL = ("duha", 3, None, 0), ("duha.example", 3, None, 0), ("صحيفة الضحى", 3, "www.duha.example", 0)


def test_a_host_and_its_label_are_merged_with_the_only_name_whose_links_lead_there():
    name = "صحيفة الضحى"
    assert merged(*HOST_AND_LABEL) == {"duha": (name, "host"), "duha.example": (name, "host")}


def test_spellings_of_a_host_are_one_outlet():
    hosts = "duha.example", "www.duha.example", "m.duha.example", "https://duha.example/rss"
    assert set(merged(*[(name, 2, None, 0) for name in hosts])) == set(hosts[1:])


@pytest.mark.parametrize("name", ["الضُّحى", "الضحى RSS", "الضحـى", "الضحى - RSS Feed", "«الضحى»"])
def test_spellings_of_a_name_are_one_outlet(name):
    assert merged(("الضحى", 3, None, 0), (name, 2, None, 0)) == {name: ("الضحى", "spelling")}


def test_names_with_the_same_articles_on_one_host_are_merged():
    assert merged(("El Duha", 9, "duha.example", 0), ("الضحى", 6, "duha.example", 4)) == {"الضحى": ("El Duha", "link")}


def test_a_name_at_the_end_of_all_titles_of_another_is_its_name():
    assert merged(("feed7", 4, None, 0, " - الضحى"), ("الضحى", 2, None, 9)) == {"feed7": ("الضحى", "title")}


@pytest.mark.parametrize(
    "groups",
    [
        [("الضحى", 3, "duha.example", 0), ("الضُّحى", 3, "duha-news.example", 0)],  # hosts differ
        [("الضحى", 9, "house.example", 0), ("واحة", 9, "house.example", 40)],  # two papers of one house
        [("سدرة", 3, "duha.example", 0), ("واحة", 3, "duha.example", 9), ("duha.example", 3, None, 0)],  # two agencies
        [("duha", 3, None, 0), ("duha.com", 3, None, 0), ("duha.net", 3, None, 0)],  # which of the two
        [("الضحى", 3, None, 0), ("صحيفة الضحى", 3, None, 0)],  # alike
        [("alduha", 3, None, 0), ("الضحى", 3, None, 0)],  # alike
        [("الضحى", 9, "t.me", 0), ("واحة", 9, "t.me", 0)],  # a platform
        [("news", 3, None, 0), ("news.example", 3, None, 0)],  # the name of a file
        [("feed7", 4, None, 0, " - الضحى", " - واحة"), ("الضحى", 2, None, 9), ("واحة", 2, None, 9)],  # an aggregator
    ],
)
def test_what_is_not_proven_is_not_merged(groups):
    assert merged(*groups) == {}


def test_a_chain_of_proofs_does_not_join_two_hosts():
    names = ("الضحى", 3, "duha.example", 0), ("الضُّحى", 3, None, 0), ("الضحـى", 3, "duha-news.example", 0)
    assert len(merged(*names)) == 1


def test_names_of_the_caller_stay_apart_and_are_the_ones_kept():
    assert merged(*HOST_AND_LABEL, kept=("duha", "صحيفة الضحى")) == {"duha.example": ("duha", "host")}


def test_merging_does_not_depend_on_the_order_of_headlines():
    frame = headlines(*HOST_AND_LABEL, ("الضُّحى", 2, None, 0), ("الضحى", 2, None, 0))
    expected = sorted(merge_names(frame)[1].rows())
    assert all(
        sorted(merge_names(frame.sample(fraction=1, shuffle=True, seed=n))[1].rows()) == expected for n in range(5)
    )


def test_a_scan_names_the_outlets_that_it_merged_and_keeps_them_apart_on_request():
    frame = headlines(*HOST_AND_LABEL)
    result = dedup.find_duplicates(frame)
    assert result.outlets["outlet"].to_list() == ["صحيفة الضحى"]
    assert [row["outlet"] for row in result.summary["merged_outlets"]] == ["duha", "duha.example"]
    assert result.at(0.99).summary["merged_outlets"] == result.summary["merged_outlets"]
    apart = dedup.find_duplicates(frame, merge_outlets=False)
    assert (apart.outlets.height, apart.summary["merged_outlets"]) == (3, [])


@pytest.mark.parametrize("names", [("alduha", "الضحى"), ("Al-Bayan", "جريدة البيان"), ("eldostor.org", "الدستور")])
def test_latin_and_arabic_names_with_equal_consonants_are_proposed(names):
    assert [row[2] for row in proposed(*[(name, 2, None, 0) for name in names])] == ["letters"]


def test_names_that_share_articles_are_one_outlet():
    assert proposed(("duha", 9, "duha.example", 0), ("الضحى", 6, "duha.example", 4)) == [("duha", "الضحى", "link", 5)]


def test_names_that_share_a_host_of_their_own_are_one_outlet():
    groups = ("duha", 9, "duha.example", 0), ("الضحى", 6, "www.duha.example", 40), ("واحة", 5, "waha.example", 0)
    assert proposed(*groups) == [("duha", "الضحى", "host", 6)]


@pytest.mark.parametrize("site", ["t.me", "youtube.com"])
def test_platforms_prove_nothing(site):
    assert proposed(("الضحى", 9, site, 0), ("واحة", 6, site, 4)) == []


def test_a_host_of_three_names_is_an_aggregator():
    assert proposed(*[(name, 9, "news.example", 10 * i) for i, name in enumerate(("الضحى", "واحة", "السدرة"))]) == []


@pytest.mark.parametrize("name", ["صحيفة الضحى", "الضُّحى", "بوابة الضحى الإلكترونية"])
def test_names_that_differ_in_generic_words_are_likely_one_outlet(name):
    assert proposed(("الضحى", 9, None, 0), (name, 2, None, 0)) == [(name, "الضحى", "name", 2)]


def test_equal_names_with_different_hosts_are_two_outlets():
    assert proposed(("صحيفة الضحى", 9, "duha.example", 0), ("الضحى", 6, "duha-news.example", 0)) == []


def test_a_name_is_proposed_once_and_never_both_ways():
    names = ("الضحى", 9, None, 0), ("صحيفة الضحى", 5, None, 0), ("جريدة الضحى", 3, None, 0)
    assert [row[:2] for row in proposed(*names)] == [("صحيفة الضحى", "الضحى"), ("جريدة الضحى", "الضحى")]


def test_nothing_is_proposed_of_nothing():
    assert propose_names(headlines()).is_empty()

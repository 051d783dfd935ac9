"""Names are proposed to be one outlet by links, hosts and names, never against the evidence of hosts."""

from __future__ import annotations

import polars as pl
import pytest

from dedup.coverage.outlet_names import propose_names
from dedup.frames import HEADLINES


def headlines(*groups):
    """HEADLINES from (outlet, number, site, first number of its articles)."""
    rows = [
        {"headline_id": f"{outlet}{number}{site}", "outlet": outlet, "title": "خبر",
         "url": site and f"https://{site}/{number}"}
        for outlet, count, site, first in groups
        for number in range(first, first + count)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=HEADLINES)


def proposed(*groups):
    return propose_names(headlines(*groups)).rows()


def test_names_that_share_articles_are_one_outlet():
    assert proposed(("duha", 9, "duha.example", 0), ("الضحى", 6, "duha.example", 4)) == [("الضحى", "duha", "link", 5)]


def test_names_that_share_a_host_of_their_own_are_one_outlet():
    groups = ("duha", 9, "duha.example", 0), ("الضحى", 6, "www.duha.example", 40), ("واحة", 5, "waha.example", 0)
    assert proposed(*groups) == [("الضحى", "duha", "host", 6)]


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

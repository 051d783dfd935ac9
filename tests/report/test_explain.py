"""The explanation of a pair: complete, in words, with parts that add up."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

import dedup
from dedup.matching.evidence.schema import BY_NAME
from dedup.report.explain import lines, render


def pair(**changes):
    """An explanation of two headlines, as the library gives it."""
    keys = SimpleNamespace(
        display="عاجل | سيول في وادي السرو", exact="سيول في وادي السرو", fuzzy="سيول في وادي السرو", tag="عاجل"
    )
    fields = {
        "left": keys,
        "right": SimpleNamespace(display="السيول\x1b", exact="السيول", fuzzy="السيول", tag=None),
        "score": 0.88,
        "threshold": 0.7,
        "related_score": 0.98,
        "related_threshold": 0.85,
        "relation": "same-news",
        "base": -3.0,
        "evidence": {
            "shared_information": 21.4,
            "hours_apart": 4.2,
            "same_outlet": -1.0,
            "overlap": 0.625,
            "log_candidates": 0.693,
            "leading_words_equal": 2.0,
        },
        "parts": {
            "shared_information": 4.0,
            "hours_apart": 1.25,
            "same_outlet": -0.3,
            "overlap": 0.05,
            "log_candidates": 0.02,
            "leading_words_equal": -0.02,
        },
    }
    fields |= {"related_base": -1.0, "related_parts": {"shared_information": 5.0}}
    return SimpleNamespace(**(fields | changes))


def printed(explained, width=100):
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False).print(render(explained))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_the_verdict_comes_first():
    assert printed(pair(), 200)[0] == (
        "same-news: the same news in other words; score 0.88, match from 0.70; related score 0.98, related from 0.85"
    )
    assert printed(pair(relation="none", score=0.1))[0].startswith("none: different news; score 0.10")
    assert printed(pair(relation="related"))[0].startswith("related: other news of the same running story;")


def test_the_keys_show_what_was_taken_off():
    assert printed(pair(), 200)[2:9] == [
        "earlier  headline   عاجل | سيول في وادي السرو",
        "         furniture  عاجل",
        "         exact key  سيول في وادي السرو",
        "         fuzzy key  سيول في وادي السرو",
        r"later    headline   السيول\x1b",
        "         exact key  السيول",
        "         fuzzy key  السيول",
    ]


def test_a_headline_without_letters_is_said_to_match_nothing():
    text = printed(pair(right=SimpleNamespace(display="!!!", exact="", fuzzy="", tag=None), relation="none", score=0.0))
    assert text[1] == "A headline without letters or digits matches nothing."
    assert text[-1] == "         fuzzy key  (empty: no letters or digits)"


def test_the_evidence_is_listed_in_words_the_strongest_first():
    assert printed(pair(), 200)[10:22] == [
        "log-odds       value  evidence: same news?",
        "   -3.00              average pair of candidates",
        "   +4.00   21.4 nats  information that both headlines share",
        "   +1.25  4 h 12 min  hours between the two",
        "   -0.30     unknown  the same outlet published both",
        "   +0.05              3 smaller pieces together",
        "   +2.00        0.88  sum of the log-odds, and their probability",
        "",
        "log-odds      value  evidence: related?",
        "   -1.00             average pair of candidates",
        "   +5.00  21.4 nats  information that both headlines share",
        "   +4.00       0.98  sum of the log-odds, and their probability",
    ]


def test_values_have_the_unit_of_their_evidence():
    values = {line.meaning: line.value for line in lines(dict.fromkeys(pair().parts, 1.0), pair().evidence)}
    assert values[BY_NAME["overlap"].meaning] == "62%"
    assert values[BY_NAME["log_candidates"].meaning] == "1"
    assert values[BY_NAME["leading_words_equal"].meaning] == "2"
    assert values[BY_NAME["hours_apart"].meaning] == "4 h 12 min"


@given(st.dictionaries(st.sampled_from(sorted(BY_NAME)), st.floats(-5, 5)))
def test_what_is_shown_adds_up_to_the_score(parts):
    shown = lines(parts, dict.fromkeys(parts, 0.0))
    assert sum(line.part for line in shown) == pytest.approx(sum(parts.values()), abs=1e-6)


@pytest.mark.parametrize("width", [60, 80])
def test_it_fits_the_terminal(width):
    assert max(map(cell_len, printed(pair(), width))) <= width


def test_a_notebook_shows_verdict_headlines_and_evidence():
    pair = dedup.explain("وصول الطائرة <b>الثالثة</b>", "وصول الطائرة الرابعة")
    assert repr(pair).startswith(f"<dedup.Explanation: {pair.relation}, score ")
    html = pair._repr_html_()
    assert "ordinals that differ" in html
    assert html.count("<table>") == html.count("</table>") == 2
    assert "<b>" not in html
    assert "الرابعة" in html

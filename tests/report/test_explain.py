"""The explanation of a pair: complete, in words, with parts that add up."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

import dedup
from dedup.matching.evidence.schema import BY_NAME
from dedup.matching.scoring.relation import RULES
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
        "ruled_out_by": {},
        "window": 72.0,
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


def printed(explained, width=100, language="en"):
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False).print(render(explained, language))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_the_verdict_comes_first():
    assert printed(pair(), 200)[0] == (
        "same-news: the same news in other words; score 0.88, match from 0.70; related score 0.98, related from 0.85"
    )
    assert printed(pair(relation="none", score=0.1))[0].startswith("none: different news; score 0.10")
    assert printed(pair(relation="related"))[0].startswith("related: other news of the same running story;")


def test_a_pair_whose_score_would_be_enough_says_by_which_rule_it_is_no_match():
    rules = {name: RULES[name] for name in ("negated", "amount_clash")}
    assert printed(pair(relation="related", ruled_out_by=rules), 200)[1:3] == [
        "No match whatever the score: one negates what the other says; one speaks of one, the other of two or of many.",
        "",
    ]
    assert not any("whatever" in line for line in printed(pair()))


def test_headlines_that_a_scan_does_not_compare_are_said_to_be_too_far_apart():
    apart = pair(evidence=pair().evidence | {"hours_apart": 24.0 * 10})
    assert "They are 10 days apart; a scan compares no headlines more than 3 days apart (--window)." in printed(apart)
    assert not any("--window" in line for line in printed(pair(evidence=pair().evidence | {"hours_apart": 72.0})))


def test_every_rule_has_arabic_words():
    spoken = {rule: printed(pair(ruled_out_by={name: rule}), 200, "ar")[1] for name, rule in RULES.items()}
    assert len(set(spoken.values())) == len(RULES)
    assert all(line.startswith("لا يتطابقان مهما بلغ الاحتمال: ") for line in spoken.values())
    assert not re.search("[A-Za-z]", "".join(spoken.values()))


def test_an_explanation_in_arabic_has_the_figures_last():
    text = printed(pair(), 200, "ar")
    assert text[0] == (
        "خبر واحد بصياغة أخرى؛ احتمال أنهما خبر واحد 0.88 والتطابق من 0.70؛ احتمال الصلة 0.98 والصلة من 0.85"
    )
    assert [" ".join(line.split()) for line in text[10:13]] == [
        "الدليل: أهما خبر واحد؟ القيمة الأرجحية",
        "متوسط الأزواج المقارنة يُضعف 3.00",
        "معلومات يشترك فيها العنوانان 21.4 نات يرجّح 4.00",
    ]
    assert [line for line in text if line and not re.match(r" *[(\u0621-\u064a]", line)] == []


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


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("width", [60, 80])
def test_it_fits_the_terminal(width, language):
    assert max(map(cell_len, printed(pair(), width, language))) <= width


def test_a_notebook_shows_verdict_headlines_and_evidence():
    pair = dedup.explain("وصول الطائرة <b>الثالثة</b>", "وصول الطائرة الرابعة")
    assert repr(pair).startswith(f"<dedup.Explanation: {pair.relation}, score ")
    html = pair._repr_html_()
    assert "ordinals that differ" in html
    assert html.count("<table>") == html.count("</table>") == 2
    assert "<b>" not in html
    assert "الرابعة" in html
    assert "No match whatever the score: they state different ordinals" in html
    assert "whatever" not in dedup.explain("وصول الطائرة الثالثة", "وصول الطائرة الثالثة")._repr_html_()

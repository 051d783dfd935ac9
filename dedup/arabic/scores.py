"""Rewrite scores in words as figures, in fuzzy keys: بثلاثة أهداف مقابل هدف is 3-1, بهدفين نظيفين 2-0.

Numbers are in digits already.
"""

from __future__ import annotations

import re

GOALS = {
    "هدف": 1, "هدفين": 2, "هدفان": 2, "ثناييه": 2, "ثلاثيه": 3, "رباعيه": 4, "خماسيه": 5, "سداسيه": 6, "سباعيه": 7,
}  # fmt: skip
_WORDS = "|".join(GOALS)
_SOME = rf"(?:{_WORDS}|\d{{1,2}} اهداف)"
_NONE = "نظيفه?|نظيفين|نظيفان|(?:دون|بدون|بلا|من دون|مقابل لا) (?:رد|مقابل|شيء|شي)|مقابل لا شي"
_SAME = "لمثله|لمثلها|لمثلهما|لكل منهما|لكل فريق"
_SCORE = re.compile(
    rf"(?<![^ ])ب?({_SOME}) (?:({_NONE})|({_SAME})|(?:مقابل |ل)({_SOME}|\d{{1,2}}))(?![^ ])",
)


def unify_scores(text: str) -> str:
    r"""Rewrite the scores in a fuzzy key.

    Examples:
        >>> unify_scores("السرو يهزم المرجان ب3 اهداف مقابل هدف")
        'السرو يهزم المرجان 3-1'
    """
    return _SCORE.sub(_in_figures, text)


def _in_figures(score: re.Match[str]) -> str:
    """Return a score in figures."""
    mine, none, same, theirs = score.groups()
    goals = _number(mine)
    return f"{goals}-{0 if none else goals if same else _number(theirs)}"


def _number(goals: str) -> int:
    """Return a number of goals."""
    return GOALS.get(goals) or int(goals.split(maxsplit=1)[0])

"""Recognize the names of sections of a newspaper, which are no outlets, by the words of ``sections.txt``."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from dedup.core.letters import fold_letters


def is_section(part: str) -> bool:
    """Return whether a text is the name of a section: all its words are.

    Examples:
        >>> is_section("الرياضة"), is_section("أخبار الضحى")
        (True, False)
    """
    words = re.findall(r"\w+", fold_letters(part))
    return all(_bare(word) in _sections() or word.isdigit() for word in words)


@cache
def _sections() -> frozenset[str]:
    lines = files("dedup.feeds.fields").joinpath("sections.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(_bare(fold_letters(word)) for line in lines if not line.startswith("#") for word in line.split())


def _bare(word: str) -> str:
    """Strip «و» and «ال» from the beginning of a word."""
    word = word.removeprefix("و") if len(word) > 4 else word
    return word.removeprefix("ال") if len(word) > 4 else word

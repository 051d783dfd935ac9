"""A headline for items without a title: the first sentence of their text (posts of Telegram, Mastodon, Facebook)."""

from __future__ import annotations

import re

BREAK = re.compile(r"(?i)<(?:br|/?p|/?div|/?li|/?h[1-6]|/?blockquote)(?:\s[^<>]*)?/?>|[\r\n]+|&#1[03];")
SENTENCE = re.compile(r"(?<=[.!?؟…])\s+(?=\S)")
LINK = re.compile(r"https?://\S+")
WORD = re.compile(r"[^\W\d_]{2,}")
TAG = re.compile(r"<[^<>]*>")
CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
"""The marks of a CDATA section that was escaped: its content is the text."""
MIN_WORDS = 3
"""Words below which a line is a label («عاجل»), to which the next line belongs."""
LONG = 120
"""Characters from which a line is cut at the end of its first sentence."""
MAX_HEADLINE = 300
"""Characters of the longest headline: a longer text is a paragraph or an article, a longer sentence is cut."""


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, "" if it has no words.

    Examples:
        >>> first_sentence("عاجل |<br>انهيار جسر وادي السنديان<br>التفاصيل: https://paper.example/1")
        'عاجل | انهيار جسر وادي السنديان'
    """
    lines = [" ".join(LINK.sub(" ", line).split()) for line in BREAK.split(CDATA.sub(" ", text))]
    headline = ""
    for line in filter(None, lines):
        headline = f"{headline} {line}".strip()
        if len(WORD.findall(TAG.sub(" ", headline))) >= MIN_WORDS:
            break
    if not WORD.search(TAG.sub(" ", headline)):
        return ""
    if len(headline) > LONG:
        sentences = SENTENCE.split(headline)
        first = sentences[0]
        for sentence in sentences[1:]:
            if len(WORD.findall(first)) >= MIN_WORDS:
                break
            first = f"{first} {sentence}"
        headline = first
    if len(headline) > MAX_HEADLINE:
        headline = headline[:MAX_HEADLINE].rsplit(" ", 1)[0] + "…"
    return headline

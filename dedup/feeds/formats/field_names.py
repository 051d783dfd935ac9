"""Which column of a table is the title, the outlet, the time, the link, the id: by name, in Arabic, English or French.

Names are compared without case, blanks, underscores and the article «ال». A caller's own mapping goes before.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from dedup.core.letters import fold_letters
from dedup.errors import SettingError
from dedup.feeds.document import Unusable
from dedup.feeds.files.discover import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROLES: dict[str, tuple[str, ...]] = {
    "title": (
        "title", "headline", "عنوان", "عنوان الخبر", "عنوان المقال", "heading", "head line", "titre", "news title",
        "article title", "headline text", "نص العنوان",
    ),
    "outlet": (
        "outlet", "source", "publisher", "مصدر", "ناشر", "صحيفة", "جريدة", "موقع", "وسيلة", "newspaper", "source name",
        "site", "website", "domain", "journal",
    ),
    "published": (
        "published", "date", "pubdate", "published at", "date published", "published date", "publish date",
        "publication date", "تاريخ النشر", "تاريخ", "datetime", "timestamp", "time", "وقت", "created at", "created",
        "updated",
    ),
    "url": ("url", "link", "href", "permalink", "رابط", "article url", "lien", "uri"),
    "id": ("id", "headline id", "article id", "معرف", "رقم"),
}  # fmt: skip
"""Names for each role, the surest first."""


def check_mapping(columns: Mapping[str, str] | None) -> None:
    """Refuse a mapping of roles that do not exist.

    Raises:
        SettingError: naming the roles there are.
    """
    for role in columns or {}:
        if role not in ROLES:
            raise SettingError("columns", role, f"one of {', '.join(ROLES)}")


@lru_cache(maxsize=1024)
def _folded(name: str) -> str:
    # The article is dropped at the beginning of each word.
    words = fold_letters(re.sub(r"[\ufeff\"']", "", name))
    words = re.sub(r"[\s_.-]+", " ", words).strip()
    return re.sub(r"(^|\s)ال", "", words).replace(" ", "")


NAMES = {role: [_folded(name) for name in names] for role, names in ROLES.items()}


def find_columns(header: Sequence[str], mapping: Mapping[str, str] | None = None) -> dict[str, int]:
    """Role -> position of its column in the header; the names of mappings in memory need not be text.

    Raises:
        Unusable: no column is a title, two are equally, or a column of the mapping is missing.
    """
    header = [str(name) for name in header]
    folded = [_folded(name) for name in header]
    found = {}
    for role, names in NAMES.items():
        wanted = (mapping or {}).get(role)
        if wanted is not None:
            if wanted not in header:
                raise Unusable(f"no column {wanted!r} to take as {role}; {_listing(header)}")
            found[role] = header.index(wanted)
            continue
        best = next((name for name in names if name in folded), None)
        if best is None:
            continue
        if role == "title" and folded.count(best) > 1:
            raise Unusable(f"{folded.count(best)} columns are named like title; {_listing(header)}")
        found[role] = folded.index(best)
    if "title" not in found:
        raise Unusable(f"no title column; {_listing(header)}; name one with --map title=COLUMN")
    return found


def has_title(header: Iterable[str], mapping: Mapping[str, str] | None = None) -> bool:
    """Whether a header names a title column."""
    header = list(header)
    return (mapping or {}).get("title") in header or any(_folded(name) in NAMES["title"] for name in header)


def _listing(header: Sequence[str]) -> str:
    shown = ", ".join(printable(name[:60]) for name in header[:30])
    return f"the columns are: {shown}{f' and {len(header) - 30} more' if len(header) > 30 else ''}"

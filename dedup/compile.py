"""Compile all kernels and keep the machine code: ``python -m dedup.compile``.

For installations whose users cannot write to the package or a cache folder, such as container images: run it once, with
``DEDUP_CACHE`` set to a folder that they can read.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dedup.core.kernels import COMPILE_TOTAL_FROM, Kernel

_EVENTS = ("سيول جارفة تجتاح وادي السرو", "انهيار جسر النخيل", "افتتاح معرض الكتاب الرابع", "إضراب عمال المناجم")
_TAILS = ("ومصرع 5 أشخاص", "ومصرع خمسة", "والحكومة تنفي", "مساء اليوم", "")


def compile_kernels() -> None:
    """Scan and index some invented headlines, with every kernel compiled."""
    from dedup.index import HeadlineIndex  # noqa: PLC0415 - after the kernels' setting
    from dedup.pipeline import find_duplicates  # noqa: PLC0415 - as above

    Kernel.python_work = COMPILE_TOTAL_FROM
    start = datetime(2026, 3, 1, tzinfo=UTC)
    headlines = [
        {"title": f"{event} {tail}", "outlet": f"الصحيفة {number}", "published": start + timedelta(hours=number)}
        for number, (event, tail) in enumerate((event, tail) for event in _EVENTS for tail in _TAILS)
    ]
    find_duplicates(headlines)
    with HeadlineIndex.open(":memory:") as index:
        index.add_many(headlines[:10])
        for headline in headlines[10:]:
            index.add(headline)


if __name__ == "__main__":
    compile_kernels()

"""Compile all kernels and keep the machine code: ``python -m dedup.compile``.

For installations whose users cannot write to the package or a cache folder, such as container images: run it once, with
``DEDUP_CACHE`` set to a folder that they can read.
"""

from __future__ import annotations


def compile_kernels() -> None:
    """Scan and index some invented headlines, with every kernel compiled."""
    from dedup.distributed.pool import invented_headlines, warm  # noqa: PLC0415 - nothing heavy is loaded before
    from dedup.index import HeadlineIndex  # noqa: PLC0415 - as above

    warm()
    headlines = invented_headlines()
    with HeadlineIndex.open(":memory:") as index:
        index.add_many(headlines[:10])
        for headline in headlines[10:]:
            index.add(headline)


if __name__ == "__main__":
    compile_kernels()

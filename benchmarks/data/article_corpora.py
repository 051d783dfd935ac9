"""egypt2013 and saudi2015: corpora of articles whose rows are listed in a manifest.

A manifest (``manifests/NAME.tsv.gz``) lists the id of each row and its position in the public repository; it contains
no text.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from benchmarks.data.sources import NEWS_CREDIBILITY, SAUDI_NEWS_NET

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[str, Any]

_MANIFESTS = Path(__file__).with_name("manifests")
_ARTICLES = "src/python/data/rss/txt/"


def egypt2013(clones: Path) -> Iterator[Row]:
    """Yield the rows of egypt2013.

    The manifest's ``place`` is the position of the article among all ``.txt`` files sorted by path. The first line that
    is not blank is the title; where ``kicker`` is 1 it is only a kicker, and the second line is joined to it.
    """
    clone = NEWS_CREDIBILITY.clone(clones)
    files = sorted((path, blob) for path, blob in clone.files(_ARTICLES).items() if path.endswith(".txt"))
    manifest = _manifest("egypt2013")
    articles = [files[place] for place in manifest["place"]]
    contents = clone.contents(blob for _, blob in articles)
    entries = zip(manifest.iter_rows(named=True), articles, contents, strict=True)
    for entry, (path, _), content in entries:
        outlet, *_, name = path.removeprefix(_ARTICLES).split("/")
        lines = [line for line in content.decode("utf-8", "replace").split("\n") if line.strip()]
        title_lines = 2 if entry["kicker"] else 1
        title = " ".join(" ".join(lines[:title_lines]).split())
        published = name.partition("#")[0].replace(" ", "T")
        yield {"id": entry["id"], "outlet": outlet, "title": title, "published": published}


def saudi2015(clones: Path) -> Iterator[Row]:
    """Yield the rows of saudi2015.

    The manifest's ``place`` is the position of the article in ``dataset/DAY.zip``. Times are those of the crawl.
    """
    clone = SAUDI_NEWS_NET.clone(clones)
    files = clone.files("dataset/")
    manifest = _manifest("saudi2015")
    for (day,), entries in manifest.group_by(["day"], maintain_order=True):
        (archive,) = clone.contents([files[f"dataset/{day}.zip"]])
        with zipfile.ZipFile(io.BytesIO(archive)) as members:
            articles = json.loads(members.read(members.namelist()[0]))
        for entry in entries.iter_rows(named=True):
            article = articles[entry["place"]]
            row = {
                "id": entry["id"],
                "outlet": article["source"],
                "title": " ".join(article["title"].split()),
                "published": article["date_extracted"].replace(" ", "T"),
                "url": article["url"],
            }
            yield row


def _manifest(name: str) -> pl.DataFrame:
    """Return the manifest of a corpus; days are text."""
    content = gzip.decompress((_MANIFESTS / f"{name}.tsv.gz").read_bytes())
    return pl.read_csv(content, separator="\t", schema_overrides={"day": pl.String})

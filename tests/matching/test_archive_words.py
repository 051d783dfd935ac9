"""A table of words counted on one's own archive: added to the shipped one, everywhere, and refused if it is none."""

from __future__ import annotations

import json
import math

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import dedup
from dedup.arabic.word_counts import archive_words, count_words, word_table
from dedup.arabic.word_frequencies import idf, provenance
from dedup.cli.commands import commands
from dedup.core.hashing import hash32
from dedup.core.text_arrays import TextArray
from dedup.errors import SettingError, WordTableError
from dedup.fingerprint import fingerprint

ARCHIVE = [f"مراسل الواحة يتحدث عن {place}" for place in ("الوادي", "الميناء", "الجسر", "السوق")] * 2
PAIR = "مراسل الواحة: سيول في السرو", "مراسل الواحة: حريق في الميناء"


@pytest.fixture
def table(tmp_path):
    """Write the table of ARCHIVE and return its path."""
    path = tmp_path / "words.parquet"
    path.write_bytes(word_table(pl.Series(ARCHIVE)))
    return path


def hashes(*texts):
    return TextArray.of(texts).hashes()


def test_keys_count_once_and_rare_words_are_dropped():
    counted = count_words(pl.Series([*ARCHIVE, "نادر"])).filter(pl.col("as_word").is_not_null())
    assert dict(counted.select("text", "as_word").iter_rows()) == {"مراسل": 4, "الواحة": 4, "يتحدث": 4, "عن": 4}


def test_counts_of_both_tables_add_up(table):
    words, shipped = archive_words(str(table)), int(provenance()["headlines"])
    assert words.headlines == 4
    for stem in ("مراسل", "كلمة لا وجود لها"):
        (alone,) = idf(hashes(stem))
        counted = dict(pl.read_parquet(table).select("text", "as_stem").iter_rows()).get(stem) or 0
        before = round((shipped + 1) / math.exp(alone) - 0.5)
        before = 0 if before == 1 and counted == 0 else before
        expected = math.log((shipped + 4 + 1) / (max(before + counted, 1) + 0.5))
        assert words.of(hash32(hashes(stem))) == pytest.approx([expected], abs=1e-3)


def test_no_word_has_no_information(table):
    assert archive_words(str(table)).of(np.zeros((2, 3), np.uint32)).tolist() == [[0, 0, 0]] * 2


def test_words_that_are_common_in_the_archive_say_less(tmp_path):
    path = tmp_path / "many.parquet"
    path.write_bytes(word_table(pl.Series([f"مراسل الواحة رقم {number}" for number in range(20_000)])))
    shared = [
        dedup.explain(*PAIR, settings=settings).evidence["shared_information"]
        for settings in (dedup.Settings(), dedup.Settings(words=path))
    ]
    assert shared[1] < shared[0] - 3


def test_an_index_and_a_scan_weigh_words_alike(table, tmp_path):
    settings = dedup.Settings(words=table, pairs_floor=0.01)
    rows = [
        {"title": f"{title} {place}", "outlet": f"منبر {number}", "published": f"2026-03-0{number % 5 + 1}T10:00"}
        for title in PAIR for number, place in enumerate(("الشرقي", "الغربي", "القديم", "الجديد", "الأعلى"))
    ]  # fmt: skip
    scanned = dedup.find_duplicates(rows, settings=settings)
    with dedup.HeadlineIndex.open(tmp_path / "news.db", settings=settings) as index:
        index.add_many(rows)
        remembered = index.result(pairs_floor=0.01)
    columns = ["left_id", "right_id", "score", "related_score"]
    assert scanned.pairs.height > 3
    assert remembered.pairs.select(columns).sort(columns).equals(scanned.pairs.select(columns).sort(columns))


def test_the_fingerprint_and_the_summary_name_the_content(table, tmp_path):
    copy = tmp_path / "copy.parquet"
    copy.write_bytes(table.read_bytes())
    other = tmp_path / "other.parquet"
    other.write_bytes(word_table(pl.Series(ARCHIVE[:3])))
    own, copied, others = (dedup.Settings(words=path) for path in (table, copy, other))
    assert fingerprint(own) == fingerprint(copied)
    assert len({fingerprint(settings) for settings in (dedup.Settings(), own, others)}) == 3
    summary = dedup.find_duplicates(ARCHIVE, settings=own).summary
    assert summary["words"] == {"file": str(table), "headlines": 4, "digest": archive_words(str(table)).digest}
    assert dedup.find_duplicates(ARCHIVE).summary["words"] is None


@pytest.mark.parametrize("content", [b"", b"text,as_stem\n", b"PAR1" + b"\0" * 40])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "words.parquet"
    path.write_bytes(content)
    with pytest.raises(WordTableError, match=r"words\.parquet: not a table of words .*dedup words"):
        dedup.explain(*PAIR, settings=dedup.Settings(words=path))


def test_a_parquet_file_of_something_else_and_a_missing_one_are_refused(tmp_path):
    path = tmp_path / "other.parquet"
    pl.DataFrame({"text": ["سيول"]}).write_parquet(path)
    with pytest.raises(WordTableError, match="not a table of words"):
        dedup.explain(*PAIR, settings=dedup.Settings(words=path))
    with pytest.raises(WordTableError, match="cannot be read"):
        dedup.explain(*PAIR, settings=dedup.Settings(words=tmp_path / "none.parquet"))
    with pytest.raises(SettingError, match="words is 3"):
        dedup.Settings(words=3)


def test_the_command_counts_an_archive_for_a_scan(tmp_path):
    path = str(tmp_path / "words.parquet")
    counted = CliRunner().invoke(commands, ["words", "examples/feeds", "--out", path])
    assert counted.exit_code == 0, counted.output
    assert "--words" in counted.output
    scanned = CliRunner().invoke(commands, ["scan", "examples/feeds", "--words", path, "--json", "--quiet"])
    assert json.loads(scanned.stdout)["summary"]["words"]["headlines"] > 50

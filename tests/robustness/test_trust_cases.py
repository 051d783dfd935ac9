"""The attacks and accidents that were found do what their README says they should."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dedup
from dedup.compile import compile_kernels
from dedup.feeds import read_feeds

ROOT = Path(__file__).parents[2]
GOOD = "حريق كبير في ميناء الصويرة"
ATTACKS = (
    "01-identical-undated-lines/same.txt", "02-parquet-dictionary-bomb/dict.parquet",
    "03-parquet-page-bomb/page.parquet",
    "04-one-record-changes-columns-of-all/clean-plus-one.jsonl", "04-one-record-changes-columns-of-all/title-key.jsonl",
    "04-one-record-changes-columns-of-all/two-keys.jsonl", "05-surrogate-in-feed-title/surr.json",
    "05-surrogate-in-feed-title/surrlink.json", "07-zip-uncaught/lzma.zip", "07-zip-uncaught/lzma2.zip",
    "07-zip-uncaught/negative-seek.zip", "08-html-quadratic/a.html", "08-html-quadratic/ax.html",
    "08-html-quadratic/cdata.html", "08-html-quadratic/comment.html", "08-html-quadratic/end.html",
    "08-html-quadratic/pi.html", "09-zip-many-bombs/manybomb.zip", "09-zip-many-bombs/manybomb500.zip",
    "18-control-characters-in-ids-and-urls/inj.jsonl",
)  # fmt: skip
REFUSED = ("02-", "03-", "07-", "08-", "09-")


@pytest.fixture(scope="module")
def trust():
    folder = Path(os.environ.get("DEDUP_DATA", ROOT / ".." / "shared" / "data")) / "cases" / "trust"
    if not folder.is_dir():
        pytest.skip(f"no cases at {folder} (set DEDUP_DATA)")
    compile_kernels()  # before anything is measured
    return folder


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_costs_itself_little_time_and_memory_and_no_other_file(trust, tmp_path, attack):
    good = tmp_path / "good.txt"
    good.write_text(f"{GOOD}\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "dedup",
        "scan",
        str(trust / attack),
        str(good),
        "--quiet",
        "--output",
        str(tmp_path / "out"),
    ]
    command += ["--format", "jsonl", "--memory-limit", "1G"]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=60, check=False
    )
    assert done.returncode == (3 if attack.startswith(REFUSED) else done.returncode)
    assert done.returncode in (0, 3), done.stderr
    headlines = (tmp_path / "out" / "headlines.jsonl").read_text(encoding="utf-8")
    assert GOOD in headlines
    for character in headlines:
        assert character == "\n" or character.isprintable() or character in "\u200c\u200d"


def test_each_json_record_keeps_its_own_fields(trust):
    folder = trust / "04-one-record-changes-columns-of-all"
    for name in ("clean-plus-one.jsonl", "title-key.jsonl", "two-keys.jsonl"):
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        whole = read_feeds(folder / name).headlines
        alone = [dedup.find_duplicates([_parsed(line)]).headlines["title"].to_list() for line in lines]
        assert whole["title"].to_list() == [title for titles in alone for title in titles]


def _parsed(line):
    import json  # noqa: PLC0415 - here only

    return json.loads(line)


def test_two_thousand_identical_lines_are_scanned_in_seconds(trust):
    start = time.process_time()
    result = dedup.scan(trust / "01-identical-undated-lines" / "same.txt")
    assert time.process_time() - start < 10
    assert result.headlines.height == 2_000
    assert result.headlines["headline_id"].str.len_chars().max() <= 40


def test_an_entity_that_makes_a_title_of_a_gigabyte_takes_little_memory(trust, tmp_path):
    subprocess.run([sys.executable, str(trust / "10-entity-amplification" / "make.py")], cwd=tmp_path, check=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    feeds = read_feeds(tmp_path / "amp10.xml")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 * 1024
    assert feeds.skipped.height

"""From files or records to a result, and what can be asked of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dedup import Settings, find_duplicates, scan
from dedup.errors import InputError, SettingError, UnknownHeadlineError
from dedup.fingerprint import fingerprint
from dedup.frames import FILES, HEADLINES, PAIRS, SKIPPED

EXAMPLES = Path(__file__).parents[1] / "examples"
FRAMES = ("headlines", "pairs", "stories", "related", "outlets", "overlap", "exclusives", "skipped")
DAWN = datetime(2026, 3, 4, 6, tzinfo=UTC)
FLOODS = "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو"
REWORDED = "سيول جارفة تجتاح وادي السرو ومصرع خمسة أشخاص"
OTHER = "فرسان التلال يتصدر الدوري بالفوز على نجوم الميناء"


@pytest.fixture(scope="module")
def result():
    return scan(EXAMPLES / "feeds", settings=Settings(pairs_floor=0.1))


@pytest.fixture(scope="module")
def truth():
    """Which headlines of the examples were written as one story."""
    output = pl.read_csv(EXAMPLES / "truth.tsv", separator="\t", quote_char=None)
    return output.filter(pl.col("story") != "-").with_columns(pl.col("url").replace("", None))


def test_every_headline_has_a_row_a_story_and_a_role(result):
    assert result.headlines["headline_id"].is_unique().all()
    assert result.headlines["story_id"].null_count() == 0
    assert set(result.headlines["role"]) <= {"first", "copy", "rewrite", "repeat", "standing", "single"}
    assert set(HEADLINES) < set(result.headlines.columns)
    assert result.files.schema == pl.Schema(FILES)
    assert result.skipped.schema == pl.Schema(SKIPPED)
    assert set(PAIRS) < set(result.pairs.columns)


def test_stories_hold_together_and_none_is_wider_than_its_headlines(result):
    assert (result.stories["cohesion"] >= 0.5).all()
    assert (result.stories["weakest_score"] >= result.summary["threshold"] - 1e-6).all()
    assert (result.stories["n_outlets"] <= result.stories["n_headlines"]).all()
    assert (result.stories["n_headlines"] >= 2).all()


@pytest.mark.parametrize("limit", [0.2, 0.6, 0.97, "precise", "wide"])
def test_another_threshold_needs_no_second_scan(result, limit):
    fresh = scan(EXAMPLES / "feeds", settings=Settings(pairs_floor=0.1, threshold=limit))
    again = result.at(limit)
    for name in FRAMES:
        assert_frame_equal(getattr(again, name), getattr(fresh, name), check_exact=True)
    for name in ("counts", "threshold", "pairs_floor", "fingerprint"):
        assert again.summary[name] == fresh.summary[name]


def test_thresholds_can_be_tried_one_after_the_other(result):
    assert_frame_equal(result.at(0.9).at(0.2).stories, result.at(0.2).stories)
    matches = find_duplicates([FLOODS, REWORDED], settings=Settings(threshold=0.1))
    assert_frame_equal(matches.at(0.9).at(0.1).pairs, matches.pairs)


def test_a_threshold_below_what_was_kept_is_refused(result):
    with pytest.raises(SettingError, match=r"threshold is 0\.05; it must be between the pairs floor \(0\.1\) and 1"):
        result.at(0.05)
    with pytest.raises(SettingError, match="threshold is 2"):
        result.at(2)


def test_the_duplicates_of_a_headline_are_those_it_matches_the_best_first(result):
    matches = result.pairs.filter("is_match")
    for asked in result.headlines["headline_id"].head(30):
        found = result.duplicates_of(asked)
        pairs = matches.filter((pl.col("left_id") == asked) | (pl.col("right_id") == asked))
        others = set(pairs["left_id"]) | set(pairs["right_id"])
        assert set(found["headline_id"]) == others - {asked}
        assert found["score"].is_sorted(descending=True)
        assert found["relation"].is_in(["copy", "same-news"]).all()
        assert set(found["score"]) == set(pairs["score"])


def test_a_headline_that_is_not_there_is_named(result):
    with pytest.raises(UnknownHeadlineError, match="no headline has the id 'x1'"):
        result.duplicates_of("x1")


@pytest.mark.parametrize(("file_format", "read"), [("parquet", pl.read_parquet), ("jsonl", pl.read_ndjson)])
def test_what_is_written_reads_back(result, tmp_path, file_format, read):
    paths = result.write(tmp_path / "out", format=file_format)
    assert {path.name for path in paths} == {"summary.json", *(f"{name}.{file_format}" for name in FRAMES)}
    for name in ("headlines", "stories", "outlets"):
        output, back = getattr(result, name), read(tmp_path / "out" / f"{name}.{file_format}")
        assert back.columns == output.columns
        assert back.height == output.height
    back = read(tmp_path / "out" / f"headlines.{file_format}")
    assert back["headline_id"].to_list() == result.headlines["headline_id"].to_list()
    if file_format == "parquet":
        for name in FRAMES:
            assert_frame_equal(pl.read_parquet(tmp_path / "out" / f"{name}.parquet"), getattr(result, name))


def test_the_summary_is_json_and_says_what_was_done(result):
    summary = json.loads(json.dumps(result.summary, allow_nan=False))
    assert summary == result.summary
    assert {"counts", "settings", "fingerprint", "versions", "seconds", "peak_memory_mb"} <= summary.keys()
    assert {"model", "background", "threshold", "pairs_floor", "candidate_recall"} <= summary.keys()
    assert summary["settings"]["window"] == 72
    assert summary["fingerprint"] == fingerprint(Settings())
    assert {"reading", "keys", "matching", "stories", "coverage"} <= summary["seconds"].keys()
    assert summary["peak_memory_mb"] > 0
    counts = summary["counts"]
    assert counts["headlines"] == result.headlines.height
    assert counts["matches"] == result.pairs["is_match"].sum()
    assert counts["stories"] == result.stories.height
    assert counts["candidates"] >= counts["compared"] >= result.pairs.height
    assert counts["standing"] >= 4


def test_candidate_recall_is_told_where_brute_force_looked(result):
    assert result.summary["candidate_recall"] is None
    exact = scan(EXAMPLES / "feeds", settings=Settings(exact=True))
    assert 0.9 < exact.summary["candidate_recall"] <= 1


@dataclass
class Record:
    """A headline as someone else's code may hold it."""

    title: str
    outlet: str
    published: datetime


def groups(result):
    """The titles that stand together."""
    output = result.headlines.group_by("story_id").agg("title")["title"].to_list()
    return sorted(sorted(titles) for titles in output)


def test_strings_dicts_dataclasses_and_frames_give_the_same_stories():
    titles = [FLOODS, FLOODS.replace("5", "خمسة"), OTHER]
    rows = [
        {"title": title, "outlet": f"outlet{number}", "published": DAWN + timedelta(hours=number)}
        for number, title in enumerate(titles)
    ]
    given = [titles, (title for title in titles), rows, [Record(**row) for row in rows], pl.DataFrame(rows)]
    expected = sorted([sorted(titles[:2]), [OTHER]])
    assert [groups(find_duplicates(data)) for data in given] == [expected] * 5


def test_strings_have_no_outlet_and_equal_ones_are_each_others_copies():
    found = find_duplicates([FLOODS, FLOODS, OTHER])
    assert set(found.headlines["outlet"]) == {""}
    assert found.pairs.select("same_outlet", "relation").rows() == [(-1, "copy")]
    at_once = [{"title": FLOODS, "published": DAWN}] * 2
    assert find_duplicates(at_once).pairs["relation"].to_list() == ["copy"]


def test_records_and_a_frame_of_the_same_give_the_same_result():
    rows = [{"title": FLOODS, "outlet": "a", "published": DAWN}, {"title": REWORDED, "outlet": "b", "published": None}]
    one, other = find_duplicates(rows), find_duplicates(pl.DataFrame(rows))
    assert_frame_equal(one.pairs, other.pairs)
    assert_frame_equal(one.headlines.drop("source"), other.headlines.drop("source"))


@pytest.mark.parametrize("data", [FLOODS, FLOODS.encode(), {"title": FLOODS}])
def test_one_headline_that_is_not_in_a_list_is_refused(data):
    with pytest.raises(SettingError, match="put one headline into a list"):
        find_duplicates(data)


@pytest.mark.parametrize("data", [[], ["خبر واحد"], ["!!!", "؟"], pl.DataFrame(schema={"title": pl.String})])
def test_little_or_nothing_is_a_result_like_any(data):
    found = find_duplicates(data)
    assert found.stories.height == found.pairs.height == 0
    assert found.headlines["role"].is_in(["single"]).all()
    json.dumps(found.summary, allow_nan=False)


def test_seven_hundred_equal_titles_are_one_story_and_what_the_limit_left_out_is_told():
    rows = [{"title": FLOODS, "outlet": f"o{n}", "published": DAWN + timedelta(minutes=n)} for n in range(700)]
    found = find_duplicates(rows)
    assert found.stories["n_headlines"].to_list() == [700]
    assert found.summary["counts"]["left_out_of_full_buckets"] > 0


def test_strict_raises_what_is_skipped_otherwise():
    rows = [{"title": FLOODS}, {"title": None}]
    assert find_duplicates(rows).skipped.height == 1
    with pytest.raises(InputError):
        find_duplicates(rows, strict=True)


def test_progress_is_told_by_stage():
    output = []
    scan(EXAMPLES / "feeds", progress=lambda *step: output.append(step))
    assert {stage for stage, _, _ in output} == {"reading", "keys", "matching"}
    assert ("matching", 109, 109) in output


def test_the_same_scan_twice_gives_the_same_files(tmp_path):
    for place in ("one", "other"):
        scan(EXAMPLES / "feeds").write(tmp_path / place, format="jsonl")
    for name in FRAMES:
        assert (tmp_path / "one" / f"{name}.jsonl").read_bytes() == (tmp_path / "other" / f"{name}.jsonl").read_bytes()


def pairs_of(frame, group):
    """Every two headlines that share a group, as (outlet, title, url)."""
    output = frame.select(group, key=pl.concat_str("outlet", "title", pl.col("url").fill_null(""), separator="\t"))
    return {
        (one, other)
        for _, rows in output.group_by(group)
        for one in rows["key"]
        for other in rows["key"]
        if one < other
    }


def test_the_stories_of_the_examples_are_found(result, truth):
    judged = truth.select("outlet", "title", "url", "story")
    output = result.headlines.join(judged, on=["outlet", "title", "url"], nulls_equal=True)
    assert output.height == truth.height
    found, written = pairs_of(output, "story_id"), pairs_of(output, "story")
    right = len(found & written)
    assert right / len(found) >= 0.85
    assert right / len(written) >= 0.85


@pytest.mark.parametrize(
    "apart",
    [
        ("floods", "toll12", "toll19"),
        ("aid3", "aid4"),
        ("rate", "rateup"),
        ("confirm", "deny"),
        ("cartoon1", "cartoon2", "cartoon3", "cartoon4"),
        ("gold1", "gold2", "gold3"),
        ("match", "coach"),
        ("visit", "accord"),
        ("fire", "firecause"),
    ],
    ids=" ".join,
)
def test_what_only_looks_alike_in_the_examples_stays_apart(result, truth, apart):
    """Updated tolls, ordinals, opposite sides, standing titles, and news of what was news before."""
    output = result.headlines.join(truth.select("outlet", "title", "url", "story"), on=["outlet", "title", "url"])
    shared = output.filter(pl.col("story").is_in(apart)).group_by("story_id").agg(pl.col("story").n_unique())
    assert (shared["story"] == 1).all()

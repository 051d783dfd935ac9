"""Runs that die, are resumed, or are refused."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest

import dedup
import dedup.distributed
from dedup import Settings
from dedup.distributed import key_stages, plan
from dedup.errors import InputError, OutputError, SettingError, TooManyHeadlinesError
from dedup.matching.evidence.compute import fill_rows


def days_of(headlines):
    """Divide headlines by UTC day."""
    return [day for _, day in headlines.group_by(pl.col("published").dt.date(), maintain_order=True)]


class Counting:
    """An engine that counts the tasks it runs, and dies before one of them."""

    def __init__(self, dies_at=None):
        self.ran, self.dies_at = [], dies_at

    def __call__(self, function, tasks):
        for task in tasks:
            if len(self.ran) == self.dies_at:
                raise KeyboardInterrupt
            self.ran.append((task.stage, task.name))
            yield function(task)


def test_a_run_that_died_goes_on_where_it_stopped(messy_files, tmp_path, assert_same_results):
    source, output = messy_files(tmp_path / "in"), tmp_path / "out"
    died, resumed, plain = Counting(dies_at=17), Counting(), Counting()
    with pytest.raises(KeyboardInterrupt):
        dedup.distributed.scan(source, output, run=died, slice_days=3)
    assert not (output / "summary.json").exists()
    with pytest.raises(InputError, match=r"summary\.json is missing"):
        dedup.distributed.tables(output)
    summary = dedup.distributed.scan(source, output, run=resumed, slice_days=3)
    dedup.distributed.scan(source, tmp_path / "plain", run=plain, slice_days=3)
    assert not set(died.ran) & set(resumed.ran)
    assert died.ran + resumed.ran == plain.ran
    assert_same_results(dedup.scan(source), output, summary)


def test_a_finished_run_is_not_run_again(messy_files, tmp_path):
    source = messy_files(tmp_path / "in", count=60)
    summary, again = dedup.distributed.scan(source, tmp_path / "out"), Counting()
    assert dedup.distributed.scan(source, tmp_path / "out", run=again) == json.loads(json.dumps(summary))
    assert again.ran == []
    assert not (tmp_path / "out" / "_work").exists()


def test_tasks_that_run_twice_at_once_change_nothing(messy_files, tmp_path, assert_same_results):
    source = messy_files(tmp_path / "in")

    def twice(function, tasks):
        for task in reversed(tasks):
            record = tmp_path / "out" / "_work" / "done" / task.stage / f"{task.name}.json"
            function(task)
            record.unlink()
            yield function(task)

    summary = dedup.distributed.scan(source, tmp_path / "out", run=twice)
    assert_same_results(dedup.scan(source), tmp_path / "out", summary)


def test_added_files_are_matched_without_matching_again_what_they_cannot_change(
    messy_files, tmp_path, assert_same_results
):
    news = pl.concat([pl.read_parquet(path) for path in sorted(messy_files(tmp_path / "in", undated=0.0).iterdir())])
    dated = news.filter(pl.col("published") > datetime(2000, 1, 1, tzinfo=UTC)).sort("published")
    source, output, chosen = tmp_path / "days", tmp_path / "out", Settings(window=24)
    source.mkdir()
    for number, day in enumerate(days_of(dated)):
        day.write_parquet(source / f"{number:03}.parquet")
    files = sorted(source.iterdir())
    first, second, third = Counting(), Counting(), Counting()
    dedup.distributed.scan(files[:-2], output, settings=chosen, slice_days=2, keep_work=True, run=first)
    summary = dedup.distributed.scan(files[:-1], output, settings=chosen, slice_days=2, keep_work=True, run=second)
    assert_same_results(dedup.scan(*files[:-1], settings=chosen), output, summary)
    matched = {name for stage, name in second.ran if stage == "match"}
    assert 0 < len(matched) <= 2 < len({name for stage, name in first.ran if stage == "match"})
    # A late file: some of its headlines are older than all others, so that every slice changes.
    dated.head(20).with_columns(pl.col("published") - timedelta(days=3)).write_parquet(source / "999.parquet")
    files = sorted(source.iterdir())
    summary = dedup.distributed.scan(files, output, settings=chosen, slice_days=2, run=third)
    assert_same_results(dedup.scan(*files, settings=chosen), output, summary)
    with pytest.raises(OutputError, match="keep_work"):
        dedup.distributed.scan(files[:-1], output, settings=chosen, slice_days=2)


@pytest.mark.parametrize("stage", ["match", "stories", "headlines"])
def test_a_task_that_died_before_its_record_leaves_nothing_to_a_run_of_more_files(
    messy_files, tmp_path, assert_same_results, stage
):
    news = pl.concat([pl.read_parquet(path) for path in sorted(messy_files(tmp_path / "in", undated=0.0).iterdir())])
    days = days_of(news.filter(pl.col("published") > datetime(2000, 1, 1, tzinfo=UTC)).sort("published"))
    source, output = tmp_path / "days", tmp_path / "out"
    source.mkdir()

    def die(function, tasks):
        for task in tasks:
            yield function(task)
            if task.stage == stage:
                (output / "_work" / "done" / stage / f"{task.name}.json").unlink()
                raise KeyboardInterrupt

    pl.concat(days[1:]).write_parquet(source / "1.parquet")
    with pytest.raises(KeyboardInterrupt):
        dedup.distributed.scan(source, output, slice_days=2, run=die)
    days[0].write_parquet(source / "0.parquet")  # slices begin with the first day, so all of them change
    summary = dedup.distributed.scan(source, output, slice_days=2)
    assert_same_results(dedup.scan(source), output, summary)


def test_files_that_a_killed_task_was_writing_are_removed_by_the_next_run(messy_files, tmp_path):
    source, output = messy_files(tmp_path / "in", count=60), tmp_path / "out"

    def die(function, tasks):
        yield from map(function, tasks)
        if tasks[0].stage == "headlines":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dedup.distributed.scan(source, output, run=die)
    [whole, *_] = output.glob("headlines/month=*/*.parquet")
    unfinished = whole.with_name(f".{whole.name}.{'0123456789abcdef' * 2}")
    unfinished.write_bytes(b"PAR1")
    dedup.distributed.scan(source, output)
    assert whole.exists()
    assert not unfinished.exists()


def test_a_folder_with_another_run_is_refused(messy_files, tmp_path):
    source = messy_files(tmp_path / "in", count=60)
    dedup.distributed.scan(source, tmp_path / "out")
    with pytest.raises(OutputError, match="another folder"):
        dedup.distributed.scan(source, tmp_path / "out", settings=Settings(window=24))


def test_an_engine_that_runs_nothing_is_reported(messy_files, tmp_path):
    with pytest.raises(OutputError, match="every worker must see this folder"):
        dedup.distributed.scan(messy_files(tmp_path / "in", count=60), tmp_path / "out", run=lambda _, tasks: tasks)


def test_an_engine_may_return_futures(messy_files, tmp_path, assert_same_results):
    source = messy_files(tmp_path / "in", count=120)
    with ThreadPoolExecutor(2) as pool:
        summary = dedup.distributed.scan(
            source, tmp_path / "out", run=lambda function, tasks: [pool.submit(function, task) for task in tasks]
        )
    assert_same_results(dedup.scan(source), tmp_path / "out", summary)


def test_a_task_that_fails_in_a_future_ends_the_run_with_its_error(tmp_path):
    (tmp_path / "news.csv").write_text("title\nسيول في وادي السرو\n", encoding="utf-8")

    def fail(_):
        raise ZeroDivisionError

    with ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        dedup.distributed.scan(
            tmp_path / "news.csv", tmp_path / "out", run=lambda _, tasks: [pool.submit(fail, task) for task in tasks]
        )


def test_progress_counts_the_tasks_of_each_stage(messy_files, tmp_path):
    seen = []
    dedup.distributed.scan(messy_files(tmp_path / "in"), tmp_path / "out", progress=lambda *step: seen.append(step))
    last = {stage: (done, total) for stage, done, total in seen}
    assert {"read", "fold", "keys", "match", "stories", "headlines"} <= set(last)
    assert all(done == total for done, total in last.values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("slice_days", 0), ("slice_days", True), ("threads", -1), ("buckets", 1.5), ("max_undated", None),
        ("settings", {"window": 24}), ("timezone", None), ("columns", "title"), ("outlets", [1]), ("run", "map"),
        ("merge_outlets", "no"), ("keep_work", 1), ("progress", 5), ("run", lambda _, tasks: len(tasks)),
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused_by_name(messy_files, tmp_path, name, value):
    with pytest.raises(SettingError, match=f"^{name} is"):
        dedup.distributed.scan(messy_files(tmp_path / "in", count=20), tmp_path / "out", **{name: value})


@pytest.mark.parametrize("value", [None, 5, b"news", {"news": 1}, [5], pl.DataFrame({"title": ["سيول"]})])
def test_an_input_that_is_no_path_is_refused_with_advice(tmp_path, value):
    with pytest.raises(SettingError, match=r"(?s)^input is .*Parquet files first"):
        dedup.distributed.scan(value, tmp_path / "out")


def test_an_input_with_a_nul_character_is_refused(tmp_path):
    with pytest.raises(SettingError, match=r"^input is .*a path without NUL characters"):
        dedup.distributed.scan("a\0b", tmp_path / "out")


def test_standard_input_is_refused(tmp_path):
    with pytest.raises(InputError, match="workers cannot read standard input"):
        dedup.distributed.scan("-", tmp_path / "out")


@pytest.mark.parametrize(
    ("output", "error", "reason"),
    [
        ("", OutputError, "name a folder that all workers see"),
        ("s3://bucket/run", OutputError, "name a folder that all workers see"),
        ("a\0b", SettingError, "a path without NUL characters"),
    ],
)
def test_an_output_that_is_no_folder_is_refused(messy_files, tmp_path, output, error, reason):
    with pytest.raises(error, match=reason):
        dedup.distributed.scan(messy_files(tmp_path / "in", count=20), output)


def test_an_output_in_the_input_is_refused(messy_files, tmp_path):
    source = messy_files(tmp_path / "in", count=20)
    for output in (source, source / "results" / "run"):
        with pytest.raises(OutputError, match="results would be read as headlines"):
            dedup.distributed.scan(source, output)


@pytest.mark.parametrize("occupied", ["", "_work", "headlines"])
def test_a_file_in_the_place_of_a_folder_is_reported(messy_files, tmp_path, occupied):
    source, output = messy_files(tmp_path / "in", count=20), tmp_path / "out"
    (output / occupied).parent.mkdir(parents=True, exist_ok=True)
    (output / occupied).write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        dedup.distributed.scan(source, output)


def test_a_folder_with_the_results_of_a_plain_scan_is_refused(messy_files, tmp_path):
    source = messy_files(tmp_path / "in", count=20)
    dedup.scan(source).write(tmp_path / "out")
    with pytest.raises(OutputError, match="another folder"):
        dedup.distributed.scan(source, tmp_path / "out")


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_damaged_records_are_made_again(messy_files, tmp_path, assert_same_results, content):
    source, output = messy_files(tmp_path / "in", count=60), tmp_path / "out"
    dedup.distributed.scan(source, output, keep_work=True)
    for path in (output / "summary.json", output / "_work" / "run.json", *(output / "_work" / "done").glob("*/*")):
        path.write_text(content, encoding="utf-8")
    assert_same_results(dedup.scan(source), output, dedup.distributed.scan(source, output))


def test_intermediate_files_that_are_gone_are_reported_with_advice(messy_files, tmp_path):
    source, output = messy_files(tmp_path / "in", count=60), tmp_path / "out"
    dedup.distributed.scan(source, output, buckets=2, keep_work=True)
    (output / "summary.json").unlink()
    shutil.rmtree(output / "_work" / "timeline")
    shutil.rmtree(output / "_work" / "done" / "match")
    with pytest.raises(OutputError, match="Remove the output, and scan again"):
        dedup.distributed.scan(source, output)


def test_relative_paths_lead_workers_in_another_folder_to_the_same_files(messy_files, tmp_path, monkeypatch):
    messy_files(tmp_path / "in", count=60)

    def elsewhere(function, tasks):
        monkeypatch.chdir("/")
        yield from map(function, tasks)
        monkeypatch.chdir(tmp_path)

    monkeypatch.chdir(tmp_path)
    summary = dedup.distributed.scan("in", "out", run=elsewhere)
    assert summary["counts"] == dedup.scan("in").summary["counts"]
    names = dedup.distributed.tables("out")["files"].collect()["file"]
    assert names[0] == "in/part-0.parquet"


@pytest.mark.parametrize("task", [None, "read"])
def test_only_tasks_can_be_performed(task):
    with pytest.raises(SettingError, match="task is"):
        dedup.distributed.perform(task)


def test_a_task_of_another_version_is_refused(tmp_path):
    with pytest.raises(SettingError, match="install one version on all machines"):
        dedup.distributed.perform(dedup.distributed.Task(str(tmp_path), "read-2", "0", "{}", ""))


@pytest.mark.parametrize(("workers", "threads"), [(0, 1), (None, 1), ("2", 1), (1, 0), (1, "x")])
def test_a_pool_needs_numbers(workers, threads):
    with (
        pytest.raises(SettingError, match="whole number of at least 1"),
        dedup.distributed.process_pool(workers, threads=threads),
    ):
        pass


@pytest.mark.parametrize("output", [None, 5])
def test_tables_of_no_path_are_refused(output):
    with pytest.raises(SettingError, match="output is"):
        dedup.distributed.tables(output)


def test_missing_inputs_are_named(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        dedup.distributed.scan(tmp_path / "nowhere", tmp_path / "out")


def test_too_many_headlines_without_a_time_are_set_aside_and_reported(messy_files, tmp_path):
    source = messy_files(tmp_path / "in", undated=0.3)
    summary = dedup.distributed.scan(source, tmp_path / "out", max_undated=5)
    assert any("without a time were not matched" in hint for hint in summary["hints"])
    headlines = dedup.distributed.tables(tmp_path / "out")["headlines"].collect()
    undated = headlines.filter(pl.col("published").is_null())
    assert len(headlines) == summary["counts"]["headlines"]
    assert len(undated) == summary["counts"]["undated"] > 5
    assert set(undated["role"]) <= {"single", "standing"}
    dated = headlines.drop_nulls("published").select("headline_id", "outlet", "title", "published")
    alone = dedup.find_duplicates(dated.rename({"headline_id": "id"}))
    assert summary["counts"]["matches"] == alone.summary["counts"]["matches"] > 100


def test_small_jobs_are_pointed_to_one_machine(messy_files, tmp_path):
    summary = dedup.distributed.scan(messy_files(tmp_path / "in", count=60), tmp_path / "out")
    assert any("dedup.scan on one machine is faster" in hint for hint in summary["hints"])


def days(*counts, first=datetime(2026, 3, 1, tzinfo=UTC)):
    rows = [((first + timedelta(days=number)).date(), count) for number, count in enumerate(counts)]
    return pl.DataFrame(rows, schema={"day": pl.Date, "headlines": pl.UInt32}, orient="row")


def test_slices_end_at_their_days_and_at_their_size(monkeypatch):
    monkeypatch.setattr(plan, "MAX_SLICE", 100)
    made = plan.make_plan(days(10, 10, 10, 95, 10, 200, 5), Settings(), slice_days=3)
    assert [[day.day for day in part.days] for part in made.slices] == [[1, 2, 3], [4], [5], [6], [7]]
    assert made.slice_of(made.slices[3].first) == 3


def test_a_window_with_more_headlines_than_a_join_can_hold_is_refused():
    made = plan.make_plan(days(1_000_000, 1_000_000, 1_000_000), Settings(), slice_days=7)
    assert len(made.slices) == 3
    with pytest.raises(TooManyHeadlinesError, match="5,000,000"):
        plan.make_plan(days(1, 2_500_000, 2_500_000), Settings(window=24), slice_days=7)


def test_warming_compiles_the_kernels():
    dedup.distributed.warm()
    assert fill_rows.compiled.overloads


def test_ranges_cover_all_hashes_once():
    bounds = list(key_stages.hash_ranges(7).values())
    assert bounds[0]["low"] == 0
    assert bounds[-1]["high"] == 1 << 32
    assert all(left["high"] == right["low"] for left, right in pairwise(bounds))

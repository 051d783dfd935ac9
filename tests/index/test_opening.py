"""Opening an index: what it was made with, what is refused and how, what is read-only."""

from __future__ import annotations

import os
import sqlite3

import pytest

import dedup.fingerprint
from dedup import HeadlineIndex, Settings
from dedup.errors import HeadlineIndexError, IncompatibleIndexError, SettingError
from dedup.index.storage.protocol import FORMAT
from tests.index.conftest import ScanState, StoredState, in_time

FLOOD = "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "headlines.db"


@pytest.fixture
def made(path, newsroom):
    """An index of some headlines, closed again."""
    with HeadlineIndex.open(path) as index:
        index.add_many(in_time(newsroom(100)))
    return path


def test_a_reopened_index_continues_where_it_was_closed(path, newsroom):
    headlines = in_time(newsroom(300))
    for at in range(0, 300, 50):
        with HeadlineIndex.open(path) as index:
            index.add_many(headlines[at : at + 50])
    with HeadlineIndex.open(path) as index:
        stored, expected = StoredState(index), ScanState(headlines)
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


def test_a_reopened_index_has_the_settings_that_it_was_made_with(path):
    HeadlineIndex.open(path, window="2d", settings=Settings(bands=20)).close()
    with HeadlineIndex.open(path) as index:
        settings = index.stats().settings
    assert (settings.window, settings.bands) == (48.0, 20)


def test_other_settings_are_refused_and_each_difference_is_named(made):
    with pytest.raises(IncompatibleIndexError, match=r'mode="rebuild"') as caught:
        HeadlineIndex.open(made, settings=Settings(seed=7, rows=3, threshold=0.9))
    assert caught.value.differences == {"rows": (4, 3), "seed": (1, 7), "threshold": ("default", 0.9)}
    assert "rows is 4, requested 3" in str(caught.value)


def test_another_window_is_refused(made):
    with pytest.raises(IncompatibleIndexError, match=r"window is 72\.0, requested 24\.0"):
        HeadlineIndex.open(made, window="24h")


def test_another_version_of_the_keys_is_refused_even_without_settings(made, monkeypatch):
    monkeypatch.setattr(dedup.fingerprint, "NORMALIZER_VERSION", 999)
    with pytest.raises(IncompatibleIndexError, match=r"normalizer is .*, requested 999"):
        HeadlineIndex.open(made)


@pytest.mark.parametrize(
    ("constant", "named"),
    [
        (
            "dedup.matching.scoring.relation.COPY_SIMILARITY",
            r"matching\.scoring\.relation\.COPY_SIMILARITY is 0\.8, requested",
        ),
        ("dedup.matching.timeline.RECURRENT", r"matching\.timeline\.RECURRENT is 2, requested"),
    ],
)
def test_another_constant_that_shapes_results_is_refused_by_name(made, monkeypatch, constant, named):
    monkeypatch.setattr(constant, 0.5)
    with pytest.raises(IncompatibleIndexError, match=named):
        HeadlineIndex.open(made)


def test_rebuilding_updates_an_incompatible_index(made, newsroom):
    settings = Settings(window=24, threshold="precise")
    with HeadlineIndex.open(made, settings=settings, mode="rebuild") as index:
        stored, expected = StoredState(index), ScanState(newsroom(100), settings)
        assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)
    with HeadlineIndex.open(made) as index:
        assert index.stats().settings.window == 24


def test_a_process_that_has_it_open_notices_a_rebuild_with_other_settings(made):
    with HeadlineIndex.open(made) as index:
        index.check(FLOOD)
        HeadlineIndex.open(made, window="24h", mode="rebuild").close()
        with pytest.raises(IncompatibleIndexError, match="window"):
            index.add(FLOOD)


@pytest.mark.parametrize(("stored", "named"), [(FORMAT + 1, FORMAT + 1), (0, 1)], ids=["newer", "first"])
@pytest.mark.parametrize("mode", ["r", "rw", "rebuild"])
def test_another_format_is_refused_by_number(made, stored, named, mode):
    with sqlite3.connect(made) as connection:
        connection.execute(f"PRAGMA user_version = {stored}")
    connection.close()
    with pytest.raises(HeadlineIndexError, match=f"its format is {named}, this dedup reads {FORMAT}; use the version"):
        HeadlineIndex.open(made, mode=mode)


def test_a_file_that_is_no_database_is_refused(path):
    path.write_text("title,outlet\n" * 200, encoding="utf-8")
    with pytest.raises(HeadlineIndexError, match="no index of dedup"):
        HeadlineIndex.open(path)
    assert path.read_text(encoding="utf-8").startswith("title")


def test_a_database_of_another_program_is_refused_and_not_changed(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(HeadlineIndexError, match="another program"):
        HeadlineIndex.open(path)
    assert path.read_bytes() == before


def test_a_damaged_file_is_refused(made):
    with made.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(40_000))
    with pytest.raises(HeadlineIndexError, match="damaged"), HeadlineIndex.open(made) as index:
        index.add(FLOOD)


def test_a_damaged_fingerprint_is_refused(made):
    with sqlite3.connect(made) as database:
        database.execute("UPDATE fingerprint SET value = replace(value, '72', '71')")
    database.close()
    with pytest.raises(HeadlineIndexError, match="the file is damaged"):
        HeadlineIndex.open(made)


@pytest.mark.parametrize("how", ["removed", "moved", "replaced"])
def test_adding_to_a_deleted_file_raises(made, newsroom, how):
    new = in_time(newsroom(110))[100:]
    with HeadlineIndex.open(made) as index:
        index.check(FLOOD)
        if how == "moved":
            made.rename(made.with_suffix(".old"))
        else:
            made.unlink()
        if how == "replaced":
            with HeadlineIndex.open(made) as other:
                other.add(FLOOD)
        for call in (index.add_many, index.check_many):
            with pytest.raises(HeadlineIndexError, match="moved, removed or replaced"):
                call(new)


def test_an_index_is_found_again_from_another_working_directory(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    with HeadlineIndex.open(path.name) as index:
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert index.add(FLOOD).is_new_story


def test_a_name_that_no_file_can_have_is_refused(tmp_path):
    with pytest.raises(HeadlineIndexError, match="cannot be opened"):
        HeadlineIndex.open(f"{tmp_path}/a\0b.db")


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(HeadlineIndexError, match="create its folder"):
        HeadlineIndex.open(tmp_path / "no" / "i.db")


@pytest.mark.parametrize("empty", [False, True], ids=["none", "empty"])
def test_there_must_be_an_index_to_read(path, empty):
    if empty:
        path.touch()
    with pytest.raises(HeadlineIndexError, match=r"no such file|empty"):
        HeadlineIndex.open(path, mode="r")
    assert path.exists() == empty


def test_a_reader_answers_and_never_writes(made):
    before = made.read_bytes()
    with HeadlineIndex.open(made, mode="r") as index:
        assert index.check(FLOOD).headline_id
        assert index.stats().headlines == 100
        assert index.result().headlines.height == 100
        for change in (lambda: index.add(FLOOD), lambda: index.prune(before="1d"), index.rebuild):
            with pytest.raises(HeadlineIndexError, match='mode="r"'):
                change()
    assert made.read_bytes() == before


def test_a_reader_sees_what_a_writer_adds(made):
    with HeadlineIndex.open(made, mode="r") as reader, HeadlineIndex.open(made) as writer:
        item = {"title": "سمرانيا توقع اتفاق الربط الكهربائي مع أروندا", "published": "2026-03-09T10:00:00"}
        assert reader.check(item).is_new_story
        writer.add(item)
        assert reader.check(item).known
        assert reader.check(item | {"published": "2026-03-09T11:00:00"}).relation == "copy"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_file_is_refused_for_writing(made):
    made.chmod(0o444)
    with pytest.raises(HeadlineIndexError, match="read-only"):
        HeadlineIndex.open(made)


@pytest.mark.parametrize(
    ("option", "value"),
    [("window", "three days"), ("retention", "1x"), ("mode", "w"), ("settings", Settings(exact=True)), ("window", -1)],
)
def test_invalid_options_are_refused(option, value):
    with pytest.raises(SettingError):
        HeadlineIndex.open(":memory:", **{option: value})


def test_a_retention_shorter_than_the_window_is_refused():
    with pytest.raises(SettingError, match=r"at least the window \(72 hours\)"):
        HeadlineIndex.open(":memory:", retention="2d")


def test_closing_twice_is_fine_and_calls_afterwards_are_errors(path):
    index = HeadlineIndex.open(path)
    index.close()
    index.close()
    with pytest.raises(HeadlineIndexError, match="closed"):
        index.add(FLOOD)

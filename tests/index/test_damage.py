"""Damaged SQLite files: every call that reads the damage raises, and a verification finds it all."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing, suppress

import pytest

from dedup import DedupError, HeadlineIndex
from dedup.errors import HeadlineIndexError
from tests.index.conftest import StoredState, in_time

FLOOD = "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو"
PAGE = 4096

DAMAGE = {
    "headlines": [
        "UPDATE headlines SET title = replace(title, 'ا', 'أ')",
        "UPDATE headlines SET outlet = x'ff'",
        "UPDATE headlines SET published = published + 1",
        "UPDATE headlines SET published = 'yesterday'",
        "UPDATE headlines SET story = 1",
        "UPDATE headlines SET recurs = 99999999999",
        "UPDATE headlines SET checksum = checksum + 1",
    ],
    "matches": [
        "UPDATE matches SET score = 0.5",
        "UPDATE matches SET relation = NULLIF(relation || 'x', '')",
        "UPDATE matches SET score = x'00'",
    ],
    "days": ["UPDATE days SET mask = mask + 1", "UPDATE days SET last = 'x'"],
    "batches": ["UPDATE batches SET deltas = zeroblob(length(deltas))", "UPDATE batches SET row = row + 1"],
    "snapshots": ["INSERT INTO snapshots VALUES (1, x'00', 0)"],
    "fingerprint": [
        "UPDATE fingerprint SET value = replace(value, '72', '71')",
        "UPDATE fingerprint SET value = x'ff'",
    ],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory, newsroom):
    """An index of 300 headlines in one file, with matches, merged stories and pruned headlines."""
    path = tmp_path_factory.mktemp("made") / "i.db"
    headlines = in_time(newsroom(300, days=8, undated=0.05))
    with HeadlineIndex.open(path) as index:
        for at in range(0, 300, 20):
            index.add_many(headlines[at : at + 20])
        index.prune(before="6d")
        for at in range(0, 300, 60):
            index.add_many(
                headlines[at : at + 20].with_columns(headline_id=headlines["headline_id"][at : at + 20] + "b")
            )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def path(made, tmp_path):
    """A copy to damage."""
    return shutil.copy(made, tmp_path / "i.db")


def test_an_intact_index_has_no_problems(path):
    with HeadlineIndex.open(path, mode="r") as index:
        verification, stats = index.verify(), index.stats()
    assert verification.is_intact
    assert (verification.headlines, verification.matches) == (stats.headlines, stats.matches)


@pytest.mark.parametrize("statement", [statement for of_table in DAMAGE.values() for statement in of_table])
def test_changed_values_are_found_by_verification_or_refused_at_opening(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)
        connection.commit()
    table = next(table for table, statements in DAMAGE.items() if statement in statements)
    if table == "fingerprint":
        with pytest.raises(HeadlineIndexError, match="damaged"):
            HeadlineIndex.open(path)
        return
    with HeadlineIndex.open(path, mode="r") as index:
        assert any(problem.startswith(f"{table}:") for problem in index.verify().problems)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "DELETE FROM headlines WHERE row IN (SELECT left FROM matches)",
            "matches have a headline that does not exist",
        ),
        ("DELETE FROM batches WHERE batch = (SELECT max(batch) - 1 FROM batches)", "batches are missing"),
        ("DELETE FROM batches WHERE batch = (SELECT max(batch) FROM batches)", "headlines were added up to row"),
        ("DELETE FROM pruned", "headlines belong to a story that does not exist"),
    ],
)
def test_lost_rows_are_found(path, statement, problem):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
    with HeadlineIndex.open(path, mode="r") as index:
        assert any(problem in found for found in index.verify().problems)


def test_records_that_a_call_reads_are_compared_with_their_checksums(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE headlines SET title = title || '!'")
        connection.commit()
    with HeadlineIndex.open(path, mode="r") as index:
        for call in (lambda: index.check(FLOOD), index.result, lambda: index.similar(FLOOD)):
            with pytest.raises(HeadlineIndexError, match=r"damaged.*checksum of a row of headlines"):
                call()


def use(path):
    """Call everything; return whether any call, or the verification, reported the damage."""
    try:
        with HeadlineIndex.open(path) as index:
            if index.verify().problems:
                reported = True
            else:
                return False
            for call in (
                lambda: index.add({"title": FLOOD, "outlet": "الضحى", "published": "2026-03-05T06:00:00"}),
                index.stats,
                index.result,
                index.rebuild,
                lambda: StoredState(index),
                lambda: index.prune(before="1d"),
            ):
                try:
                    call()
                except HeadlineIndexError:
                    reported = True
            return reported
    except HeadlineIndexError:
        return True


@pytest.mark.parametrize("seed", range(20))
def test_flipped_bytes_and_cut_files_raise_nothing_but_errors_of_the_index(path, seed):
    dice = random.Random(seed)  # noqa: S311 - it picks bytes
    intact = path.read_bytes()
    data = bytearray(intact)
    if seed % 5 == 4:
        data = data[: dice.randrange(200, len(data))]
    else:
        for _ in range(dice.choice([1, 1, 8, 200])):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    path.write_bytes(data)
    if not use(path):
        # What was damaged is nothing that is stored: unused space, or a field of the header that nobody reads.
        with HeadlineIndex.open(path) as index:
            damaged = StoredState(index)
        path.write_bytes(intact)
        for log in path.parent.glob("i.db-*"):
            log.unlink()
        with HeadlineIndex.open(path) as index:
            whole = StoredState(index)
        assert (damaged.pairs, damaged.stories) == (whole.pairs, whole.stories)


@pytest.mark.parametrize("name", ["ex_1.db", "ex_2.db", "ex_3.db"])
def test_files_that_were_damaged_in_an_attack_raise_errors_of_the_index(data, tmp_path, name):
    path = shutil.copy(data / "cases" / "trust" / "15-damaged-index-uncaught" / name, tmp_path / name)
    path.chmod(0o644)
    with pytest.raises(HeadlineIndexError):
        HeadlineIndex.open(path)


@pytest.mark.parametrize(
    "value",
    [None, 5, 1.5, b"x", [1], {}, object(), 10**5000, float("nan"), "\ud800", range(3)],
    ids=lambda value: type(value).__name__,
)
def test_arguments_of_any_type_raise_nothing_but_errors_of_dedup(value):
    with HeadlineIndex.open(":memory:") as index:
        index.add(FLOOD)
        calls = [
            lambda: index.story(value),
            lambda: index.matches(value),
            lambda: index.similar(value),
            lambda: index.similar(FLOOD, outlet=value),
            lambda: index.similar(FLOOD, published=value),
            lambda: index.prune(before=value),
            lambda: index.result(pairs_floor=value),
            lambda: index.add_many(value),
            *(
                lambda name=name: HeadlineIndex.open(":memory:", **{name: value}).close()
                for name in ("window", "retention", "settings", "mode", "timezone", "columns")
            ),
        ]
        if not isinstance(value, str | bytes):
            calls.append(lambda: HeadlineIndex.open(value))
        for call in calls:
            with suppress(DedupError):
                call()

"""Files are replaced all or none, whatever is in the way and whenever the process dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from dedup.errors import OutputError
from dedup.report import staging
from dedup.report.files import write_file
from dedup.report.staging import PREFIX, staged
from tests.interruptions import interruptions

NAMES = ("headlines.csv", "pairs.csv", "stories.csv", "summary.json")


def put(folder, text, names=NAMES, **options):
    with staged(folder, last="summary.json", **options) as stage:
        for name in names:
            (stage / name).write_text(text)


def contents(folder):
    return {path.name: path.read_text() for path in folder.iterdir() if not path.name.startswith(PREFIX)}


def leftovers(folder):
    return [path for path in folder.iterdir() if path.name.startswith(PREFIX)]


KILLED = """
import os, sys
from pathlib import Path
from dedup.report.staging import staged
left, plain = int(sys.argv[2]), Path.rename
def rename(self, target):
    global left
    if left == 0:
        os.kill(os.getpid(), 9)
    left -= 1
    return plain(self, target)
Path.rename = rename
with staged(Path(sys.argv[1]), last="summary.json", obsolete=["old.csv"]) as stage:
    for name in sys.argv[3:]:
        (stage / name).write_text("new")
"""


@pytest.mark.parametrize("renames", range(11))
def test_a_run_killed_at_any_rename_leaves_all_or_nothing_once_the_next_run_begins(tmp_path, renames):
    put(tmp_path, "old", (*NAMES, "old.csv"))
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(renames), *NAMES], check=False)
    assert done.returncode in (0, -signal.SIGKILL)
    assert (renames == 10) == (done.returncode == 0)
    write_file("page", tmp_path / "page.html")
    found = contents(tmp_path)
    assert found.pop("page.html") == "page"
    assert found in (dict.fromkeys((*NAMES, "old.csv"), "old"), dict.fromkeys(NAMES, "new"))
    assert not leftovers(tmp_path)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["directory", "FIFO", "link to a device"])
def test_a_destination_that_is_no_regular_file_is_refused_and_nothing_is_changed(tmp_path, name, kind):
    put(tmp_path, "old")
    (tmp_path / name).unlink()
    if kind == "directory":
        (tmp_path / name).mkdir()
    elif kind == "FIFO":
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).symlink_to(os.devnull)
    with pytest.raises(OutputError, match=rf"{name}: is a .*no file was changed"):
        put(tmp_path, "new")
    for other in set(NAMES) - {name}:
        assert (tmp_path / other).read_text() == "old"
    assert (tmp_path / name).exists()
    assert not (tmp_path / name).is_file()
    assert not leftovers(tmp_path)


def test_a_rename_that_fails_puts_the_replaced_files_back(tmp_path, monkeypatch):
    put(tmp_path, "old")
    plain = type(tmp_path).rename

    def rename(self, target):
        if target.name == "stories.csv" and target.parent == tmp_path:
            raise PermissionError(13, "Permission denied")
        return plain(self, target)

    monkeypatch.setattr(type(tmp_path), "rename", rename)
    with pytest.raises(PermissionError):
        put(tmp_path, "new")
    monkeypatch.undo()
    assert contents(tmp_path) == dict.fromkeys(NAMES, "old")
    assert not leftovers(tmp_path)


def test_files_of_an_earlier_run_that_the_new_one_lacks_are_removed_and_others_stay(tmp_path):
    put(tmp_path, "old", ("stories.parquet", "notes.txt"))
    put(tmp_path, "new", obsolete=["stories.parquet", "stories.csv"])
    assert contents(tmp_path) == dict.fromkeys(NAMES, "new") | {"notes.txt": "old"}


def test_the_folder_of_a_run_that_still_works_is_left_alone(tmp_path):
    with staged(tmp_path) as working:
        (working / "a.csv").write_text("a")
        put(tmp_path, "new")
        assert working.is_dir()
    assert contents(tmp_path) == dict.fromkeys(NAMES, "new") | {"a.csv": "a"}


def test_a_fifo_is_not_replaced_by_a_page(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    start = time.monotonic()
    with pytest.raises(OutputError, match="is a FIFO"):
        write_file("page", tmp_path / "pipe")
    assert time.monotonic() - start < 5
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # descriptors that a signal left open
def test_a_run_stopped_at_any_step_leaves_all_or_nothing_and_no_temporary_folder(tmp_path):
    put(tmp_path, "old", (*NAMES, "old.csv"))
    stops = 0
    for _ in interruptions(staging, lambda: put(tmp_path, "new", obsolete=["old.csv"])):
        assert contents(tmp_path) in (dict.fromkeys((*NAMES, "old.csv"), "old"), dict.fromkeys(NAMES, "new"))
        assert not leftovers(tmp_path)
        put(tmp_path, "old", (*NAMES, "old.csv"))
        stops += 1
    assert stops > 100
    assert contents(tmp_path) == dict.fromkeys(NAMES, "new")


def test_a_run_stopped_while_it_removes_its_temporary_folder_removes_it_all_the_same(tmp_path, monkeypatch):
    plain = shutil.rmtree

    def rmtree(path, **options):
        monkeypatch.undo()
        plain(path / "files", **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", rmtree)
    with pytest.raises(KeyboardInterrupt):
        put(tmp_path, "new")
    assert contents(tmp_path) == dict.fromkeys(NAMES, "new")
    assert not leftovers(tmp_path)

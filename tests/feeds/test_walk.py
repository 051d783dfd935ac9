from __future__ import annotations

import os

from dedup.feeds import read_feeds
from dedup.feeds.files.discover import find_files, printable


def names(found, status=""):
    return [os.path.basename(file.path) for file in found if file.status == status]


def test_folders_are_walked_in_order_and_each_file_is_found_once(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("b/2.txt", "a.txt", "c.txt"):
        (tmp_path / name).write_text("خبر")
    assert names(find_files([tmp_path, tmp_path / "a.txt", str(tmp_path / "*.txt")])) == ["a.txt", "2.txt", "c.txt"]


def test_links_hidden_files_and_fifos_are_named_and_passed_over(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("سر")
    folder = tmp_path / "folder"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "x.txt").write_text("x")
    (folder / ".hidden.txt").write_text("x")
    (folder / "loop").symlink_to(folder)
    (folder / "leak.txt").symlink_to(outside / "secret.txt")
    (folder / "self.txt").symlink_to("self.txt")
    os.mkfifo(folder / "pipe.xml")
    (folder / "real.txt").write_text("خبر")
    found = find_files([folder])
    assert names(found) == ["real.txt"]
    assert sorted(names(found, "skipped")) == [".git", ".hidden.txt", "leak.txt", "loop", "pipe.xml", "self.txt"]
    assert "سر" not in read_feeds(folder).headlines["title"]


def test_a_link_that_the_caller_names_is_followed(tmp_path):
    (tmp_path / "real.txt").write_text("خبر")
    (tmp_path / "link.txt").symlink_to("real.txt")
    assert read_feeds(tmp_path / "link.txt").headlines.height == 1


def test_what_does_not_exist_is_named_and_the_rest_is_read(tmp_path):
    (tmp_path / "real.txt").write_text("خبر")
    (tmp_path / "dangling.txt").symlink_to("nowhere")
    missing = [tmp_path / "missing.xml", tmp_path / "*.nothing", tmp_path / "dangling.txt", "/dev/zero"]
    feeds = read_feeds(*missing, tmp_path / "real.txt")
    assert feeds.files["status"].to_list() == ["failed"] * 4 + ["read"]
    assert feeds.skipped.height == 4


def test_a_name_with_brackets_is_a_name_before_it_is_a_pattern(tmp_path):
    (tmp_path / "a[1].txt").write_text("خبر")
    assert read_feeds(tmp_path / "a[1].txt").headlines.height == 1


def test_names_print_on_one_line_without_control_characters(tmp_path):
    path = tmp_path / "a\nb\x1b[31m\u202e.txt"
    path.write_text("خبر")
    [source] = read_feeds(path).headlines["source"]
    assert source.endswith("a\\nb\\x1b[31m\\u202e.txt:1")
    assert printable("أخبار.xml") == "أخبار.xml"


def test_undecodable_names_are_read(tmp_path):
    path = os.fsencode(tmp_path) + b"/bad\xff.txt"
    with open(path, "wb") as file:
        file.write("خبر".encode())
    assert read_feeds(tmp_path).headlines.height == 1

"""The corpora built from clones: rules on invented repositories, and the real ones by digest."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from dataclasses import replace

import pytest

from benchmarks.__main__ import main
from benchmarks.data import build, collected_corpora, sources
from benchmarks.data.git_clone import Clone, CloneError

GIT = ("git", "-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "init.defaultBranch=main")


def commit(folder, files, time):
    """Write files, commit them at a time, and return the commit."""
    if not (folder / ".git").exists():
        subprocess.run([*GIT, "init", "-q", str(folder)], check=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    dates = {"GIT_AUTHOR_DATE": time, "GIT_COMMITTER_DATE": time, "PATH": "/usr/bin:/bin:/usr/local/bin"}
    subprocess.run([*GIT, "-C", str(folder), "add", "-A"], check=True)
    subprocess.run([*GIT, "-C", str(folder), "commit", "-q", "-m", "state"], check=True, env=dates)
    ran = subprocess.run([*GIT, "-C", str(folder), "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return ran.stdout.strip()


def section(source, *titles):
    return {
        "source": source,
        "headlines": [{"title": title, "url": f"https://a.example/{n}"} for n, title in enumerate(titles)],
    }


def test_the_newsstand_keeps_the_first_title_of_an_item_over_its_history(tmp_path):
    first = commit(
        tmp_path, {"headlines.json": {"x": [section("Al Manar", "افتتاح جسر الوادي الجديد")]}}, "2026-06-01T10:00:00Z"
    )
    changed = {
        "x": [
            section("Al Manar", "افتتاح الجسر", "وصول قافلة إلى المدينة"),
            section("The Paper", "عنوان مترجم من لغة أخرى"),
        ]
    }
    last = commit(tmp_path, {"headlines.json": changed}, "2026-06-02T10:00:00Z")
    rows = list(collected_corpora.newsstand(Clone(tmp_path, last)))
    assert [(row["title"], row["published"][:10]) for row in rows] == [
        ("افتتاح جسر الوادي الجديد", "2026-06-01"), ("وصول قافلة إلى المدينة", "2026-06-02"),
    ]  # fmt: skip
    assert len(list(collected_corpora.newsstand(Clone(tmp_path, first)))) == 1


def test_the_news_bot_keeps_the_earliest_time_and_cuts_the_outlet_off(tmp_path):
    item = {"k": {"title": "أمانة المنطقة تفتتح حديقة - صحيفة الوادي", "sent_at": "2026-02-02T09:00:00"}}
    commit(tmp_path, {"sent_news.json": item}, "2026-02-02T10:00:00Z")
    item["k"]["sent_at"] = "2026-02-01T09:00:00"
    last = commit(tmp_path, {"sent_news.json": item, "sent_jobs.json": "not json"}, "2026-02-03T10:00:00Z")
    assert list(collected_corpora.news_bot(Clone(tmp_path, last))) == [
        {
            "outlet": "صحيفة الوادي",
            "title": "أمانة المنطقة تفتتح حديقة",
            "published": "2026-02-01T09:00:00",
            "url": None,
        }
    ]


def test_rows_of_lebanese_papers_get_the_day_of_the_file_where_they_have_none(tmp_path):
    table = "title,date,source,url\nوزير الأشغال يتفقد الطريق الساحلي,9:30,أ,https://a.example/1\nBridge opened,,b,\n"
    last = commit(tmp_path, {"news_2026-02-04.csv": table, "notes.csv": table}, "2026-02-05T10:00:00Z")
    (row,) = collected_corpora.lebanese_papers(Clone(tmp_path, last))
    assert row["published"] == "2026-02-04T09:30"


def test_a_corpus_drops_repetitions_and_rows_after_its_end(tmp_path, monkeypatch):
    titles = "افتتاح جسر الوادي الجديد", "وصول قافلة إلى المدينة"
    late = section("Al Manar", "خبر يأتي بعد نهاية المدة")
    late["headlines"][0] |= {"published": "2026-06-27T00:00:00Z", "url": "https://a.example/late"}
    document = [section("Al Manar", *titles), section("Al Manar", *titles), late]
    last = commit(tmp_path / "mena-newsstand", {"headlines.json": document, "README.md": "x"}, "2026-06-02T10:00:00Z")
    monkeypatch.setattr(collected_corpora, "MENA_NEWSSTAND", replace(sources.MENA_NEWSSTAND, commit=last))
    rows = list(collected_corpora.mena2026(tmp_path))
    assert sorted(row["title"] for row in rows) == sorted(titles)
    assert all(row["id"].startswith("me") and len(row["id"]) == 12 for row in rows)


def test_a_missing_clone_is_named_with_the_command_that_makes_it(tmp_path, monkeypatch, capsys):
    options = ["--from", str(tmp_path), "--out", str(tmp_path / "out"), "--only", "mena2026"]
    monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "data", *options])
    assert main() == 1
    assert "git clone https://github.com/MiddleEastObserver/mena-newsstand" in capsys.readouterr().err


def test_a_clone_without_the_commit_is_refused(tmp_path):
    commit(tmp_path / "mena-newsstand", {"README.md": "x"}, "2026-06-02T10:00:00Z")
    with pytest.raises(CloneError, match="cannot read commit"):
        sources.MENA_NEWSSTAND.clone(tmp_path)


def test_the_list_names_every_source_with_its_commit_and_licence(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "data", "--list"])
    assert main() == 0
    text = capsys.readouterr().out
    for source in (source for corpus in sources.SOURCES.values() for source in corpus):
        assert source.commit in text
        assert source.licence in text


def test_labels_in_the_repository_have_the_stated_digests(tmp_path, capsys):
    for path, digest in build.DIGESTS.items():
        if path.startswith("labels/"):
            assert hashlib.sha256((build.LABELS.parent / path).read_bytes()).hexdigest() == digest
    assert build.write({"labels/mixed2026.tsv": b"other\n"}, tmp_path) == ["labels/mixed2026.tsv"]
    assert "NOT as stated" in capsys.readouterr().out


def test_labels_contain_ids_and_no_text():
    for path in build.LABELS.glob("*.tsv"):
        assert path.read_bytes().isascii()


def test_stated_digests_are_those_of_the_data_folder(data):
    compared = 0
    for path, digest in build.DIGESTS.items():
        if (data / path).exists():
            content = (data / path).read_bytes()
            assert hashlib.sha256(gzip.decompress(content) if path.endswith(".gz") else content).hexdigest() == digest
            compared += 1
    if not compared:
        pytest.skip(f"no corpora in {data}")

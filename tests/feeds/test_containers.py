from __future__ import annotations

import gzip
import io
import os
import zipfile

import pytest
import zstandard

from dedup.feeds import Limits, read_feeds
from dedup.feeds.document import Unusable
from dedup.feeds.files.archives import open_container

TEXT = "\n".join(f"القطار رقم {number} يصل إلى المحطة" for number in range(2_000)).encode()
ZSTD = zstandard.ZstdCompressor()


def unpack(data, limits=None):
    [member] = open_container(data, limits or Limits())
    return bytes(member.data), [note.reason for note in member.notes]


@pytest.mark.parametrize("pack", [gzip.compress, ZSTD.compress])
def test_all_members_or_frames_come_out(pack):
    assert unpack(pack(TEXT[:999]) + pack(TEXT[999:])) == (TEXT, [])


def test_half_a_thousand_tiny_members_come_out():
    assert unpack(b"".join(gzip.compress(TEXT[at : at + 10]) for at in range(0, 5_000, 10)))[0] == TEXT[:5_000]


@pytest.mark.parametrize(("pack", "word"), [(gzip.compress, "gzip"), (ZSTD.compress, "zstd")])
def test_of_cut_off_data_the_beginning_is_kept_and_the_cut_is_said(pack, word):
    noise = os.urandom(400_000).hex().encode()  # several blocks
    data, notes = unpack(pack(noise)[:-9])
    assert data
    assert noise.startswith(data)
    assert "cut off" in notes[0]
    assert word in notes[0]


def test_a_wrong_checksum_costs_nothing_but_is_said():
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 255
    data, notes = unpack(bytes(packed))
    assert data == TEXT
    assert "damaged" in notes[0]


@pytest.mark.parametrize("pack", [gzip.compress, ZSTD.compress])
def test_what_follows_is_left_out_and_said_but_padding_is_not(pack):
    data, notes = unpack(pack(TEXT) + b"junk")
    assert data == TEXT
    assert "after" in notes[0]
    assert unpack(pack(TEXT) + b"\0" * 512) == (TEXT, [])


@pytest.mark.parametrize("pack", [gzip.compress, ZSTD.compress])
def test_a_bomb_is_refused_at_the_limit(pack):
    with pytest.raises(Unusable, match="limit"):
        unpack(pack(b"0" * 3_000_000), Limits(file_bytes=1_000_000))
    with pytest.raises(Unusable, match="limit"):
        unpack(pack(b"0" * 40 * 1024 * 1024))


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def test_members_of_a_zip_are_read_in_memory_under_their_own_names(tmp_path):
    path = tmp_path / "a.zip"
    members = [("../../up.txt", "خبر أول"), ("/abs.txt", "خبر ثان"), ("n\n.txt", "خبر ثالث"), (".hidden.txt", "x")]
    path.write_bytes(zipped(members))
    feeds = read_feeds(path)
    assert feeds.headlines["title"].to_list() == ["خبر أول", "خبر ثان", "خبر ثالث"]
    assert feeds.headlines["source"][2].endswith("a.zip!n\\n.txt:1")
    assert [file.name for file in tmp_path.parent.glob("*.txt")] == []
    assert feeds.files["status"].to_list() == ["warned"]


def test_two_members_of_one_name_are_both_read(tmp_path):
    path = tmp_path / "a.zip"
    with pytest.warns(UserWarning, match="Duplicate"):
        path.write_bytes(zipped([("a.txt", "خبر أول"), ("a.txt", "خبر ثان")]))
    assert read_feeds(path).headlines.height == 2


def test_a_member_without_a_name_is_read_beside_the_others(tmp_path):
    nameless = zipfile.ZipInfo("a")
    nameless.filename = ""
    path = tmp_path / "a.zip"
    path.write_bytes(
        zipped([(nameless, "القطار الأول يصل إلى المحطة"), ("b.txt", "القطار الثاني يصل إلى المحطة"), ("c/", "")])
    )
    feeds = read_feeds(path)
    assert len(feeds.headlines) == 2
    assert feeds.skipped.is_empty()


def test_the_members_of_a_zip_share_one_limit(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped([(f"{number}.txt", TEXT) for number in range(9)]))
    feeds = read_feeds(path, limits=Limits(file_bytes=2 * len(TEXT)))
    assert feeds.counts["items"] == 4_000
    assert feeds.skipped["reason"].str.contains("limit").sum() == 7

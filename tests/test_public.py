"""The public names: what they are, and what it costs to have them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import dedup
from dedup.errors import DedupError, SettingError
from dedup.fingerprint import fingerprint
from dedup.settings import Settings

ROOT = Path(__file__).parents[1]
HEAVY = ("polars", "numpy", "scipy", "datasketch", "rapidfuzz", "orjson", "zstandard")


def loaded_by(code):
    """The heavy libraries that running some code loads."""
    tell = f"import sys; print(*(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{tell}"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    return done.stderr.split()


def test_importing_dedup_loads_no_heavy_library():
    assert loaded_by("import dedup; dedup.__all__; dir(dedup)") == []


@pytest.mark.parametrize("asked", [["--help"], ["scan", "--help"]], ids=" ".join)
def test_asking_for_help_loads_no_heavy_library(asked):
    run = f"import sys; from dedup.cli import main; sys.argv[1:] = {asked!r}\ntry: main()\nexcept SystemExit: pass"
    assert loaded_by(run) == []


def test_settings_and_errors_load_no_heavy_library():
    assert loaded_by("import dedup; dedup.Settings(); dedup.DedupError") == []


def test_every_public_name_is_there_and_says_what_it_is():
    assert dir(dedup) == sorted(dedup.__all__)
    for name in dedup.__all__:
        assert getattr(dedup, name).__doc__, name


def test_other_names_are_not():
    with pytest.raises(AttributeError, match="module 'dedup' has no attribute 'dedupe'"):
        dedup.dedupe  # noqa: B018 - getting it is what fails


def test_one_headlines_keys_are_text():
    keys = dedup.normalize("عاجل | مصرع 5 أشخاص في سيول جارفة", outlet="قناة الضحى")
    assert (keys.exact, keys.fuzzy, keys.tag) == ("مصرع 5 أشخاص في سيول جارفة", "مصرع 5 اشخاص في سيول جارفه", "عاجل")


def test_typed_for_those_who_check_types():
    assert (ROOT / "dedup" / "py.typed").is_file()


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": 0},
        {"window": float("nan")},
        {"window": float("inf")},
        {"window": 1e12},
        {"window": "72"},
        {"threshold": 1.5},
        {"threshold": "strict"},
        {"threshold": None},
        {"pairs_floor": -0.1},
        {"pairs_floor": "0.5"},
        {"bands": 0},
        {"rows": 2.5},
        {"permutations": 64},
        {"bucket_limit": "many"},
        {"seed": -1},
        {"seed": 1 << 32},
    ],
    ids=str,
)
def test_settings_that_cannot_be_used_are_refused_by_name_and_value(wrong):
    with pytest.raises(SettingError) as caught:
        Settings(**wrong)
    assert isinstance(caught.value, (DedupError, ValueError))
    (value,) = wrong.values()
    assert repr(caught.value.value) in (repr(value), "128")
    assert caught.value.setting in (*wrong, "bands × rows")


def test_the_longest_window_and_the_largest_seed_work():
    settings = Settings(window=1_000_000, seed=(1 << 32) - 1)
    assert dedup.find_duplicates(["خبر عن سيول", "خبر عن سيول"], settings=settings).headlines.height == 2


def test_a_fingerprint_tells_what_shapes_an_index_and_not_what_can_be_asked_of_it():
    own = fingerprint(Settings())
    assert fingerprint(Settings(threshold=0.9, pairs_floor=0.1)) == own
    others = {
        fingerprint(Settings(**change)) for change in ({"window": 48}, {"seed": 2}, {"bands": 16}, {"exact": True})
    }
    assert len(others | {own}) == 5

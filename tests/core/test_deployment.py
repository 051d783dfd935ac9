"""Kernels and imports work where dedup is deployed: read-only folders, no home, folders named as modules."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dedup.core import kernel_cache
from dedup.core.kernels import Kernel

PACKAGE = Path(__file__).parents[2] / "dedup"
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
"""Run as a user who owns nothing and may read all (the interpreter may lie in another user's home)."""
READ_ALL = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
as_nobody = pytest.mark.skipif(
    os.getuid() != 0 or not shutil.which("setpriv"), reason="only root can take another user's rights"
)
COMPILE = """
import sys, warnings
import numpy as np
from dedup.matching.blocking.word_pairs import mix
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    result = mix.compiled(np.uint64(5))
print(int(result), len(caught), *(str(warning.message)[:40] for warning in caught))
print(sum(mix.compiled.stats.cache_hits.values()), mix.compiled.stats.cache_path or "-")
"""


def run(code, folder, *prefix, **variables):
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **variables}
    command = [*prefix, sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=300)
    return done.stdout.splitlines()


def own_result():
    from dedup.matching.blocking.word_pairs import mix  # noqa: PLC0415 - it is compiled elsewhere

    return str(int(mix(np.uint64(5))))


@pytest.fixture
def installed(tmp_path):
    """A copy of the package without compiled kernels."""
    home = tmp_path / "site"
    shutil.copytree(PACKAGE, home / "dedup", ignore=shutil.ignore_patterns("__pycache__"))
    return home


@as_nobody
def test_without_a_writable_folder_kernels_compile_in_memory_with_one_warning(installed):
    result, stats = run(COMPILE, "/", *NOBODY, *READ_ALL, PYTHONPATH=str(installed), HOME="/nonexistent")
    assert result.split()[:2] == [own_result(), "1"]
    assert "cannot be kept" in result
    assert stats == "0 -"


@as_nobody
def test_kernels_compiled_at_installation_serve_a_user_who_cannot_write_there(installed, tmp_path):
    cache = tmp_path / "kernels"
    variables = {"PYTHONPATH": str(installed), "HOME": "/nonexistent", "DEDUP_CACHE": str(cache)}
    assert run(COMPILE, "/", **variables)[1].startswith("0 ")
    result, stats = run(COMPILE, "/", *NOBODY, *READ_ALL, **variables)
    assert result.split() == [own_result(), "0"]
    assert stats.startswith("1 ")
    assert str(cache) in stats


def test_damaged_compiled_code_is_compiled_again_and_replaced(installed, tmp_path):
    variables = {"PYTHONPATH": str(installed), "DEDUP_CACHE": str(tmp_path / "kernels"), "HOME": str(tmp_path)}
    run(COMPILE, "/", **variables)
    for file in (tmp_path / "kernels").rglob("*.nbi"):
        file.write_bytes(file.read_bytes()[:20])
    for hits in ("0 ", "1 "):
        result, stats = run(COMPILE, "/", **variables)
        assert result.split() == [own_result(), "0"]
        assert stats.startswith(hits)


def test_a_full_disk_costs_a_warning(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kernel_cache.caching.IndexDataCacheFile, "_save_index", full)
    monkeypatch.setattr(kernel_cache, "_warned", False)
    doubled = Kernel(_doubled)
    with pytest.warns(kernel_cache.KernelCacheWarning, match="No space left"):
        assert doubled.compiled(21.5) == 43.0


def _doubled(value):
    return 2 * value


OPTIONAL = ("coverage", "pandas", "pyarrow", "_winapi", "gevent", "cupy", "scipy", "colorama", "torch", "org", "altair")
USE = """
import dedup
from dedup.matching.blocking.word_pairs import mix
import numpy
mix.compiled(numpy.uint64(5))
result = dedup.find_duplicates(["حريق كبير في الميناء", "حريق كبير في الميناء"])
for format in ("parquet", "csv", "jsonl"):
    result.write("results", format=format)
import coverage
print(list(coverage.__path__))
"""


def test_no_folder_name_in_the_working_folder_breaks_libraries_and_own_folders_import(tmp_path):
    for name in OPTIONAL:
        (tmp_path / name).mkdir()
    [line] = run(USE, tmp_path, PYTHONPATH=str(PACKAGE.parent), HOME=os.environ.get("HOME", "/"))
    assert str(tmp_path / "coverage") in line

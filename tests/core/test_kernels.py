"""Kernels give the same bits in Python and compiled; threads keep order and errors."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dedup import Settings, find_duplicates
from dedup.core import kernels
from dedup.core.kernels import Kernel
from dedup.core.parallel import map_in_threads, prefetch

EVENTS = ("سيول جارفة تجتاح وادي السرو", "انهيار جسر النخيل", "افتتاح معرض الكتاب الرابع", "إضراب عمال المناجم")
TAILS = ("ومصرع 5 أشخاص", "ومصرع خمسة", "والحكومة تنفي", "مساء اليوم", "بعد ساعات من التحذير", "")


def headlines(count):
    dice = np.random.default_rng(4)
    dawn = datetime(2026, 5, 1, tzinfo=UTC)
    return pl.DataFrame(
        [
            {
                "title": f"{dice.choice(EVENTS)} {dice.choice(TAILS)} {dice.integers(9)}",
                "outlet": f"الصحيفة {dice.integers(4)}",
                "published": dawn + timedelta(minutes=int(dice.integers(6000))) if dice.random() < 0.9 else None,
            }
            for _ in range(count)
        ]
    )


def test_a_scan_gives_the_same_bits_compiled_and_in_python(monkeypatch):
    pairs = []
    for compiled in (False, True):
        monkeypatch.setattr(Kernel, "for_work", lambda self, _, c=compiled: self.compiled if c else self)
        pairs.append(find_duplicates(headlines(60), settings=Settings(pairs_floor=0.01)).pairs)
    assert len(pairs[0]) > 100
    assert_frame_equal(*pairs, check_exact=True)


def test_a_small_scan_compiles_nothing():
    code = "import dedup, sys; dedup.find_duplicates(['سيول', 'سيول جارفة']); print('numba' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_kernels_load_numba_without_scipy_which_other_functions_find():
    code = """
import sys
import numpy as np
from dedup.matching.evidence.meaning import fill_products
values, row, product = np.ones((1, 4), np.int8), np.zeros(1, np.int32), np.zeros(1, np.int32)
fill_products.compiled(values, row, row, product)
print(product[0], "scipy.linalg" in sys.modules)
import numba
dot = numba.njit(lambda left, right: np.dot(left, right))
print(dot(np.eye(2), np.ones(2)), "scipy.linalg" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["4 False", "[1. 1.] True"]


def test_a_small_call_is_not_compiled(monkeypatch):
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    monkeypatch.setattr(Kernel, "python_work", 0)
    doubled = Kernel(lambda value: 2 * value)
    assert doubled.for_work(kernels.COMPILE_CALL_FROM - 1)(4) == 8
    assert "numba" not in sys.modules


def test_many_small_calls_are_compiled(monkeypatch):
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    monkeypatch.setattr(Kernel, "python_work", kernels.COMPILE_TOTAL_FROM - 20)
    monkeypatch.setattr(Kernel, "compiled", "compiled")
    doubled = Kernel(lambda value: 2 * value)
    assert [doubled.for_work(10) for _ in range(3)] == [doubled, "compiled", "compiled"]


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_threads_return_results_in_order(count):
    assert map_in_threads(lambda part: part * part, range(count)) == [part * part for part in range(count)]


def test_an_error_in_a_thread_is_raised():
    with pytest.raises(ZeroDivisionError):
        map_in_threads(lambda part: 1 // part, [1, 0, 2])


def test_cached_code_is_dropped_when_a_called_kernel_changes(tmp_path):
    kernel_of = "from dedup.core.kernels import Kernel\n\n\n@Kernel\ndef {}(number):\n    return {}\n"
    (tmp_path / "caller.py").write_text("from called import step\n" + kernel_of.format("run", "step(number)"), "utf-8")
    results = []
    for change in ("number + 1", "number - 1"):
        (tmp_path / "called.py").write_text(kernel_of.format("step", change), "utf-8")
        command = [sys.executable, "-B", "-c", "from caller import run; print(run.compiled(10))"]
        results.append(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip())
    assert results == ["11", "9"]


def test_a_cached_kernel_is_compiled_again_when_an_imported_constant_changes(tmp_path):
    imports = "from constants import STEP\nfrom dedup.core.kernels import Kernel\n"
    kernel = f"{imports}\n\n@Kernel\ndef run(number):\n    return number + STEP\n"
    (tmp_path / "caller.py").write_text(kernel, "utf-8")
    answers = []
    for step in ("1", "5"):
        (tmp_path / "constants.py").write_text(f"STEP = {step}\n", "utf-8")
        script = [sys.executable, "-B", "-c", "from caller import run; print(run.compiled(10))"]
        answers.append(subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip())
    assert answers == ["11", "15"]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_prefetched_items_come_in_order_and_one_at_a_time(count):
    made = []
    items = (made.append(item) or item for item in range(count))
    for position, item in enumerate(prefetch(items)):
        assert item == position
        assert len(made) <= position + 2
    assert made == list(range(count))


def test_an_error_of_a_prefetched_item_is_raised():
    def items():
        yield 1
        raise ZeroDivisionError

    prefetched = prefetch(items())
    assert next(prefetched) == 1
    with pytest.raises(ZeroDivisionError):
        next(prefetched)

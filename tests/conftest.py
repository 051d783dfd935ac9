"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Time is no property of the code here: two runs of one example differ by a factor of four on a busy machine.
settings.register_profile("dedup", deadline=None)
settings.load_profile("dedup")


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real corpora, labels and feeds; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("DEDUP_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder} (set DEDUP_DATA)")
    return folder

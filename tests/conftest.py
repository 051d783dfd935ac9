"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real corpora, labels and feeds; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("DEDUP_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder} (set DEDUP_DATA)")
    return folder
